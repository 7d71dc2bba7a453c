//! Unions of the forms that real definitions have: one mistake is one finding.

use super::{check, defined};

/// Messages with their places, of what is found in `spec: VALUE`, if a definition has this schema for it.
fn in_spec(schema: &str, value: &str) -> Vec<String> {
    let schema = format!("{{type: object, properties: {{spec: {{type: object, {schema}}}}}}}");
    let found = check(&defined(&schema, &format!("spec: {value}")));
    found.into_iter().map(|it| format!("{}: {}", it.pointer.unwrap(), it.message)).collect()
}

#[track_caller]
fn finds(schema: &str, cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        let expected: Vec<&str> = Some(*expected).filter(|it| !it.is_empty()).into_iter().collect();
        assert_eq!(in_spec(schema, value), expected, "{schema} {value}");
    }
}

const NEITHER: &str = "/spec: `spec` has neither `b` nor `c`";
const BOTH: &str = "/spec/c: `spec` has `b` and `c`, but only one of them is allowed";

#[test]
fn one_of_several_fields() {
    let schema = "properties: {b: {type: string}, c: {type: string}, d: {type: integer}}";
    finds(
        &format!("{schema}, oneOf: [{{required: [b]}}, {{required: [c]}}]"),
        &[
            ("{b: x}", ""),
            ("{}", NEITHER),
            ("{b: x, c: y}", BOTH),
            ("{b: 1}", "/spec/b: `b` is 1, but a string is wanted"),
        ],
    );
    finds(
        &format!("{schema}, anyOf: [{{required: [b]}}, {{required: [c]}}]"),
        &[("{b: x, c: y}", ""), ("{}", NEITHER)],
    );
    finds(
        &format!("{schema}, not: {{required: [b, c]}}"),
        &[("{b: x}", ""), ("{b: x, c: y}", "/spec/c: `spec` must not have `b` together with `c`")],
    );
    finds(
        &format!("{schema}, not: {{anyOf: [{{required: [b]}}, {{required: [c]}}]}}"),
        &[("{d: 1}", ""), ("{c: x}", "/spec/c: `spec` must not have `c`")],
    );
}

/// Two mistakes are two findings.
#[test]
fn two_unions_about_one_mapping() {
    let schema = "properties: {b: {type: string}, c: {type: string}, e: {type: string}, f: {type: string}}, \
                  allOf: [{oneOf: [{required: [b]}, {required: [c]}]}, {oneOf: [{required: [e]}, {required: [f]}]}]";
    finds(
        schema,
        &[
            ("{b: x, e: x}", ""),
            ("{b: x}", "/spec: `spec` has neither `e` nor `f`"),
            ("{b: x, c: y, e: z}", BOTH),
            ("{b: x, e: y, f: z}", "/spec/f: `spec` has `e` and `f`, but only one of them is allowed"),
        ],
    );
    assert_eq!(in_spec(schema, "{}").len(), 2);
}

/// As Istio has it: none or one.
#[test]
fn at_most_one_of_several_fields() {
    let union = |a: &str, b: &str| {
        let none = format!("{{not: {{anyOf: [{{required: [{a}]}}, {{required: [{b}]}}]}}}}");
        format!("oneOf: [{none}, {{required: [{a}]}}, {{required: [{b}]}}]")
    };
    let inner = format!(
        "{{type: object, {}, properties: {{e: {{type: string}}, f: {{type: string}}}}}}",
        union("e", "f")
    );
    let schema = format!("{}, properties: {{b: {{type: string}}, c: {inner}}}", union("b", "c"));
    finds(
        &schema,
        &[
            ("{}", ""),
            ("{c: {e: x}}", ""),
            ("{b: x, c: {}}", BOTH),
            ("{c: {e: x, f: y}}", "/spec/c/f: `spec.c` has `e` and `f`, but only one of them is allowed"),
            ("{c: {e: 1}}", "/spec/c/e: `e` is 1, but a string is wanted"),
        ],
    );
}

/// A field says which other field there must be.
#[test]
fn a_union_with_a_field_that_tells_its_members_apart() {
    let members = "oneOf: [{properties: {type: {enum: [B]}}, required: [b]}, {properties: {type: {enum: [C]}}, required: [c]}]";
    let fields = |of_type: &str| {
        format!(
            "required: [type], properties: {{type: {{type: string{of_type}}}, b: {{type: object, required: [x], \
             properties: {{x: {{type: integer}}}}}}, c: {{type: object}}}}, {members}"
        )
    };
    for schema in [fields(", enum: [B, C]"), fields("")] {
        finds(
            &schema,
            &[
                ("{type: C, c: {}}", ""),
                ("{}", "/spec: `type` is missing in `spec`"),
                ("{b: {x: 1}}", "/spec: `type` is missing in `spec`"),
                ("{type: D}", "/spec/type: `type` is \"D\", but `B` or `C` is wanted"),
                ("{type: b, b: {x: 1}}", "/spec/type: `type` is \"b\", but `B` or `C` is wanted"),
                ("{type: B}", "/spec: `b` is missing in `spec`"),
                ("{type: B, c: {}}", "/spec: `b` is missing in `spec`"),
                ("{type: B, b: {}}", "/spec/b: `x` is missing in `spec.b`"),
                ("{type: 1, b: {x: 1}}", "/spec/type: `type` is 1, but a string is wanted"),
            ],
        );
    }
}

#[test]
fn unions_in_unions() {
    let schema = "properties: {b: {type: string}, c: {type: string}, e: {type: string}}, \
                  oneOf: [{required: [b], not: {required: [c]}}, {required: [c], anyOf: [{required: [e]}, {required: [b]}]}]";
    finds(
        schema,
        &[
            ("{b: x}", ""),
            ("{}", "/spec: `b` is missing in `spec`"),
            ("{c: x}", "/spec: `spec` has neither `e` nor `b`"),
            ("{e: x}", NEITHER),
        ],
    );
}

#[test]
fn values_of_several_forms() {
    let value = |schema: &str| format!("properties: {{b: {{{schema}}}}}");
    let wants = |what: &str| format!("/spec/b: `b` is \"z\", but {what} is wanted");
    for (schema, what) in [
        ("type: string, anyOf: [{pattern: '^a$'}, {pattern: '^b$'}]", "a match of `^a$` or a match of `^b$`"),
        ("type: string, anyOf: [{enum: [x, y]}, {pattern: '^a$'}]", "`x`, `y` or a match of `^a$`"),
        ("type: string, oneOf: [{format: ipv4}, {format: ipv6}]", "an IPv4 address or an IPv6 address"),
        ("type: string, oneOf: [{enum: [x]}, {enum: [y]}]", "`x` or `y`"),
    ] {
        finds(&value(schema), &[("{b: z}", &wants(what))]);
    }
    let mixed = "x-kubernetes-preserve-unknown-fields: true, oneOf: [{type: string, enum: [x, y]}, {type: object, required: [k]}, {type: array}]";
    finds(
        &value(mixed),
        &[
            ("{b: x}", ""),
            ("{b: z}", &wants("`x` or `y`")),
            ("{b: {}}", "/spec/b: `k` is missing in `spec.b`"),
            ("{b: 1}", "/spec/b: `b` is 1, but a list, a mapping or a string is wanted"),
        ],
    );
    let number_or_text = "x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]";
    finds(
        &value(number_or_text),
        &[("{b: {}}", "/spec/b: `b` is a mapping, but an integer or a string is wanted")],
    );
}
