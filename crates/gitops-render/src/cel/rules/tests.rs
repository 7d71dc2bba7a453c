//! Schemas in the manner of well-known definitions, and objects that keep their rules or do not.

use super::super::defaults::defaulted;
use super::*;
use crate::source::{MemoryTree, RepoPath};
use crate::sources::Sources;

/// The documents of a text.
pub(super) fn nodes(yaml: &str) -> Vec<Node> {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", yaml);
    let sources = Sources::new(&tree);
    sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap().yaml().documents.clone()
}

/// What each object breaks, as lines of a place and a message; the first document is the schema.
fn check(yaml: &str) -> Vec<String> {
    let documents = nodes(yaml);
    let (schema, objects) = documents.split_first().unwrap();
    let mut defects = vec![];
    let rules = compile(schema, &mut defects).unwrap();
    assert!(defects.is_empty(), "{defects:?}");
    let told = |it: &Node| {
        let object = defaulted(it, schema);
        let found = rules.violations(&object, &|_| false);
        let lines = found.iter().map(|it| format!("{} {}", it.pointer, said(&it.what)));
        lines.collect::<Vec<_>>().join("; ")
    };
    objects.iter().map(told).collect()
}

pub(super) fn said(what: &Outcome) -> String {
    match what {
        Outcome::Broken(it) => it.clone(),
        Outcome::Failed(it) => format!("failed: {it}"),
        Outcome::GivenUp(it) => format!("given up: {it}"),
    }
}

/// The mistakes in a schema, as lines of a place, a byte and a message.
fn defects(yaml: &str) -> Vec<String> {
    let mut defects = vec![];
    compile(&nodes(yaml)[0], &mut defects);
    defects.iter().map(|it| format!("{} {} {}", it.pointer, it.at, it.message)).collect()
}

#[test]
fn a_gateway_keeps_the_rules_about_its_listeners_and_filters() {
    let found = check(
        "
type: object
properties:
  spec:
    type: object
    properties:
      listeners:
        type: array
        x-kubernetes-list-type: map
        x-kubernetes-list-map-keys: [name]
        x-kubernetes-validations:
        - rule: \"self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)\"
          message: tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']
        - rule: \"self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)\"
          message: tls mode must be Terminate for protocol HTTPS
        - rule: self.all(l1, self.exists_one(l2, l1.name == l2.name))
          message: Listener name must be unique within the Gateway
        - rule: \"self.all(l1, self.exists_one(l2, l1.port == l2.port && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))\"
          message: Combination of port and hostname must be unique
        items:
          type: object
          properties:
            name: {type: string}
            hostname: {type: string}
            port: {type: integer, format: int32}
            protocol: {type: string}
            tls: {type: object, properties: {mode: {type: string, default: Terminate}}}
      rules:
        type: array
        items:
          type: object
          x-kubernetes-validations:
          - rule: \"(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))) : true\"
            message: RequestRedirect filter must not be used together with backendRefs
          - rule: \"!has(self.filters) || self.filters.filter(f, f.type == 'RequestRedirect').size() <= 1\"
            message: RequestRedirect filter cannot be repeated
          properties:
            backendRefs: {type: array, items: {type: object, properties: {name: {type: string}}}}
            filters:
              type: array
              items:
                type: object
                properties:
                  type: {type: string}
                  requestRedirect: {type: object, properties: {port: {type: integer}}}
---
spec:
  listeners:
  - {name: a, port: 80, protocol: HTTP}
  - {name: b, port: 443, protocol: HTTPS, tls: {}}
  rules: [{backendRefs: [{name: a}], filters: [{type: RequestHeaderModifier}]}]
---
spec:
  listeners:
  - {name: a, port: 80, protocol: HTTP, tls: {}}
  - {name: a, port: 80, protocol: HTTPS, tls: {mode: Passthrough}}
---
spec:
  rules:
  - {}
  - {backendRefs: [{name: a}], filters: [{type: RequestRedirect, requestRedirect: {}}, {type: RequestRedirect}]}
",
    );
    let listeners = "/spec/listeners tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']; \
                     /spec/listeners tls mode must be Terminate for protocol HTTPS; \
                     /spec/listeners Listener name must be unique within the Gateway; \
                     /spec/listeners Combination of port and hostname must be unique";
    let rules = "/spec/rules/1 RequestRedirect filter must not be used together with backendRefs; \
                 /spec/rules/1 RequestRedirect filter cannot be repeated";
    assert_eq!(found, ["", listeners, rules]);
}

#[test]
fn durations_quantities_and_values_of_two_types_are_read_as_the_schema_says() {
    let found = check(
        "
type: object
properties:
  spec:
    type: object
    x-kubernetes-validations:
    - {rule: \"!has(self.renewBefore) || self.renewBefore < self.duration\", message: renew earlier}
    - {rule: \"!has(self.notAfter) || self.notAfter > timestamp('2024-01-01T00:00:00Z')\", message: too early}
    - {rule: \"!has(self.secret) || self.secret == b'hello'\", message: not hello}
    - {rule: \"!has(self.ratio) || self.ratio <= 1.0\", message: too much}
    - {rule: \"!has(self.port) || type(self.port) == string || self.port > 0\", message: no port}
    properties:
      duration: {type: string, format: duration, default: 24h}
      renewBefore: {type: string, format: duration}
      notAfter: {type: string, format: date-time}
      secret: {type: string, format: byte}
      ratio: {type: number}
      port: {x-kubernetes-int-or-string: true}
---
spec: {renewBefore: 1h, notAfter: 2025-01-01T00:00:00Z, secret: aGVsbG8=, ratio: 1, port: http}
---
spec: {renewBefore: 2 days, notAfter: 2023-01-01T00:00:00Z, secret: aGk=, ratio: 1.5, port: 0}
",
    );
    let all = "/spec renew earlier; /spec too early; /spec not hello; /spec too much; /spec no port";
    assert_eq!(found, ["", all]);
}

#[test]
fn lists_that_are_sets_or_maps_have_no_order() {
    let found = check(
        "
type: object
x-kubernetes-validations:
- {rule: \"self.set == self.other\", message: sets differ}
- {rule: \"self.atomic == self.other\", message: lists differ}
- {rule: \"(self.set + self.other).size() == self.set.size()\", message: union grows}
- {rule: \"(self.set + ['b']) == ['b', 'a']\", message: union has an order}
- {rule: \"self.both[0].keyed == self.both[1].keyed\", message: maps differ}
- {rule: \"(self.both[0].keyed + self.both[1].keyed).size() == self.both[0].keyed.size()\", message: merge grows}
properties:
  set: {type: array, x-kubernetes-list-type: set, items: {type: string}}
  other: {type: array, items: {type: string}}
  atomic: {type: array, items: {type: string}}
  both:
    type: array
    items:
      type: object
      properties:
        keyed:
          type: array
          default: []
          x-kubernetes-list-type: map
          x-kubernetes-list-map-keys: [k]
          items: {type: object, properties: {k: {type: string}, v: {type: integer}}}
---
set: [a, b]
other: [b, a]
atomic: [a, b]
both: [{keyed: [{k: x, v: 1}, {k: y, v: 2}]}, {keyed: [{k: y, v: 2}, {k: x, v: 1}]}]
---
{set: [a], other: [b], atomic: [b], both: [{keyed: [{k: x, v: 1}]}, {keyed: [{k: x, v: 2}]}]}
",
    );
    let second = " sets differ;  union grows;  maps differ";
    assert_eq!(found, [" lists differ", second]);
}

#[test]
fn null_is_dropped_where_it_may_not_be_and_kept_where_it_may() {
    let found = check(
        "
type: object
x-kubernetes-validations:
- {rule: \"!has(self.plain)\", message: plain is there}
- {rule: \"!has(self.nullable)\", message: nullable is there}
- {rule: \"self.defaulted == 7\", message: no default}
properties:
  plain: {type: string, x-kubernetes-validations: [{rule: self != '', message: not run}]}
  nullable: {type: object, nullable: true, properties: {a: {type: string}}}
  defaulted: {type: integer, default: 7}
---
{plain: null, nullable: null, defaulted: null}
---
{plain: ''}
",
    );
    assert_eq!(found[0], "");
    assert_eq!(found[1], " plain is there; /plain not run");
}

#[test]
fn rules_below_all_of_maps_and_items_are_run_for_each_value() {
    let found = check(
        "
type: object
allOf:
- x-kubernetes-validations: [{rule: size(self.map) < 3, message: too many}]
properties:
  map:
    type: object
    additionalProperties:
      type: array
      items:
        type: integer
        x-kubernetes-validations: [{rule: self % 2 == 0, messageExpression: \"'%d is odd'.format([self])\"}]
  embedded:
    type: object
    x-kubernetes-embedded-resource: true
    x-kubernetes-preserve-unknown-fields: true
    x-kubernetes-validations: [{rule: self.kind == 'Pod' && self.metadata.name != '', message: no pod}]
---
{map: {a: [2, 3], b/c: [5], d: []}, embedded: {kind: Job, metadata: {name: a}}}
",
    );
    assert_eq!(found, [" too many; /map/a/1 3 is odd; /map/b~1c/0 5 is odd; /embedded no pod"]);
}

#[test]
fn a_rule_without_result_is_broken_and_a_message_without_result_is_not_used() {
    let found = check(
        "
type: object
x-kubernetes-validations:
- {rule: self.a.b > 1}
- {rule: 'self.list[3] == 1'}
- {rule: 1 / self.zero == 1}
- {rule: 'false', message: told, messageExpression: \"'x' + self.a.c\"}
- {rule: \"self.list.all(i,\\n  i > 5)\", message: two lines}
- {rule: self.zero == 1, messageExpression: \"''\"}
properties:
  a: {type: object, properties: {b: {type: integer}, c: {type: string}}}
  list: {type: array, items: {type: integer}}
  zero: {type: integer}
---
{a: {}, list: [1], zero: 0}
",
    );
    let expected = " failed: no such key: b;  failed: index out of bounds: 3;  failed: division by zero;  told;  two lines;  \
                    failed rule: self.zero == 1";
    assert_eq!(found, [expected]);
}

#[test]
fn a_rule_that_takes_too_long_is_given_up_and_the_others_run() {
    let items = (0..2000).map(|it| it.to_string()).collect::<Vec<_>>().join(", ");
    let found = check(&format!(
        "
type: object
x-kubernetes-validations:
- {{rule: \"self.list.all(a, self.list.all(b, a + b >= 0))\", message: never}}
- {{rule: self.list.size() < 10, message: too many}}
properties:
  list: {{type: array, items: {{type: integer}}}}
---
list: [{items}]
"
    ));
    assert_eq!(found, [" given up: it takes too many steps;  too many"]);
}

#[test]
fn mistakes_of_definitions_are_told_with_their_places() {
    let found = defects(
        "
type: object
properties:
  a-b:
    type: object
    x-kubernetes-validations:
    - {rule: self.c.d == 1}
    - {rule: self.c == 1, fieldPath: \".c['x']\"}
    - {rule: self.metadata.name == ''}
    properties: {c: {type: integer}}
  any:
    x-kubernetes-preserve-unknown-fields: true
    x-kubernetes-validations: [{rule: self == 1}]
  atomic: {type: array, items: {type: string, x-kubernetes-validations: [{rule: self == oldSelf}]}}
  keyed:
    type: array
    x-kubernetes-list-type: map
    x-kubernetes-list-map-keys: [k]
    items: {type: object, x-kubernetes-validations: [{rule: self == oldSelf}], properties: {k: {type: string}}}
x-kubernetes-validations:
- {rule: self.metadata.labels.size() == 0}
- {rule: self.metadata.name != '' && self.kind != ''}
- {rule: request.name == ''}
- {rule: \"self.a__dash__b.c > 1 &&\\n true\"}
",
    );
    assert_eq!(
        found,
        [
            "/x-kubernetes-validations/0/rule 14 undefined field `labels`",
            "/x-kubernetes-validations/2/rule 0 undeclared reference to `request`",
            "/x-kubernetes-validations/3/rule 0 a rule with line breaks must have a `message`",
            "/properties/a-b/x-kubernetes-validations/0/rule 7 type `int` does not support field selection",
            "/properties/a-b/x-kubernetes-validations/1/fieldPath 0 `.c['x']` does not refer to a valid field",
            "/properties/a-b/x-kubernetes-validations/2/rule 5 undefined field `metadata`",
            "/properties/any/x-kubernetes-validations/0/rule 0 a rule is about a value whose type the schema does not tell",
            "/properties/atomic/items/x-kubernetes-validations/0/rule 0 `oldSelf` cannot be used here: nothing tells \
             which earlier value belongs to which item",
        ]
    );
}
