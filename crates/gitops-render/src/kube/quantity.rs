//! Quantities as Kubernetes reads them: `500m`, `2`, `1.5Gi`, `1e3`.

/// Suffixes that follow a number.
const SUFFIXES: [&str; 16] =
    ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Whether this is a quantity.
pub fn is_quantity(text: &str) -> bool {
    let (number, suffix) = split(text);
    is_number(number) && (SUFFIXES.contains(&suffix) || is_exponent(suffix))
}

/// Whether this is a quantity below zero.
pub fn is_negative(text: &str) -> bool {
    text.starts_with('-') && text.bytes().any(|it| matches!(it, b'1'..=b'9'))
}

/// The quantity that is most likely meant by something that is none: `512Mib` means `512Mi`.
pub fn meant(text: &str) -> Option<String> {
    let (number, suffix) = split(text.trim());
    let suffix = suffix.trim_start();
    // `MB` is as often meant in powers of two as of ten: the notation that is there is kept.
    let lower = suffix.to_ascii_lowercase();
    let stem = lower.strip_suffix("bytes").or(lower.strip_suffix('b')).unwrap_or(&lower);
    let suffix = SUFFIXES.iter().skip(4).find(|it| it.eq_ignore_ascii_case(stem))?;
    is_number(number).then(|| format!("{number}{suffix}"))
}

/// The number and what follows it.
fn split(text: &str) -> (&str, &str) {
    let signed = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = signed.bytes().take_while(|it| it.is_ascii_digit() || *it == b'.').count();
    text.split_at(text.len() - signed.len() + digits)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.bytes().any(|it| it.is_ascii_digit()) && digits.bytes().filter(|it| *it == b'.').count() <= 1
}

fn is_exponent(suffix: &str) -> bool {
    let Some(exponent) = suffix.strip_prefix(['e', 'E']) else { return false };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_a_number_and_a_suffix() {
        for text in ["0", "500m", "1.5Gi", ".5", "5.", "+1", "-1", "1e3", "1E-3", "1E", "12Ki", "1k"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "lots", "512Mib", "1 Gi", "1.2.3", "1K", "1KB", "Gi", "-", ".", "1e", "1e+", "0x10"]
        {
            assert!(!is_quantity(text), "{text}");
        }
    }

    #[test]
    fn what_is_meant_by_a_slip_is_told() {
        for (text, expected) in [
            ("512Mib", Some("512Mi")),
            ("512MB", Some("512M")),
            ("1 gi", Some("1Gi")),
            ("1K", Some("1k")),
            ("1KiB", Some("1Ki")),
            ("lots", None),
            ("1x", None),
        ] {
            assert_eq!(meant(text).as_deref(), expected, "{text}");
        }
    }
}
