//! Base64, and keys of JSON patches.

use base64::Engine as _;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::{Called, Val};
use crate::cel::Error;

/// Reads base64 with and without the padding, as cel-go does.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent),
);

/// What base64 stands for.
pub(in crate::cel) fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let text: String = text.chars().filter(|it| !matches!(it, '\n' | '\r')).collect();
    LENIENT.decode(text).map_err(|_| Error::failed("illegal base64 data"))
}

pub(super) fn call(name: &str, value: &Val) -> Called {
    Ok(Some(match (name, value) {
        ("base64.encode", Val::Bytes(it)) => Val::string(STANDARD.encode(it)),
        ("base64.decode", Val::Str(it)) => Val::Bytes(decode(it)?.into()),
        ("jsonpatch.escapeKey", Val::Str(it)) => Val::string(it.replace('~', "~0").replace('/', "~1")),
        _ => return Ok(None),
    }))
}
