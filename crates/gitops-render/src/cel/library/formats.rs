//! Named formats: `format.dns1123Label().validate(text)`.

use super::{Called, Val, time};
use crate::cel::Meter;
use crate::kube::names;

pub(super) const SIGNATURES: &str = "
format.named string -> optional<kubernetes.NamedFormat>
format.dns1123Label -> kubernetes.NamedFormat
format.dns1123Subdomain -> kubernetes.NamedFormat
format.dns1035Label -> kubernetes.NamedFormat
format.qualifiedName -> kubernetes.NamedFormat
format.dns1123LabelPrefix -> kubernetes.NamedFormat
format.dns1123SubdomainPrefix -> kubernetes.NamedFormat
format.dns1035LabelPrefix -> kubernetes.NamedFormat
format.labelValue -> kubernetes.NamedFormat
format.uri -> kubernetes.NamedFormat
format.uuid -> kubernetes.NamedFormat
format.byte -> kubernetes.NamedFormat
format.date -> kubernetes.NamedFormat
format.datetime -> kubernetes.NamedFormat
.validate kubernetes.NamedFormat string -> optional<list<string>>
";

const NAMES: [&str; 13] = [
    "dns1123Label",
    "dns1123Subdomain",
    "dns1035Label",
    "qualifiedName",
    "dns1123LabelPrefix",
    "dns1123SubdomainPrefix",
    "dns1035LabelPrefix",
    "labelValue",
    "uri",
    "uuid",
    "byte",
    "date",
    "datetime",
];

pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Called {
    let known = |name: &str| NAMES.iter().find(|it| **it == name).map(|it| Val::Format(it));
    Ok(Some(match (name, args) {
        ("format.named", [Val::Str(it)]) => Val::Optional(known(it).map(Into::into)),
        ("validate", [Val::Format(format), Val::Str(text)]) => {
            meter.spend_bytes(text.len().saturating_mul(4))?;
            match wrong(format, text) {
                Some(it) => Val::some(Val::list(vec![Val::string(it)])),
                None => Val::Optional(None),
            }
        }
        (name, []) => match name.strip_prefix("format.").and_then(known) {
            Some(it) => it,
            None => return Ok(None),
        },
        _ => return Ok(None),
    }))
}

/// What is wrong with a text in a format.
fn wrong(format: &str, text: &str) -> Option<String> {
    let is_not = |what: &str, is_fine: bool| (!is_fine).then(|| format!("is no {what}"));
    // A prefix may end with a dash: what follows it is not here yet.
    let padded = || match text.strip_suffix('-') {
        Some(it) => format!("{it}a"),
        None => text.to_owned(),
    };
    match format {
        "dns1123Label" => names::dns_label(text),
        "dns1123Subdomain" => names::dns_subdomain(text),
        "dns1035Label" => names::dns_1035_label(text),
        "dns1123LabelPrefix" => names::dns_label(&padded()),
        "dns1123SubdomainPrefix" => names::dns_subdomain(&padded()),
        "dns1035LabelPrefix" => names::dns_1035_label(&padded()),
        "qualifiedName" => names::qualified_name(text),
        "labelValue" => names::label_value(text),
        "uri" => is_not(
            "URI",
            matches!(super::call("isURL", &[Val::string(text)], &Meter::new(u64::MAX)), Ok(Val::Bool(true))),
        ),
        "uuid" => is_not("UUID", is_uuid(text)),
        "byte" => is_not("base64", super::encoders::decode(text).is_ok()),
        "date" => is_not("date", time::date(text).is_some()),
        "datetime" => is_not("date and time", time::timestamp(text).is_some()),
        _ => None,
    }
}

fn is_uuid(text: &str) -> bool {
    let digits: String = text.chars().filter(|it| *it != '-').collect();
    digits.len() == 32 && digits.bytes().all(|it| it.is_ascii_hexdigit())
}
