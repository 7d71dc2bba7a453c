//! YAML that is likely to be read or printed wrongly.

#![allow(dead_code, reason = "each of the tests that share this file uses a part of it")]

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};

/// Values of a strategy. The same ones in every run, unless `KUSTOMIZE_SEED` is set.
pub fn some(strategy: impl Strategy<Value = String>, count: usize) -> Vec<String> {
    let mut seed = [7; 32];
    let number: u64 = std::env::var("KUSTOMIZE_SEED").ok().and_then(|it| it.parse().ok()).unwrap_or(0);
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let rng = TestRng::from_seed(Config::default().rng_algorithm, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("nothing is filtered out").current()).collect()
}

pub fn list_of(scalar: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let item = scalar.prop_map(|it| format!("- {it}\n"));
    proptest::collection::vec(item, 1..30).prop_map(|it| it.concat())
}

pub fn map_of(block: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    proptest::collection::vec(block, 1..20).prop_map(|it| {
        it.iter().enumerate().map(|(index, it)| format!("  k{index}: {it}\n")).collect::<String>()
    })
}

/// Characters that mean something to some reader or writer.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        8 => select("abcxyz".chars().collect::<Vec<_>>()),
        6 => select("  \n0123456789".chars().collect::<Vec<_>>()),
        4 => select(":-#?,[]{}&*!|>'\"%@`=<~._+\\/".chars().collect::<Vec<_>>()),
        1 => select("\t\r\0\u{1}\u{1b}é\u{a0}\u{ad}\u{2028}\u{2029}\u{feff}\u{85}😀漢\u{fffd}".chars().collect::<Vec<_>>()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(word(), 8..40).prop_map(|it| it.join(" "));
    prop_oneof![
        5 => proptest::collection::vec(character(), 0..16).prop_map(|it| it.into_iter().collect()),
        1 => proptest::collection::vec(character(), 60..200).prop_map(|it| it.into_iter().collect()),
        2 => words,
        3 => number(),
    ]
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        10 => "[a-z]{1,12}",
        1 => select(vec!["it's", "#", ":", "a:", "-", " ", "  ", "é", "😀", "\\", "\"", "", "\n", "\n\n", "\u{2028}"])
            .prop_map(str::to_owned),
    ]
}

/// Any string, in double quotes.
pub fn double_quoted() -> impl Strategy<Value = String> {
    text().prop_map(|it| quote(&it))
}

fn quote(text: &str) -> String {
    let mut out = "\"".to_owned();
    for it in text.chars() {
        match it {
            '"' | '\\' => out.extend(['\\', it]),
            ' '..='~' | '\u{a1}'..='\u{ac}' | '漢' | '😀' => out.push(it),
            it => out.push_str(&format!("\\U{:08x}", it as u32)),
        }
    }
    out + "\""
}

/// Things that look like numbers, dates, booleans and nulls.
fn number() -> impl Strategy<Value = String> {
    let words = "~ null Null NULL nUll true True TRUE tRue false yes Yes YES no on off y Y n N = << . .5 -.5 +.5 1. \
        1.e3 .e3 - -- + 0 00 -0 -0.0 0.0 08 09.5 0o 0o7 0o8 0x 0xF 0xG 0b1 0b2 0B1 0X1F 0O7 1e3 1e+3 1e-3 1E400 1e-400 \
        1_000 _1 1_ 0_1 0x_1 1_.5 1._5 .5_0 1e1_0 12:30 1:60 12:30:45 1:30.5 -1:30 190:20:30 1.5.5 1-1 \
        2001-01-01 2001-1-1 2001-02-30 2001-01-01T00:00:00Z 2001-1-1t1:2:3.0400Z 2001-01-01T00:00:00 \
        2001-12-14t21:59:43.10-05:00 2001-12-14T21:59:43+5:00 2001-01-01T24:00:00Z 2001-01-01T00:00:00+00:00 \
        2001-01-01T00:00:60Z 2001-01-01T00:00:00.Z 01-01-2001 0000-01-01 9999-12-31 2001-01-01T1:00:00.123456789123Z \
        9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 \
        18446744073709551616 9007199254740993 9007199254740993.0 123456789012345678901 0.1 1e21 1e20 1.5e20 1e22 \
        123456.5 1234567.5 0.0001 0.00001 1e-7 12345678.5 5e-324 1.7976931348623157e308 100000000000000000000.0 \
        0x7fffffffffffffff 0xffffffffffffffff 0x10000000000000000 0777 0o777 -0x10 +0x10 -0b11 +1 +1.5 ++1 +-1 1+ 1-";
    let dated =
        select(vec!["2001-12-14 21:59:43", "2001-12-14 21:59:43.5", "2001-12-14 21:59", "2001-1-1 1:1:1"]);
    prop_oneof![
        6 => select(words.split_whitespace().collect::<Vec<_>>()).prop_map(str::to_owned),
        1 => dated.prop_map(str::to_owned),
        2 => "[-+]?[0-9_]{1,6}(\\.[0-9_]{0,4})?([eE][-+]?[0-9]{1,3})?",
        2 => "[-+]?0[xXoObB]?[0-9a-f_]{0,8}",
        2 => "[0-9]{4}-[01]?[0-9]-[0-3]?[0-9]([Tt][012]?[0-9]:[0-5]?[0-9]:[0-6]?[0-9](\\.[0-9]{0,10})?(Z|[-+][0-9]{1,2}(:[0-9]{1,2})?|))?",
        2 => "[-+]?[0-9_]{1,4}(:[0-6]?[0-9]){1,3}(\\.[0-9_]{0,3})?",
        2 => "[0-9]{15,24}(\\.0?)?",
        1 => any::<f64>().prop_map(|it| if it.is_finite() { format!("{it:e}") } else { "0.5".to_owned() }),
        1 => any::<f64>().prop_map(|it| if it.is_finite() && it.abs() < 1e30 { it.to_string() } else { "1.5".to_owned() }),
        1 => any::<i64>().prop_map(|it| it.to_string()),
    ]
}

/// Scalars without quotes, also in flow collections, with tags, and not there at all.
pub fn plain() -> impl Strategy<Value = String> {
    let tag = select(vec!["!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "! ", "!own "]);
    prop_oneof![
        20 => number(),
        3 => number().prop_map(|it| format!("{{a: {it}, b: , c}}")),
        2 => number().prop_map(|it| format!("'{it}'")),
        1 => (tag.clone(), select(vec!["1", "x", "true", "~", "1.5", "'1'", "''"])).prop_map(|(tag, it)| tag.to_owned() + it),
        2 => "[a-z]{1,3}[ :#,?-][a-z]{0,2}",
        1 => proptest::collection::vec(word(), 1..30).prop_map(|it| {
            format!("x{}", it.join(" ").replace(['\n', '\u{2028}', '"', '\\'], "").replace(": ", " ").replace(" #", " "))
        }),
    ]
}

/// Block scalars as the value of a key in column 2.
pub fn block() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        6 => "[a-z]{1,3}( [a-z]{1,2}){0,2}",
        2 => " {1,3}[a-z]{1,2}",
        3 => Just(String::new()),
        1 => "[a-z] {1,2}",
        1 => select(vec!["\t", "\ta", "a\tb", "# no", "- a", "a: b", "é", "a\u{2028}b", "😀", " ", "   "]).prop_map(str::to_owned),
    ];
    let header = (select(vec![">", ">", ">", "|"]), select(vec!["", "-", "+"]), any::<bool>());
    (header, proptest::collection::vec(line, 0..7)).prop_map(|((style, chomp, hint), mut lines)| {
        let blank = [' ', '\t'];
        // kustomize cannot read its own writing of a block that begins with a tab.
        if let Some(first) = lines.first_mut().filter(|it| it.starts_with('\t')) {
            first.insert(0, 'x');
        }
        let starts_plain =
            lines.iter().find(|it| !it.trim().is_empty()).is_some_and(|it| !it.starts_with(blank));
        let digit = if hint || !starts_plain { "2" } else { "" };
        let body: String = lines
            .iter()
            .map(|it| if it.is_empty() { "\n".to_owned() } else { format!("    {it}\n") })
            .collect();
        format!("{style}{digit}{chomp}\n{}", body.strip_suffix('\n').unwrap_or_default())
    })
}

/// Maps and lists in flow style, with keys of every kind.
pub fn tree() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        double_quoted(),
        number().prop_map(|it| format!("{it} ")),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
    ];
    let tree = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(|it| format!("[{}]", it.join(", "))),
            proptest::collection::btree_map(key(), inner, 0..6).prop_map(|it| {
                let entries: Vec<String> =
                    it.iter().map(|(key, it)| format!("? {}\n  : {it}", quote(key))).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    });
    tree.prop_map(|it| format!("  {it}"))
}

/// Keys that sort in a surprising order, and keys that are hard to write. No order that
/// contradicts itself: at most one run of digits.
fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-cA-C]{1,2}[-._/]?[1-9]{0,3}",
        3 => "[a-zé漢_-]{1,3}",
        1 => "[a-z ]{70,140}".prop_map(|it| it.trim().to_owned()),
        1 => "[1-9]{1,6}",
        2 => text().prop_map(|it| it.replace(|it: char| it.is_ascii_digit(), "")),
    ]
}

/// Values that every reader reads alike.
pub fn neutral() -> impl Strategy<Value = String> {
    let word =
        select(vec!["true", "false", "null", "~", "12", "-7", "0.5", "plain text", "'single'", "x-y_z/1"]);
    let leaf =
        prop_oneof![word.prop_map(str::to_owned), "[ a-z0-9:#'\\\\n]{0,12}".prop_map(|it| quote(&it)),];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(|it| format!("[{}]", it.join(", "))),
            proptest::collection::btree_map("[a-m]{1,3}", inner, 0..5).prop_map(|it| {
                let entries: Vec<String> = it.iter().map(|(key, it)| format!("{key}: {it}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}
