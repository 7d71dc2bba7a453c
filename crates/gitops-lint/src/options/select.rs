//! Which rules are on, and how bad their findings are.
//!
//! As in ruff: one layer of statements goes over another (the preset, the file that is extended, the
//! file, the flags, what a file says about some paths), and within a layer the statement that names a
//! rule more precisely counts, and `ignore` before `select` where both are as precise.
//!
//! What cannot be read or built is an error whatever is selected, as a syntax error is for ruff: who looks
//! for one kind of mistake only must not take what nobody could look at for clean.

use std::collections::HashMap;
use std::str::FromStr;

use gitops_render::rules::{self, RULES};
use gitops_render::{Diagnostic, FileId, Rule, Severity, Sources};

use crate::did_you_mean;
use crate::options::globs::Paths;

/// The beginning of a code has at least the letters of its group.
const GROUP: usize = 3;

/// Rules whose errors say that something could not be read or built. They are off only for who names them.
const ALWAYS: [&Rule; 5] = [
    &rules::kus::build_failed::RULE,
    &rules::kus::path_missing::RULE,
    &rules::kus::path_outside::RULE,
    &rules::kus::cycle::RULE,
    &rules::yml::invalid_yaml::RULE,
];

/// One rule or several, as a person names them.
#[derive(Clone, Copy, Debug)]
pub enum Selector {
    /// `ALL`.
    All,
    /// All rules whose codes begin like this rule's: so many bytes of it. `SCH`, `KUS01`.
    Group(&'static Rule, usize),
    /// A rule, by its code or its name.
    Rule(&'static Rule),
}

/// A text that names no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule `{wanted}`{}", did_you_mean(*nearest))]
pub struct NoSelector {
    /// The text.
    pub wanted: String,
    /// What was most likely meant.
    pub nearest: Option<&'static str>,
}

impl FromStr for Selector {
    type Err = NoSelector;

    /// Reads `ALL`, the beginning of codes, a code, or a name.
    fn from_str(text: &str) -> Result<Selector, NoSelector> {
        if text.eq_ignore_ascii_case("all") {
            return Ok(Selector::All);
        }
        if let Some(rule) = rules::find(text) {
            return Ok(Selector::Rule(rule));
        }
        let prefix = text.to_ascii_uppercase();
        let first = RULES.iter().find(|it| prefix.len() >= GROUP && it.code.starts_with(&prefix));
        let group = first.map(|it| Selector::Group(it, prefix.len()));
        group.ok_or_else(|| NoSelector { wanted: text.to_owned(), nearest: rules::nearest(text) })
    }
}

impl Selector {
    /// Whether a rule is among those that are named.
    pub fn names(&self, rule: &Rule) -> bool {
        match self {
            Selector::All => true,
            Selector::Group(first, length) => rule.code.starts_with(&first.code[..*length]),
            Selector::Rule(it) => it.code == rule.code,
        }
    }

    /// How precisely it names rules: more is more precise.
    fn precision(&self) -> usize {
        match self {
            Selector::All => 0,
            Selector::Group(_, length) => *length,
            Selector::Rule(_) => usize::MAX,
        }
    }

    /// The shortest form of it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Selector::All => "ALL",
            Selector::Group(first, length) => &first.code[..*length],
            Selector::Rule(rule) => rule.code,
        }
    }
}

/// What somebody says about rules.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// These and no others.
    pub select: Option<Vec<Selector>>,
    /// These, too.
    pub extend_select: Vec<Selector>,
    /// Not these.
    pub ignore: Vec<Selector>,
    /// How bad the findings of these are; `None` if there shall be none.
    pub severity: Vec<(Selector, Option<Severity>)>,
}

/// What a rule has come to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether its findings are reported.
    pub is_on: bool,
    /// Whether its errors are reported even so.
    pub is_needed: bool,
    /// How bad they are, if not as bad as they say themselves.
    pub severity: Option<Severity>,
}

/// A verdict for each rule, in the order of `RULES`.
pub type Verdicts = Vec<Verdict>;

impl Layer {
    /// Puts this layer over what was said before.
    fn apply(&self, verdicts: &mut Verdicts) {
        for (rule, verdict) in RULES.iter().zip(verdicts) {
            let of = |all: &[Selector]| all.iter().filter(|it| it.names(rule)).map(Selector::precision).max();
            let level = self.severity.iter().filter(|it| it.0.names(rule));
            // Of two that are equal the later one.
            let level = level.max_by_key(|it| it.0.precision()).map(|it| it.1);
            let selected = of(self.select.as_deref().unwrap_or_default()).max(of(&self.extend_select));
            verdict.is_on = match (of(&self.ignore), selected) {
                (Some(ignored), selected) if selected.is_none_or(|it| ignored >= it) => false,
                (_, Some(_)) => true,
                _ => verdict.is_on && self.select.is_none(),
            };
            match level {
                Some(None) => verdict.is_on = false,
                Some(level) => verdict.severity = level,
                None => {}
            }
            verdict.is_needed &= verdict.is_on || !self.turns_off(rule);
        }
    }
}

impl Layer {
    /// Whether a rule is off by its own name, and not as one of several.
    fn turns_off(&self, rule: &Rule) -> bool {
        let off = self.severity.iter().filter(|it| it.1.is_none()).map(|it| &it.0);
        self.ignore.iter().chain(off).any(|it| matches!(it, Selector::Rule(it) if it.code == rule.code))
    }
}

impl Verdict {
    /// What is so of a rule before anybody says anything.
    fn new(rule: &Rule, is_on: bool) -> Verdict {
        Verdict { is_on, is_needed: ALWAYS.iter().any(|it| it.code == rule.code), severity: None }
    }
}

/// What is said about the rules, for each file.
#[derive(Clone, Debug)]
pub struct Selection {
    verdicts: Verdicts,
    overrides: Vec<(Paths, Layer)>,
}

impl Default for Selection {
    /// The rules that run without being asked for.
    fn default() -> Selection {
        Selection::new(|it| it.is_default, &[], vec![])
    }
}

impl Selection {
    /// Begins with some rules, and puts the layers over them, the last one on top, and over that what
    /// counts for some paths.
    pub fn new(begin: impl Fn(&Rule) -> bool, layers: &[Layer], overrides: Vec<(Paths, Layer)>) -> Selection {
        let mut verdicts: Verdicts = RULES.iter().map(|it| Verdict::new(it, begin(it))).collect();
        layers.iter().for_each(|it| it.apply(&mut verdicts));
        Selection { verdicts, overrides }
    }

    /// What counts everywhere, but for paths of which something else is said.
    pub fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Looks at findings by the files that they point at.
    pub fn by_file<'a>(&'a self, sources: &'a Sources<'_>) -> ByFile<'a> {
        ByFile { selection: self, sources, known: HashMap::new() }
    }
}

/// The verdicts for files, each found once.
pub struct ByFile<'a> {
    selection: &'a Selection,
    sources: &'a Sources<'a>,
    known: HashMap<FileId, Verdicts>,
}

impl ByFile<'_> {
    /// What is to become of a finding.
    pub fn verdict(&mut self, found: &Diagnostic) -> Verdict {
        let verdict = self.of_rule(found);
        Verdict { is_on: verdict.is_on || verdict.is_needed && found.severity == Severity::Error, ..verdict }
    }

    fn of_rule(&mut self, found: &Diagnostic) -> Verdict {
        let index = RULES.binary_search_by(|it| it.code.cmp(found.rule.code));
        let Ok(index) = index else { return Verdict::new(found.rule, found.rule.is_default) };
        let Selection { verdicts, overrides } = self.selection;
        if overrides.is_empty() {
            return verdicts[index];
        }
        let file = found.span().file;
        let of_file = self.known.entry(file).or_insert_with(|| {
            let mut verdicts = verdicts.clone();
            let path = &self.sources.file(file).path;
            let layers = overrides.iter().filter(|it| it.0.holds(path));
            layers.for_each(|it| it.1.apply(&mut verdicts));
            verdicts
        });
        of_file[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(words: &str) -> Vec<Selector> {
        words.split_whitespace().map(|it| it.parse().unwrap()).collect()
    }

    fn layer(select: Option<&str>, extend_select: &str, ignore: &str) -> Layer {
        let select = select.map(all);
        Layer { select, extend_select: all(extend_select), ignore: all(ignore), severity: vec![] }
    }

    fn is_on(layers: &[Layer], code: &str) -> bool {
        let selection = Selection::new(|it| it.is_default, layers, vec![]);
        let index = RULES.iter().position(|it| it.code == code).unwrap();
        selection.verdicts()[index].is_on
    }

    #[test]
    fn rules_are_named_by_code_name_and_group() {
        for (text, shown) in [
            ("KUS004", "KUS004"),
            ("kus004", "KUS004"),
            ("patch-target-missing", "KUS004"),
            ("KUS", "KUS"),
            ("kus01", "KUS01"),
            ("all", "ALL"),
        ] {
            assert_eq!(text.parse::<Selector>().unwrap().as_str(), shown, "{text}");
        }
        for (text, message) in [
            ("XYZ100", "there is no rule `XYZ100`"),
            ("K", "there is no rule `K`"),
            ("", "there is no rule ``"),
            (
                "patch-target-mising",
                "there is no rule `patch-target-mising`: did you mean `patch-target-missing`?",
            ),
        ] {
            assert_eq!(text.parse::<Selector>().unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn the_more_precise_statement_counts_and_then_ignore() {
        let one = [layer(Some("KUS"), "KUS004", "KUS00 KUS011")];
        assert!(is_on(&one, "KUS004") && is_on(&one, "KUS010"));
        assert!(!is_on(&one, "KUS005") && !is_on(&one, "KUS011") && !is_on(&one, "SCH001"));
        assert!(is_on(&one, "KUS020"), "a rule that is off by default is selected with its group");
        let same = [layer(None, "KUS004", "KUS004")];
        assert!(!is_on(&same, "KUS004"));
    }

    #[test]
    fn a_later_layer_counts_before_an_earlier_one() {
        let file = layer(Some("KUS"), "", "KUS004");
        for (flags, on, off) in [
            (layer(None, "", "KUS"), vec![], vec!["KUS001", "KUS004", "SCH001"]),
            (layer(None, "SCH", ""), vec!["KUS001", "SCH001"], vec!["KUS004"]),
            (layer(Some("KUS004"), "", ""), vec!["KUS004"], vec!["KUS001", "SCH001"]),
            (layer(Some(""), "", ""), vec![], vec!["KUS001", "KUS004", "SCH001"]),
        ] {
            let layers = [file.clone(), flags];
            on.iter().for_each(|it| assert!(is_on(&layers, it), "{it}"));
            off.iter().for_each(|it| assert!(!is_on(&layers, it), "{it}"));
        }
    }

    #[test]
    fn a_severity_turns_off_and_the_more_precise_one_does_not() {
        let severity = [("KUS", None), ("KUS004", Some(Severity::Info)), ("KUS020", Some(Severity::Error))];
        let severity = severity.map(|it| (it.0.parse().unwrap(), it.1)).to_vec();
        let selection = Selection::new(|it| it.is_default, &[Layer { severity, ..Layer::default() }], vec![]);
        let verdict = |code| selection.verdicts()[RULES.iter().position(|it| it.code == code).unwrap()];
        assert!(!verdict("KUS001").is_on);
        let of = |is_on, severity| Verdict { is_on, is_needed: false, severity };
        assert_eq!(verdict("KUS004"), of(true, Some(Severity::Info)));
        assert_eq!(verdict("KUS020"), of(false, Some(Severity::Error)));
        assert_eq!(verdict("SCH001"), of(true, None));
    }

    #[test]
    fn what_cannot_be_read_or_built_is_off_only_for_who_names_it() {
        let off = |name: &str| Layer { severity: vec![(name.parse().unwrap(), None)], ..Layer::default() };
        for (layers, is_needed) in [
            (vec![], true),
            (vec![layer(Some("SCH"), "", "")], true),
            (vec![layer(Some(""), "", "KUS ALL KUS00")], true),
            (vec![off("KUS")], true),
            (vec![off("KUS001")], false),
            (vec![layer(None, "", "KUS001")], false),
            (vec![layer(None, "", "build-failed"), layer(Some("SCH"), "", "")], false),
            (vec![layer(None, "KUS001", "KUS001")], false),
        ] {
            let mut tree = gitops_render::MemoryTree::new();
            tree.insert("a.yaml", "a");
            let sources = Sources::new(&tree);
            let at = sources.open(&gitops_render::RepoPath::root().join("a.yaml").unwrap()).unwrap().start();
            let selection = Selection::new(|it| it.is_default, &layers, vec![]);
            let rule = &rules::kus::build_failed::RULE;
            let mut of_file = selection.by_file(&sources);
            assert_eq!(of_file.verdict(&rule.at(at, "x")).is_on, is_needed, "{layers:?}");
            // What is a note says nothing about what is in the repository.
            let mut note = rule.at(at, "x");
            note.severity = Severity::Info;
            let is_usual = layers.is_empty();
            assert_eq!(of_file.verdict(&note).is_on, is_usual, "{layers:?}");
        }
        assert!(is_on(&[layer(None, "", "KUS001"), layer(Some("KUS"), "", "")], "KUS001"));
    }
}
