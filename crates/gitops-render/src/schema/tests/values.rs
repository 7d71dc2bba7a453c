//! Single values against the schemas that CustomResourceDefinitions and Kubernetes have for them.

use super::{check, defined};

/// What is found in `a: VALUE`, as `code: message`, if a definition has this schema for it.
fn in_definition(schema: &str, value: &str) -> Vec<String> {
    let schema = format!("{{type: object, properties: {{a: {schema}}}}}");
    let found = check(&defined(&schema, &format!("a: {value}")));
    found.into_iter().map(|it| format!("{}: {}", it.rule.code, it.message)).collect()
}

/// Each value with what is found in it; nothing if it is empty.
#[track_caller]
fn finds(schema: &str, cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        let expected: Vec<&str> = Some(*expected).filter(|it| !it.is_empty()).into_iter().collect();
        assert_eq!(in_definition(schema, value), expected, "{schema} {value}");
    }
}

#[test]
fn formats_of_text_are_those_that_the_api_server_checks() {
    let text = |format: &str| format!("{{type: string, format: {format}}}");
    finds(
        &text("date-time"),
        &[
            ("2025-01-31T12:00:00Z", ""),
            ("'2025-01-31T12:00:00+01:00'", ""),
            ("${TIME}", ""),
            ("null", ""),
            ("soon", "SCH006: `a` is \"soon\", but a time is wanted"),
            ("'2025-01-31'", "SCH006: `a` is \"2025-01-31\", but a time is wanted"),
        ],
    );
    finds(
        &text("date"),
        &[("'2025-01-31'", ""), ("2025-01-32", "SCH006: `a` is \"2025-01-32\", but a date is wanted")],
    );
    finds(
        &text("duration"),
        &[
            ("1h30m", ""),
            ("10 minutes", ""),
            ("soon", "SCH006: `a` is \"soon\", but a duration is wanted"),
            ("10", "SCH001: `a` is 10, but a string is wanted"),
        ],
    );
    finds(&text("byte"), &[("YQ==", ""), ("'a b'", "SCH006: `a` is \"a b\", but base64 is wanted")]);
    finds(&text("uri"), &[("https://a.b", ""), ("a b", "SCH006: `a` is \"a b\", but a URI is wanted")]);
    finds(
        &text("ipv4"),
        &[("10.0.0.1", ""), ("'::1'", "SCH006: `a` is \"::1\", but an IPv4 address is wanted")],
    );
    // The API server has never heard of these, and takes anything.
    for format in
        ["quantity", "iri", "time", "regex", "json-pointer", "password", "int-or-string", "whatever"]
    {
        finds(&text(format), &[("'[ x'", "")]);
    }
}

#[test]
fn integers_have_the_size_that_they_are_said_to_have() {
    finds(
        "{type: integer, format: int32}",
        &[
            ("2147483647", ""),
            ("-2147483648", ""),
            ("1.0", ""),
            ("1e3", ""),
            ("2147483648", "SCH001: `a` is 2147483648, but at most 2147483647 (32 bits) is allowed"),
            ("1.5", "SCH001: `a` is 1.5, but an integer is wanted"),
            ("'1'", "SCH001: `a` is \"1\", but an integer is wanted"),
        ],
    );
    for schema in ["{type: integer, format: int64}", "{type: integer}"] {
        finds(
            schema,
            &[
                ("9223372036854775807", ""),
                ("-9223372036854775808", ""),
                (
                    "9223372036854775808",
                    "SCH001: `a` is 9223372036854775808, but at most 64 bits are allowed",
                ),
                ("1e30", "SCH001: `a` is 1e30, but at most 64 bits are allowed"),
            ],
        );
    }
    finds("{type: integer, minimum: 1}", &[("0", "SCH001: `a` is 0, but at least 1 is wanted")]);
    for format in ["double", "float"] {
        let schema = format!("{{type: number, format: {format}}}");
        finds(
            &schema,
            &[("1", ""), ("1.5", ""), ("1e300", ""), ("x", "SCH001: `a` is \"x\", but a number is wanted")],
        );
    }
}

#[test]
fn the_keywords_of_kubernetes_are_heeded() {
    let anything = "{x-kubernetes-preserve-unknown-fields: true}";
    finds(anything, &[("{b: [1, {c: null}]}", ""), ("7", "")]);
    finds(
        "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {b: {type: integer}}}",
        &[("{c: 1}", ""), ("{b: x}", "SCH001: `b` is \"x\", but an integer is wanted")],
    );
    finds(
        "{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}], pattern: '^[0-9]+%?$'}",
        &[
            ("1", ""),
            ("10%", ""),
            ("10737418240", ""),
            ("ten", "SCH001: `a` is \"ten\", but it must match `^[0-9]+%?$`"),
            ("true", "SCH001: `a` is true, but an integer or a string is wanted"),
        ],
    );
    finds(
        "{type: string, nullable: true}",
        &[("null", ""), ("1", "SCH001: `a` is 1, but a string is wanted")],
    );
    finds("{type: object, additionalProperties: {type: string, nullable: true}}", &[("{b: null, c: d}", "")]);
    finds(
        "{type: object, additionalProperties: {type: integer}}",
        &[("{b: 1}", ""), ("{b: x}", "SCH001: `b` is \"x\", but an integer is wanted")],
    );
    finds("{type: object, additionalProperties: true}", &[("{b: 1}", "")]);
    finds("{type: object}", &[("{}", ""), ("{b: 1}", "SCH002: there is no field `b` in `a`")]);
    finds(
        "{type: array, items: {type: string}}",
        &[("[b]", ""), ("[null]", "SCH001: `a[0]` is null, but a string is wanted")],
    );
    finds("{type: array, items: {type: string, nullable: true}}", &[("[null]", "")]);
}

#[test]
fn sets_and_keyed_lists_hold_an_item_once() {
    let set = "{type: array, x-kubernetes-list-type: set, items: {type: string}}";
    finds(
        set,
        &[("[b, c]", ""), ("['1', b, '1']", "SCH008: \"1\" is there twice"), ("['${A}', '${A}']", "")],
    );
    let map = "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [port, protocol], items: {type: object, \
               properties: {port: {type: integer}, protocol: {type: string, default: TCP}}}}";
    finds(
        map,
        &[
            ("[{port: 1}, {port: 2}, {port: 1, protocol: UDP}]", ""),
            ("[{port: 1}, {port: 1, protocol: TCP}]", "SCH008: the item `1/TCP` is there twice"),
        ],
    );
    let nested = format!("{{type: object, additionalProperties: {{type: array, items: {set}}}}}");
    finds(&nested, &[("{b: [[c], [c, c]]}", "SCH008: \"c\" is there twice")]);
    let atomic = "{type: array, x-kubernetes-list-type: atomic, items: {type: string}}";
    finds(atomic, &[("[b, b]", "")]);
}

#[test]
fn an_embedded_object_is_an_object() {
    let schema =
        "{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}";
    finds(
        schema,
        &[
            ("{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {b: c}}, spec: {anything: 1}}", ""),
            ("{apiVersion: v1, metadata: {name: a}}", "SCH001: `kind` is missing in `a`"),
            (
                "{apiVersion: v1, kind: Pod, metadata: {nmae: a}}",
                "SCH002: there is no field `nmae` in `a.metadata`",
            ),
        ],
    );
    let closed = "{type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}";
    finds(closed, &[("{apiVersion: v1, kind: A, data: {}}", "SCH002: there is no field `data` in `a`")]);
}

#[test]
fn values_of_kubernetes_own_kinds_are_read_as_the_api_server_reads_them() {
    let metadata = "apiVersion: v1\nmetadata: {name: a}\n";
    let claim = |storage: &str| {
        format!(
            "{metadata}kind: PersistentVolumeClaim\nspec: {{resources: {{requests: {{storage: {storage}}}}}}}"
        )
    };
    let secret = |data: &str| format!("{metadata}kind: Secret\ndata: {{a: {data}}}");
    let service =
        |port: &str| format!("{metadata}kind: Service\nspec: {{ports: [{{port: 1, targetPort: {port}}}]}}");
    for (yaml, expected) in [
        (claim("1Gi"), ""),
        (claim("1"), ""),
        (claim("1.5"), ""),
        (claim("${SIZE}"), ""),
        (claim("1GB"), "SCH006: `storage` is \"1GB\", but a quantity is wanted"),
        (claim("[1]"), "SCH001: `requests.storage` is a list, but a number or a string is wanted"),
        (secret("YQ=="), ""),
        (secret(r#""YWJj\nYQ==""#), ""),
        (secret("ENC[AES256_GCM,data:x]"), ""),
        (secret("plain text"), "SCH006: `data.a` is a string, but base64 is wanted"),
        (service("http"), ""),
        (service("'80'"), ""),
        (
            service("9999999999"),
            "SCH001: `targetPort` is 9999999999, but at most 2147483647 (32 bits) is allowed",
        ),
        (service("1.5"), "SCH001: `targetPort` is 1.5, but an integer or a string is wanted"),
        (
            format!("{metadata}kind: ConfigMap\nimmutable: yes"),
            "YML003: some tools take \"yes\" for text, but `immutable` wants a boolean",
        ),
    ] {
        let found = check(&yaml).into_iter().map(|it| format!("{}: {}", it.rule.code, it.message));
        let found: Vec<String> = found.collect();
        let expected: Vec<&str> = Some(expected).filter(|it| !it.is_empty()).into_iter().collect();
        assert_eq!(found, expected, "{yaml}");
    }
}

#[test]
fn durations_of_custom_resources_are_read_as_their_programs_read_them() {
    let flux = |interval: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a}}\nspec: {{interval: {interval}, prune: true, sourceRef: {{kind: GitRepository, name: b}}}}"
        )
    };
    let monitor = |interval: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {{name: a}}\nspec: {{selector: {{}}, endpoints: [{{interval: {interval}}}]}}"
        )
    };
    for yaml in [flux("10m0s"), flux("${INTERVAL}"), monitor("30s"), monitor("1d"), monitor("\"\"")] {
        assert!(check(&yaml).is_empty(), "{yaml} {:?}", check(&yaml));
    }
    for yaml in [flux("1d"), flux("10 minutes"), monitor("30 seconds"), monitor("1.5h")] {
        let found = check(&yaml);
        assert_eq!(found[0].rule.code, "SCH006", "{yaml}");
        assert!(found[0].message.ends_with("but a duration is wanted"), "{yaml}");
    }
}

#[test]
fn what_custom_resources_request_is_a_quantity() {
    let prometheus = |memory: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: a}}\nspec: {{resources: {{requests: {{memory: {memory}}}}}}}"
        )
    };
    assert!(check(&prometheus("400Mi")).is_empty());
    assert!(check(&prometheus("400")).is_empty());
    let found = check(&prometheus("400Mib"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, "`memory` is \"400Mib\", but a quantity is wanted");
}
