//! Base64: what texts of the format `byte` stand for.

use base64::Engine as _;
use base64::engine::DecodePaddingMode::Indifferent;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::cel::Error;

/// Reads base64 with and without the padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(Indifferent),
);

/// What base64 stands for.
pub(in crate::cel) fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let text: String = text.chars().filter(|it| !matches!(it, '\n' | '\r')).collect();
    LENIENT.decode(text).map_err(|_| Error::failed("illegal base64 data"))
}
