//! Expressions and what comes of them.

use std::thread;

use super::shape::Shape;
use super::*;
use crate::node::Node;
use crate::source::{MemoryTree, RepoPath};
use crate::sources::Sources;

/// The first document of a text.
fn node(yaml: &str) -> Node {
    let mut tree = MemoryTree::new();
    tree.insert("a.yaml", yaml);
    let sources = Sources::new(&tree);
    sources.open(&RepoPath::root().join("a.yaml").unwrap()).unwrap().yaml().documents[0].clone()
}

/// What an expression comes to, as text; `x` is anything.
fn run(text: &str) -> String {
    let env = Env::new().variable("x", Type::Dyn);
    let program = match Program::compile(text, &env) {
        Ok(it) => it,
        Err(it) => return format!("{}: {}", it.at, it.message),
    };
    let x = read::read(&node("{a: 1, b: [1, 2, 3], c: text, d: 1.5, e: null, f: {g: true}}"), &Shape::any());
    match program.evaluate(&Bindings::new().value("x", x.unwrap()), &Meter::new(100_000)) {
        Ok(it) => shown(&it),
        Err(err) => format!("error: {err}"),
    }
}

fn shown(value: &Val) -> String {
    let shown_as_string =
        library::call("format", &[Val::string("%s"), Val::list(vec![value.clone()])], &Meter::new(1 << 20));
    match (value, shown_as_string) {
        (Val::Optional(Some(it)), _) => format!("optional({})", shown(it)),
        (Val::Optional(None), _) => "none".to_owned(),
        (_, Ok(Val::Str(it))) => it.to_string(),
        (other, _) => format!("{other:?}"),
    }
}

#[track_caller]
fn all(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, run(text)))
        .filter(|(_, expected, is)| expected != &is)
        .map(|(text, expected, is)| format!("{text}\n    is     {is}\n    wanted {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn literals_and_operators_are_those_of_cel() {
    all(&[
        ("1 + 2 * 3 - 4 / 2 % 3", "5"),
        ("-2 - -3", "1"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "0: invalid int literal"),
        ("9223372036854775807 + 1", "error: integer overflow"),
        ("1 / 0", "error: division by zero"),
        ("1 % 0", "error: modulus by zero"),
        ("1.0 / 0.0", "Infinity"),
        ("0u - 1u", "error: integer overflow"),
        ("0xff", "255"),
        ("1e3", "1000"),
        ("'a' + \"b\" + r'\\n' + '''c'd'''", "ab\\nc'd"),
        ("'\\u00e9\\x41\\101\\n'.size()", "4"),
        ("b'\\xff'.size()", "1"),
        ("[1, 2] + [3]", "[1, 2, 3]"),
        ("{'a': 1, 'b': 2}['b']", "2"),
        ("{'a': 1, 'a': 2}", "error: a key is there twice in a map"),
        ("1 < 2.5 && 2u >= 2 && 1.0 < 2", "true"),
        ("dyn(1) == dyn(1.0)", "true"),
        ("dyn(1) == 'a'", "false"),
        ("!!true", "true"),
        ("true ? 1 : 2", "1"),
        ("1 in [1, 2] && 'a' in {'a': 1}", "true"),
        ("[1, [2]] == [1, [2]]", "4: expected type `int` but found `list(int)`"),
        ("type(1) == int && type('a') == string", "true"),
        ("type(duration('1s')) == google.protobuf.Duration", "true"),
        ("// a comment\n1", "1"),
        ("null == null", "true"),
        ("x.e == null", "true"),
    ]);
}

#[test]
fn an_error_counts_only_if_nothing_decides() {
    all(&[
        ("false && x.nothing", "false"),
        ("x.nothing && false", "false"),
        ("x.nothing || true", "true"),
        ("x.nothing || false", "error: no such key: nothing"),
        ("x.a && true", "error: no such overload: _&&_"),
        ("[1, 0].all(i, 1 / i > 5)", "false"),
        ("[0, 1].exists(i, 1 / i == 1)", "true"),
        ("[0].exists(i, 1 / i == 1)", "error: division by zero"),
        ("[0, 1].exists_one(i, 1 / i == 1)", "error: division by zero"),
    ]);
}

#[test]
fn fields_are_selected_indexed_and_asked_for() {
    all(&[
        ("x.a", "1"),
        ("x.b[2]", "3"),
        ("x.b[3]", "error: index out of bounds: 3"),
        ("x['c']", "text"),
        ("has(x.a) && !has(x.z)", "true"),
        ("has(x.f.g)", "true"),
        ("has(x.z.y)", "error: no such key: z"),
        ("has(x)", "0: invalid argument to has() macro"),
        ("x.?a", "optional(1)"),
        ("x.?z.y", "none"),
        ("x.?z.orValue(3)", "3"),
        ("x[?'f'].?g.hasValue()", "true"),
        ("x.b[?7]", "none"),
        ("[?x.?a, ?x.?z]", "[1]"),
        ("{?'a': x.?z}", "{}"),
        ("optional.of(1).or(optional.of(2)).value()", "1"),
        ("optional.none().value()", "error: optional.none() dereference"),
        ("x.?a.optMap(a, a + 1)", "optional(2)"),
        ("x.?a.optFlatMap(a, optional.of(a))", "optional(1)"),
        ("optional.ofNonZeroValue('')", "none"),
        ("x.`a`", "2: syntax error: unexpected ```"),
    ]);
}

#[test]
fn macros_go_over_lists_and_maps() {
    all(&[
        ("[1, 2, 3].all(i, i > 0)", "true"),
        ("[1, 2, 3].exists(i, i > 2)", "true"),
        ("[1, 2, 2].exists_one(i, i == 2)", "false"),
        ("[1, 2, 3].filter(i, i > 1)", "[2, 3]"),
        ("[1, 2, 3].map(i, i * 2)", "[2, 4, 6]"),
        ("[1, 2, 3].map(i, i > 1, i * 2)", "[4, 6]"),
        ("{'a': 1, 'b': 2}.all(k, k != 'c')", "true"),
        ("{'a': 1, 'b': 2}.map(k, k)", "[\"a\", \"b\"]"),
        ("['a', 'b'].all(i, v, i < 2 && v != 'c')", "true"),
        ("{'a': 1}.exists(k, v, k == 'a' && v == 1)", "true"),
        ("[1, 2].existsOne(i, v, v == 2)", "true"),
        ("[3, 4].transformList(i, v, i + v)", "[3, 5]"),
        ("[3, 4].transformList(i, v, i > 0, v)", "[4]"),
        ("{'a': 1}.transformMap(k, v, v + 1)", "{\"a\":2}"),
        ("{'a': 'b'}.transformMapEntry(k, v, {v: k})", "{\"b\":\"a\"}"),
        ("[3, 1, 2].sortBy(i, -i)", "[3, 2, 1]"),
        ("cel.bind(y, 2, y * y)", "4: undeclared reference to `bind`; did you mean `find`?"),
        ("[[1, 2], [3]].all(a, a.all(b, b > 0))", "true"),
        ("[1].map(x, x)", "[1]"),
        ("1.all(i, true)", "2: expression of type `int` cannot be range of a comprehension"),
        ("[1].all(i, i)", "11: a condition is of the type `bool`, and this is of the type `int`"),
        ("[1].all(i.j, true)", "10: a macro wants a simple name here"),
    ]);
}

#[test]
fn the_libraries_of_strings_and_lists_do_what_those_of_cel_go_do() {
    all(&[
        ("'héllo'.size()", "5"),
        ("'hello'.charAt(1) + 'a,b'.split(',')[1]", "eb"),
        ("'hello'.substring(1, 3)", "el"),
        ("'hello'.substring(3, 1)", "error: invalid substring range. start: 3, end: 1"),
        ("'hello'.indexOf('l') + 'hello'.lastIndexOf('l')", "5"),
        ("'hello'.indexOf('l', 3)", "3"),
        ("'hello'.replace('l', 'L', 1)", "heLlo"),
        ("'a-b-c'.split('-', 2)", "[\"a\", \"b-c\"]"),
        ("'abc'.split('')", "[\"a\", \"b\", \"c\"]"),
        ("' a '.trim().upperAscii()", "A"),
        ("['a', 'b'].join('/')", "a/b"),
        ("'abc'.reverse()", "6: found no matching overload for `reverse` applied to `(string)`"),
        ("[1, 2].reverse() == [2, 1] && lists.range(3) == [0, 1, 2]", "true"),
        ("strings.quote('a\"b')", "\"a\\\"b\""),
        ("'%s is %d, %.2f, %x, %s'.format([dyn('a'), 1, 2.5, 255, [1, 2]])", "a is 1, 2.50, ff, [1, 2]"),
        ("'%d'.format(['a'])", "13: `%d` does not take a value of the type `string`"),
        ("'%d'.format([x.c])", "error: %d does not take a value of type string"),
        ("'abc'.matches('^a.c$') && matches('abc', 'b')", "true"),
        ("'abc'.matches('(')", "14: the pattern \"(\" is no regular expression of Go"),
        ("'a1b22'.find('[0-9]+') + 'a1b22'.findAll('[0-9]+')[1]", "122"),
        ("'a1b22'.findAll('[0-9]+', 1)", "[\"1\"]"),
        ("[3, 1, 2].min() + [3, 1, 2].max() + [1, 2].sum()", "7"),
        ("[1, 2].isSorted() && ![2, 1].isSorted()", "true"),
        ("[1, 2, 1].indexOf(1) + [1, 2, 1].lastIndexOf(1)", "2"),
        ("[1, 1, 2].distinct()", "[1, 2]"),
        ("[[1], [2, 3]].flatten()", "[1, 2, 3]"),
        ("[1, 2, 3].slice(1, 3)", "[2, 3]"),
        ("[3, 1].sort() == [1, 3]", "true"),
        (
            "sets.contains([1, 2], [1]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 1], [1])",
            "true",
        ),
    ]);
}

#[test]
fn the_libraries_of_kubernetes_do_what_the_api_server_does() {
    all(&[
        ("quantity('1Gi').isGreaterThan(quantity('1G'))", "true"),
        ("quantity('1500m').compareTo(quantity('1.5'))", "0"),
        ("quantity('1').add(quantity('500m')).asApproximateFloat()", "1.5"),
        ("quantity('2k').sub(1).asInteger()", "1999"),
        ("isQuantity('1Gib') || isQuantity('x')", "false"),
        ("quantity('-1').sign()", "-1"),
        ("quantity('1e3') == quantity('1k')", "true"),
        ("ip('10.0.0.1').family() == 4 && ip('::1').isLoopback()", "true"),
        ("isIP('10.0.0.01') || isIP('::ffff:1.2.3.4')", "false"),
        ("ip.isCanonical('2001:DB8::1')", "false"),
        ("cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true"),
        (
            "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.0.0.0/8').containsCIDR('0.0.0.0/0')",
            "true",
        ),
        ("string(cidr('10.1.2.3/8').masked()) + string(cidr('10.1.2.3/8').ip())", "10.0.0.0/810.1.2.3"),
        ("isCIDR('10.0.0.0/33')", "false"),
        ("url('https://u@example.com:8080/a b?x=1&x=2').getHost()", "example.com:8080"),
        ("url('https://[::1]:80/p?q=%20').getHostname() + url('https://[::1]:80/').getPort()", "::180"),
        ("url('https://e.com/a b').getEscapedPath() + url('/p?x=1&x=2').getQuery()['x'][1]", "/a%20b2"),
        ("isURL('https://a b') || isURL('relative') || isURL('')", "false"),
        ("isURL('/absolute') && isURL('http://a')", "true"),
        (
            "semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').compareTo(semver('1.0.0')) == -1",
            "true",
        ),
        ("isSemver('v1.0.0') || isSemver('1.0') || isSemver('01.0.0')", "false"),
        ("semver('v1.2', true).minor()", "2"),
        ("format.dns1123Label().validate('a-b')", "none"),
        ("format.dns1123Label().validate('A').hasValue()", "true"),
        ("format.named('uuid').value().validate('x').hasValue()", "true"),
        ("!format.named('nothing').hasValue()", "true"),
        ("duration('1h30m') > duration('80m') && duration('90m').getHours() == 1", "true"),
        ("timestamp('2024-02-29T00:00:00Z') + duration('24h') == timestamp('2024-03-01T00:00:00Z')", "true"),
        ("timestamp('2024-02-29T23:00:00Z').getDayOfYear('+02:00')", "60"),
        ("timestamp('2024-02-29T00:00:00Z').getDayOfWeek()", "4"),
        (
            "timestamp('2024-02-29T00:00:00Z').getHours('Europe/Nowhere')",
            "error: the time zone \"Europe/Nowhere\" is not known here",
        ),
        ("string(duration('90s')) + string(timestamp('2024-01-01T00:00:00Z'))", "90s2024-01-01T00:00:00Z"),
        ("int('12') + int(1.9) + int(2u) + int(timestamp('1970-01-01T00:00:05Z'))", "20"),
        ("int('x')", "error: type conversion error from 'string' to 'int': \"x\""),
        ("string(1.0) + string(1.5) + string(true)", "11.5true"),
        ("double('1.5') + double(1)", "2.5"),
    ]);
}

#[test]
fn what_the_api_server_refuses_is_refused_with_its_place() {
    all(&[
        ("1 +", "3: syntax error: the expression ends too early"),
        ("", "0: syntax error: the expression ends too early"),
        ("(1", "2: syntax error: `)` is missing"),
        ("1 2", "2: syntax error: unexpected literal"),
        ("a b", "2: syntax error: unexpected `b`"),
        ("x.a &", "4: syntax error: unexpected `&`"),
        ("'abc", "0: the string is not closed"),
        ("'\\z'", "1: this escape is not known"),
        ("namespace", "0: `namespace` is a reserved word"),
        ("y > 1", "0: undeclared reference to `y`"),
        ("x.b.sizes() > 1", "4: undeclared reference to `sizes`; did you mean `size`?"),
        ("1 == 'a'", "2: found no matching overload for `_==_` applied to `(int, string)`"),
        ("1 == 1.0", "2: found no matching overload for `_==_` applied to `(int, double)`"),
        ("1 + 1.0", "2: found no matching overload for `_+_` applied to `(int, double)`"),
        ("'a'.startsWith(1)", "4: found no matching overload for `startsWith` applied to `(string, int)`"),
        ("'a' == null", "4: found no matching overload for `_==_` applied to `(string, null)`"),
        (
            "startsWith('a', 'b')",
            "0: found no matching overload for `startsWith` applied to `(string, string)`",
        ),
        ("1 && true", "0: `_&&_` takes booleans, and this is of the type `int`"),
        ("true ? 1 : 'a'", "5: found no matching overload for `_?_:_` applied to `(bool, int, string)`"),
        ("Foo{a: 1}", "3: messages are not supported"),
        ("[1].all(i)", "4: undeclared reference to `all`"),
    ]);
}

#[test]
fn no_expression_is_too_deep_or_too_long_for_the_stack() {
    let many = |part: &str, count: usize| part.repeat(count);
    let texts = [
        format!("{}1{}", many("(", 500_000), many(")", 500_000)),
        many("(", 500_000),
        format!("1{}", many(" + 1", 10_000)),
        format!("x{}", many(".a", 10_000)),
        format!("x{}", many("[0]", 10_000)),
        format!("{}true", many("!", 10_000)),
        format!("{}1", many("-", 60_001)),
        format!("{}1", many("true ? 1 : ", 5000)),
        format!("{}1{}", many("[", 10_000), many("]", 10_000)),
        format!("{}1{}", many("{1:", 10_000), many("}", 10_000)),
        format!("x{}", many(".f()", 10_000)),
        format!("{}1{}", many("f(", 10_000), many(")", 10_000)),
        format!("true{}", many(" && true", 8000)),
        // As deep as they may be: they are evaluated.
        format!("{}1{}", many("(", 99), many(")", 99)),
        format!("{}1{}", many("[", 99), many("]", 99)),
        format!("1{}", many(" + 1", 99)),
        format!("{}x{}", many("[1].map(x, ", 45), many(")", 45)),
    ];
    // The stack of a thread, in a build without optimization.
    let found = thread::Builder::new().stack_size(2 << 20).spawn(move || texts.map(|it| run(&it))).unwrap();
    let found = found.join().unwrap();
    let is_refused =
        |it: &&String| it.contains("levels") || it.contains("longer") || it.contains("undeclared");
    assert_eq!(found.iter().filter(is_refused).count(), 10, "{found:?}");
    assert_eq!(found[12], "true");
    assert_eq!(found[15], "100");
}

#[test]
fn what_takes_too_many_steps_or_bytes_is_stopped() {
    let nested = "[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, \
                  [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, true)))))";
    let doubling = format!("{}'x'{}", "optional.of(".repeat(20), ").optMap(a, a + a).value()".repeat(20));
    let lists = format!("{}[1]{}", "optional.of(".repeat(20), ").optMap(a, a + a).value()".repeat(20));
    for text in [nested, &doubling, &lists, "true || [1].all(a, false)"] {
        let expected = if text.starts_with("true") { "true" } else { "error: it takes too many steps" };
        assert_eq!(run(text), expected, "{text}");
    }
}

#[test]
fn variables_of_other_expressions_fail_only_where_they_are_used() {
    let env = Env::new().variable("object", Type::Dyn);
    let meter = Meter::new(1000);
    let object = read::read(&node("{spec: {replicas: 3}}"), &Shape::any()).unwrap();
    let mut bindings = Bindings::new().value("object", object);
    let replicas = Program::compile("object.spec.replicas", &env).unwrap();
    let broken = Program::compile("object.nothing", &env).unwrap();
    bindings.define("replicas", &replicas, &meter);
    bindings.define("broken", &broken, &meter);
    let env = env.composed("replicas", replicas.returns).composed("broken", broken.returns);
    let result = |text: &str| Program::compile(text, &env).unwrap().evaluate(&bindings, &meter);
    assert!(matches!(result("variables.replicas == 3"), Ok(Val::Bool(true))));
    assert_eq!(
        result("variables.broken == 3").unwrap_err(),
        Error::Failed("no such key: nothing".to_owned())
    );
    let unknown = Program::compile("variables.other", &env).unwrap_err();
    assert_eq!(unknown, Problem { at: 10, message: "undefined field `other`".to_owned() });
}

#[test]
fn what_a_thread_has_compiled_before_makes_nothing_cheaper() {
    let program = Program::compile("'aa'.matches('a+') && 'b'.matches('a+') == false", &Env::new()).unwrap();
    let left = || {
        let meter = Meter::new(100_000);
        program.evaluate(&Bindings::new(), &meter).unwrap();
        meter.left()
    };
    let first = left();
    assert_eq!(left(), first);
    assert!((97_000..99_000).contains(&first), "a pattern is paid for once: {first}");
}
