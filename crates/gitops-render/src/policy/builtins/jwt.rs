//! JSON web tokens: taken apart, and verified where a shared key suffices.

use regorus::Value as Rego;

use super::crypto::{sign_sha256, sign_sha384, sign_sha512};
use super::encoding::{decode_url, hex};
use super::{Outcome, Stop, array, strings};

/// The three parts of a token, as they are written.
fn parts(token: &str) -> Option<[&str; 3]> {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().ok()
}

fn object(part: &str) -> Option<Rego> {
    let json = String::from_utf8(decode_url(part)?).ok()?;
    Rego::from_json_str(&json).ok().filter(|it| matches!(it, Rego::Object(_)))
}

/// The header, the claims and the signature. Nothing is verified.
pub(super) fn decode(args: &[Rego]) -> Outcome {
    let Some([token]) = strings(args) else { return Ok(Rego::Undefined) };
    let Some([header, claims, signature]) = parts(token) else { return Ok(Rego::Undefined) };
    let Some(header) = object(header) else { return Ok(Rego::Undefined) };
    if header["cty"] != Rego::Undefined {
        return Err(Stop("a token inside of a token is not supported".to_owned()));
    }
    let (Some(claims), Some(signature)) = (object(claims), decode_url(signature)) else {
        return Ok(Rego::Undefined);
    };
    Ok(array(vec![header, claims, hex(&signature).into()]))
}

fn verify(args: &[Rego], sign: fn(&[u8], &[u8]) -> Vec<u8>) -> Outcome {
    let Some([token, key]) = strings(args) else { return Ok(Rego::Undefined) };
    let Some([header, claims, signature]) = parts(token) else { return Ok(Rego::Undefined) };
    let Some(signature) = decode_url(signature) else { return Ok(Rego::Undefined) };
    if object(header).is_none() {
        return Ok(Rego::Undefined);
    }
    let message = format!("{header}.{claims}");
    Ok((sign(message.as_bytes(), key.as_bytes()) == signature).into())
}

pub(super) fn verify_hs256(args: &[Rego]) -> Outcome {
    verify(args, sign_sha256)
}

pub(super) fn verify_hs384(args: &[Rego]) -> Outcome {
    verify(args, sign_sha384)
}

pub(super) fn verify_hs512(args: &[Rego]) -> Outcome {
    verify(args, sign_sha512)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_apart_and_verified() {
        // The example of RFC 7515, appendix A.1, with its key as text that is no secret.
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
        let decoded = decode(&[token.into()]).unwrap();
        assert_eq!(decoded[0]["alg"], "HS256".into());
        assert_eq!(decoded[1]["name"], "John Doe".into());
        assert_eq!(verify_hs256(&[token.into(), "your-256-bit-secret".into()]).unwrap(), true.into());
        assert_eq!(verify_hs256(&[token.into(), "another".into()]).unwrap(), false.into());
        assert_eq!(decode(&["a.b".into()]).unwrap(), Rego::Undefined);
    }
}
