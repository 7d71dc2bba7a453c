//! Tests of `vars:` that folders of input and output cannot hold.

use super::*;
use crate::render::{RenderOptions, Renderer};
use crate::source::{MemoryTree, RepoPath};

#[test]
fn variables_are_filled_in_and_dollars_escaped() {
    let value = "abc".to_owned();
    let x = |name: &str| (name == "X").then_some(&value);
    for (text, expected) in [
        ("plain", "plain"),
        ("a$(X)b$(X)", "aabcbabc"),
        ("$(Y)$(X)", "$(Y)abc"),
        ("$$(X)", "$(X)"),
        ("$$$(X)", "$abc"),
        ("$(X", "$(X"),
        ("$X $", "$X $"),
        ("$((X))", "$((X))"),
        ("$é", "$é"),
    ] {
        assert_eq!(expand(text, x).as_deref(), Some(expected), "{text}");
    }
    let long = "y".repeat(1 << 20);
    assert_eq!(expand(&"$(X)".repeat(64), |_| Some(&long)), None);
}

#[test]
fn an_index_may_stand_in_brackets_behind_its_list() {
    let split = |path: &str| with_indexes(field_path::split(path));
    assert_eq!(split("data.l[1].b"), ["data", "l", "1", "b"]);
    assert_eq!(split("data.[k.v]"), ["data", "k.v"]);
    assert_eq!(split("data.[name=x]"), ["data", "[name=x]"]);
}

#[test]
fn a_value_on_its_own_comes_from_its_source_and_one_in_a_text_stays_there() {
    let mut tree = MemoryTree::new();
    tree.insert(
        "all.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {n: 5}\n---\napiVersion: v1\n\
         kind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: c, args: [$(X), n=$(X)]}]}\n",
    );
    tree.insert(
        "kustomization.yaml",
        "resources: [all.yaml]\nvars:\n- {name: X, objref: {apiVersion: v1, kind: ConfigMap, name: a}, \
         fieldref: {fieldPath: data.n}}\n",
    );
    let renderer = Renderer::new(&tree, RenderOptions::default());
    let rendered = renderer.render(&RepoPath::root()).unwrap();
    let pod = rendered.resources.iter().find(|it| &*it.id.gvk.kind == "Pod").unwrap();
    let place = |pointer: &str| renderer.sources().text_of(pod.node.at(pointer).unwrap().origin.span);
    assert_eq!(place("/spec/containers/0/args/0"), "5");
    assert_eq!(place("/spec/containers/0/args/1"), "n=$(X)");
    assert_eq!(pod.node.at("/spec/containers/0/args/1").and_then(Node::as_str), Some("n=5"));
}

#[test]
fn numbers_are_read_as_go_reads_them() {
    let typed = |text: &str| typed(&Scalar::plain(text, crate::yaml::resolve::resolve(text)));
    let texts = |text: &str| typed(text).map(|(alone, inside)| (alone.text.to_string(), inside));
    let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
    assert_eq!(texts("12"), pair("12", "12"));
    assert_eq!(texts("1e21"), pair("1000000000000000000000", "1e+21"));
    assert_eq!(texts("1500000.5"), pair("1500000.5", "1.5000005e+06"));
    assert_eq!(texts("True"), pair("true", "true"));
    assert_eq!(texts("~"), pair("~", "~"));
    assert_eq!(texts("0x1F"), None);
    assert_eq!(texts("1_000"), None);
    assert_eq!(texts(".inf"), None);
}
