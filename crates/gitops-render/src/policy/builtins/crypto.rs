//! Digests, and messages signed with a shared key.

use hmac::{Hmac, Mac};
use md5::Md5;
use regorus::Value as Rego;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::encoding::hex;
use super::{Outcome, strings};

fn digest<D: Digest>(args: &[Rego]) -> Outcome {
    Ok(strings(args).map_or(Rego::Undefined, |[it]| hex(&D::digest(it)).into()))
}

pub(super) fn md5(args: &[Rego]) -> Outcome {
    digest::<Md5>(args)
}

pub(super) fn sha1(args: &[Rego]) -> Outcome {
    digest::<Sha1>(args)
}

pub(super) fn sha256(args: &[Rego]) -> Outcome {
    digest::<Sha256>(args)
}

/// The signature of a message. A key may have any length.
fn sign<M: Mac + hmac::digest::KeyInit>(message: &[u8], key: &[u8]) -> Vec<u8> {
    <M as Mac>::new_from_slice(key)
        .map(|it| it.chain_update(message).finalize().into_bytes().to_vec())
        .unwrap_or_default()
}

fn signed(args: &[Rego], sign: fn(&[u8], &[u8]) -> Vec<u8>) -> Outcome {
    let signed = |[message, key]: [&str; 2]| hex(&sign(message.as_bytes(), key.as_bytes())).into();
    Ok(strings(args).map_or(Rego::Undefined, signed))
}

pub(super) fn hmac_md5(args: &[Rego]) -> Outcome {
    signed(args, sign::<Hmac<Md5>>)
}

pub(super) fn hmac_sha1(args: &[Rego]) -> Outcome {
    signed(args, sign::<Hmac<Sha1>>)
}

pub(super) fn hmac_sha256(args: &[Rego]) -> Outcome {
    signed(args, sign_sha256)
}

pub(super) fn hmac_sha512(args: &[Rego]) -> Outcome {
    signed(args, sign_sha512)
}

pub(super) fn sign_sha256(message: &[u8], key: &[u8]) -> Vec<u8> {
    sign::<Hmac<Sha256>>(message, key)
}

pub(super) fn sign_sha384(message: &[u8], key: &[u8]) -> Vec<u8> {
    sign::<Hmac<Sha384>>(message, key)
}

pub(super) fn sign_sha512(message: &[u8], key: &[u8]) -> Vec<u8> {
    sign::<Hmac<Sha512>>(message, key)
}

pub(super) fn hmac_equal(args: &[Rego]) -> Outcome {
    Ok(strings(args).map_or(Rego::Undefined, |[a, b]| (a == b).into()))
}
