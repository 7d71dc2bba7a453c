//! `gitops-lint config`: what is in force, and where that is said.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use gitops_render::Severity;
use gitops_render::rules::RULES;
use serde_json::{Value, json};

use crate::Failure;
use crate::args::{ConfigArgs, ConfigFormat};
use crate::check::existing;
use crate::options::file::{KEYS, Part};
use crate::options::flat::{self, OF_RULES};
use crate::options::select::{Selection, Selector};
use crate::options::settings::rules_everywhere;
use crate::options::{Flags, Options, schema};
use crate::output::{one_line, printed};

/// Where a value is said.
enum Source {
    Default,
    File(String, usize),
    Flag(&'static str),
}

/// A value, or one of several that a key has, with the key's own key if it is a table.
struct Shown {
    name: Option<String>,
    value: Value,
    source: Source,
}

/// Tells what is in force, or what an options file may say.
///
/// # Errors
/// If there is something wrong in the options file.
pub fn config(args: &ConfigArgs) -> Result<ExitCode, Failure> {
    if args.schema {
        printed(|out| writeln!(out, "{:#}", schema::schema()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let paths = args.scope.paths.iter().map(|it| existing(it)).collect::<Result<Vec<_>, _>>()?;
    let flags = Flags { fail_on: args.fail_on, ..Flags::of_scope(&args.scope)? };
    let options = Options::new(flags, &paths)?;
    let all: Vec<(&str, Vec<Shown>)> =
        KEYS.iter().filter(|it| **it != "extend").map(|it| (*it, shown(&options, it))).collect();
    let selection = rules_everywhere(&options);
    printed(|out| match args.output_format {
        ConfigFormat::Toml => write_toml(out, &options, &all, &selection),
        ConfigFormat::Json => write_json(out, &options, &all, &selection),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Keys whose values come together from all files, and from the flags.
fn accumulates(key: &str) -> bool {
    matches!(key, "extend-select" | "ignore" | "severity" | "overrides" | "environments" | "assume")
}

fn shown(options: &Options, key: &str) -> Vec<Shown> {
    let (chain, flags) = (&options.chain, &options.flags);
    let mut all: Vec<Shown> = vec![];
    let here = env::current_dir().ok().and_then(|it| existing(&it).ok()).unwrap_or_default();
    let folder = |path: &Path| path.parent().unwrap_or(path).to_owned();
    let to = chain.texts.first().map_or_else(|| here.clone(), |it| folder(&it.path));
    // Whoever asks for a version on the command line wants that one.
    if key == "environments" && flags.versions.is_some() {
        return all;
    }
    for (file, _) in &chain.files {
        let Some(written) = file.written.get(key) else { continue };
        let text = &chain.texts[file.file];
        if !accumulates(key) {
            all.clear();
        }
        for Part { name, at, value } in &written.parts {
            let value = flat::moved(key, value, &folder(&text.path), &to);
            let value = match key == "overrides" && flags.rules.select.is_some() {
                true => flat::without_select(&value),
                false => Some(value),
            };
            let Some(value) = value else { continue };
            all.retain(|it| name.is_none() || it.name != *name);
            let source = Source::File(text.name.clone(), text.line(at.start));
            all.push(Shown { name: name.clone(), value, source });
        }
    }
    if let Some((flag, value)) = said(flags, key) {
        let value = flat::moved(key, &value, &here, &to);
        match value {
            Value::Array(items) if accumulates(key) => {
                all.extend(items.into_iter().map(|value| Shown {
                    name: None,
                    value,
                    source: Source::Flag(flag),
                }));
            }
            value => all = vec![Shown { name: None, value, source: Source::Flag(flag) }],
        }
    }
    if all.is_empty()
        && let Some(value) = by_default(key)
    {
        all.push(Shown { name: None, value, source: Source::Default });
    }
    all
}

/// What a flag says about a key.
fn said(flags: &Flags, key: &str) -> Option<(&'static str, Value)> {
    let rules = |flag, all: &[Selector]| {
        (!all.is_empty()).then(|| (flag, all.iter().map(Selector::as_str).collect::<Value>()))
    };
    let paths = |flag, all: &[std::path::PathBuf]| {
        (!all.is_empty()).then(|| (flag, all.iter().map(|it| it.display().to_string()).collect::<Value>()))
    };
    let texts =
        |flag, all: &[String]| (!all.is_empty()).then(|| (flag, all.iter().cloned().collect::<Value>()));
    let truth = |yes, no, said: Option<bool>| Some((if said? { yes } else { no }, said?.into()));
    match key {
        "kubernetes-versions" => {
            flags.versions.as_ref().map(|it| ("--kubernetes-version", it.to_string().into()))
        }
        "select" => {
            flags.rules.select.as_ref().map(|it| ("--select", it.iter().map(Selector::as_str).collect()))
        }
        "extend-select" => rules("--extend-select", &flags.rules.extend_select),
        "ignore" => rules("--ignore", &flags.rules.ignore),
        "exclude" => texts("--exclude", &flags.exclude_words),
        "force-exclude" => truth("--force-exclude", "--no-force-exclude", flags.force_exclude),
        "policies" => paths("--policy", &flags.policy.policies),
        "data" => paths("--data", &flags.policy.data),
        "namespaces" => texts("--namespace", &flags.policy.namespaces),
        "all-namespaces" => truth("--all-namespaces", "--no-all-namespaces", flags.all_namespaces),
        "combine" => truth("--combine", "--no-combine", flags.combine),
        "schema-locations" => texts("--schema-location", &flags.schemas.locations),
        "strict" => truth("--strict", "--no-strict", flags.strict),
        "baseline" => flags.baseline.as_ref().map(|it| ("--baseline", it.display().to_string().into())),
        "fail-on" => {
            let name = flags.fail_on?.to_possible_value()?.get_name().to_owned();
            Some(("--fail-on", name.into()))
        }
        _ => None,
    }
}

/// What is so if nobody says anything; `None` if nothing is.
fn by_default(key: &str) -> Option<Value> {
    Some(match key {
        "kubernetes-versions" => gitops_render::Minors::default().to_string().into(),
        "preset" => "default".into(),
        "namespaces" => json!(["main"]),
        "force-exclude" | "all-namespaces" | "combine" => false.into(),
        "strict" => true.into(),
        "fail-on" => "warning".into(),
        "output-format" => "full".into(),
        _ => return None,
    })
}

fn write_toml(
    out: &mut impl Write,
    options: &Options,
    all: &[(&str, Vec<Shown>)],
    selection: &Selection,
) -> io::Result<()> {
    match options.file() {
        Some(name) => writeln!(out, "# The options file is {}.", one_line(name))?,
        None => writeln!(out, "# There is no options file.")?,
    }
    let flat = flat::rules(options);
    for (key, values) in all.iter().filter(|it| !it.1.is_empty()) {
        let is_said_below = flat.is_some() && OF_RULES.contains(key);
        if is_said_below {
            write_said(out, key, values)?;
            continue;
        }
        if accumulates(key) && values.iter().all(|it| it.name.is_none()) {
            writeln!(out, "{key} = [")?;
            for it in values {
                writeln!(out, "  {}, # {}", toml(&it.value), it.source.words())?;
            }
            writeln!(out, "]")?;
            continue;
        }
        for it in values {
            let name = it.name.as_ref().map(|it| format!(".{}", toml_key(it))).unwrap_or_default();
            writeln!(out, "{key}{name} = {} # {}", toml(&it.value), it.source.words())?;
        }
    }
    if let Some(flat) = flat {
        write_flat(out, &flat, all)?;
    }
    writeln!(out, "\n# Rules that are on, unless something else is said of a path:")?;
    for (rule, severity) in on(selection) {
        writeln!(out, "#   {} {} {severity}", rule.code, rule.name)?;
    }
    Ok(())
}

/// Writes what is said about rules as comments, because it comes to something else in one file.
fn write_said(out: &mut impl Write, key: &str, values: &[Shown]) -> io::Result<()> {
    for it in values.iter().filter(|it| !it.value.is_object()) {
        let name = it.name.as_ref().map(|it| format!(".{}", toml_key(it))).unwrap_or_default();
        writeln!(out, "# {key}{name}: {} # {}", toml(&it.value), it.source.words())?;
    }
    Ok(())
}

/// Writes what comes of it, with the findings that are put up with.
fn write_flat(out: &mut impl Write, flat: &[(String, Value)], all: &[(&str, Vec<Shown>)]) -> io::Result<()> {
    writeln!(out, "\n# One goes over the other, and this comes of it:")?;
    let ignored = all.iter().filter(|it| it.0 == "ignore").flat_map(|it| &it.1);
    let entries: Vec<&Value> = ignored.map(|it| &it.value).filter(|it| it.is_object()).collect();
    for (key, value) in flat {
        let mut value = value.clone();
        if let (true, Value::Array(list)) = (key == "ignore", &mut value) {
            list.extend(entries.iter().map(|it| (*it).clone()));
        }
        writeln!(out, "{key} = {}", toml(&value))?;
    }
    Ok(())
}

/// The rules that are on, with the severity of what they find.
fn on(selection: &Selection) -> impl Iterator<Item = (&'static gitops_render::Rule, Severity)> {
    let all = RULES.iter().zip(selection.verdicts()).filter(|it| it.1.is_on || it.1.is_needed);
    all.map(|(rule, verdict)| (*rule, verdict.severity.unwrap_or(rule.severity)))
}

fn write_json(
    out: &mut impl Write,
    options: &Options,
    all: &[(&str, Vec<Shown>)],
    selection: &Selection,
) -> io::Result<()> {
    let values = |values: &[Shown]| -> Value {
        let one = |it: &Shown| {
            let mut entry = json!({ "value": it.value, "from": it.source.json() });
            if let Some(name) = &it.name {
                entry["key"] = name.clone().into();
            }
            entry
        };
        values.iter().map(one).collect()
    };
    let told: serde_json::Map<String, Value> =
        all.iter().map(|(key, it)| ((*key).to_owned(), values(it))).collect();
    let rules: Value = on(selection)
        .map(
            |(rule, severity)| json!({ "code": rule.code, "name": rule.name, "severity": severity.as_str() }),
        )
        .collect();
    let files: Vec<&str> = options.chain.texts.iter().map(|it| it.name.as_str()).collect();
    let document = json!({ "version": 1, "files": files, "options": told, "rules": rules });
    crate::output::write_json(out, &document)
}

impl Source {
    fn words(&self) -> String {
        match self {
            Source::Default => "default".to_owned(),
            Source::File(name, line) => format!("{}:{line}", one_line(name)),
            Source::Flag(flag) => (*flag).to_owned(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Source::Default => json!({ "kind": "default" }),
            Source::File(path, line) => json!({ "kind": "file", "path": path, "line": line }),
            Source::Flag(flag) => json!({ "kind": "flag", "flag": flag }),
        }
    }
}

/// A value on one line of TOML. Strings of JSON are strings of TOML, but for one character.
fn toml(value: &Value) -> String {
    match value {
        Value::String(it) => Value::from(it.as_str()).to_string().replace('\u{7f}', "\\u007f"),
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, it)| format!("{} = {}", toml_key(key), toml(it))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

fn toml_key(key: &str) -> String {
    let is_bare = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => toml(&key.into()),
    }
}
