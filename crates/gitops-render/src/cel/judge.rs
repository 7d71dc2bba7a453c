//! A second opinion: the `cel` crate judges our evaluation where the two know the same functions.

use super::{Bindings, Env, Meter, Program, Val};

/// Expressions without variables.
const EXPRESSIONS: &str = r#"
1 + 2 * 3 == 7 && 7 / 2 == 3 && -7 / 2 == -3 && -7 % 3 == -1
1u + 2u == 3u && 0x10 == 16 && 1e3 == 1000.0 && .5 == 0.5
9223372036854775807 + 1 == 0
-9223372036854775808 - 1 == 0
-9223372036854775808 < 0
1 / 0 == 1
5 % 0 == 1
0u - 1u == 0u
1.0 / 0.0 > 1e300
!true || false
true ? false : true
false && 1 / 0 == 1
1 / 0 == 1 && false
1 / 0 == 1 || true
1 / 0 == 1 || false
'a' + 'b' == "ab" && 'ab' < 'b' && 'a' != 'A'
'\u00e9' == 'é' && '\x41' == 'A' && r'\n' == '\\n' && '''a'b''' == "a'b"
'héllo'.size() == 5 && size(b'abc') == 3 && size([1, 2]) == 2 && size({'a': 1}) == 1
'hello'.contains('ell') && 'hello'.startsWith('he') && 'hello'.endsWith('lo')
[1, 2] + [3] == [1, 2, 3] && [1, 2][1] == 2
[1, 2][2] == 2
[1, 2][-1] == 2
2 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1}
{'a': {'b': 1}}.a.b == 1 && {'a': 1}['a'] == 1
{'a': 1}.b == 1
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
has({'a': 1}.a) && !has({'a': 1}.b)
[1, 2, 3].all(i, i > 0) && ![1, 2, 3].all(i, i > 1)
[1, 2, 3].exists(i, i == 2) && ![].exists(i, true) && [].all(i, false)
[1, 2, 2].exists_one(i, i == 1) && ![1, 2, 2].exists_one(i, i == 2)
[1, 2, 3].filter(i, i > 1) == [2, 3] && [1, 2].map(i, i * 2) == [2, 4]
[1, 2, 3].map(i, i > 1, i * 2) == [4, 6]
{'a': 1, 'b': 2}.all(k, k < 'c')
[[1, 2], [3]].all(a, a.all(b, b > 0))
[0, 1].exists(i, 1 / i == 1)
[0].exists(i, 1 / i == 1)
[1, 0].all(i, 1 / i > 5)
int('12') == 12 && int(1.9) == 1 && int(-1.9) == -1 && int(3u) == 3
int('x') == 1
int(1e30) == 1
uint(-1) == 1u
double('1.5') == 1.5 && double(2) == 2.0
string(1) == '1' && string(1.5) == '1.5' && string(true) == 'true' && string(3u) == '3'
bytes('abc') == b'abc' && string(b'abc') == 'abc'
type(1) == int && type('a') == string && type([]) == list && type({}) == map && type(null) == null_type
dyn(1) == 1 && dyn(1) == dyn(1.0) && dyn(1u) == dyn(1)
1 < 1.5 && 2u > 1 && 1.0 <= 1
optional.of(1).hasValue() && optional.none().orValue(3) == 3 && optional.of(1).or(optional.of(2)).value() == 1
{'a': 1}.?a.orValue(0) == 1 && {'a': 1}.?b.orValue(7) == 7 && !{'a': 1}[?'b'].hasValue()
[?optional.none(), 1] == [1]
optional.ofNonZeroValue('').hasValue()
1 +
(1
'abc
1 2
[1].all(i.j, true)
has(1)
namespace == 1
"#;

/// Whether it holds; none if it has no result.
fn ours(text: &str) -> Option<bool> {
    let program = Program::compile(text, &Env::new()).ok()?;
    match program.evaluate(&Bindings::new(), &Meter::new(10_000)) {
        Ok(Val::Bool(it)) => Some(it),
        _ => None,
    }
}

fn theirs(text: &str) -> Option<bool> {
    let program = cel::Env::stdlib().compile(text).ok()?;
    match program.execute(&cel::Context::default()) {
        Ok(cel::Value::Bool(it)) => Some(it),
        _ => None,
    }
}

#[test]
fn a_second_opinion_on_the_standard_functions_is_the_same() {
    let expressions: Vec<&str> = EXPRESSIONS.lines().filter(|it| !it.is_empty()).collect();
    assert!(expressions.len() > 50);
    let differ = |text: &&&str| ours(text) != theirs(text);
    let differing: Vec<String> = expressions
        .iter()
        .filter(differ)
        .map(|it| format!("{it}\n    ours {:?}, theirs {:?}", ours(it), theirs(it)))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
