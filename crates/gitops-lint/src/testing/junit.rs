//! Results of tests as JUnit's XML: a suite for each package, a case for each result.

use std::io;

use gitops_render::policy::Outcome;

use crate::output::xml::{attribute, text};
use crate::testing::{Results, Timed};

/// Writes the document.
pub fn write(out: &mut impl io::Write, results: &Results<'_>) -> io::Result<()> {
    let mut suites: Vec<(&str, Vec<&Timed>)> = vec![];
    for timed in &results.cases {
        match suites.iter_mut().find(|it| it.0 == timed.case.group) {
            Some((_, cases)) => cases.push(timed),
            None => suites.push((&timed.case.group, vec![timed])),
        }
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites{}>", counts(&results.cases.iter().collect::<Vec<_>>()))?;
    for (name, cases) in suites {
        writeln!(out, "  <testsuite name=\"{}\"{}>", attribute(name), counts(&cases))?;
        for timed in cases {
            write_case(out, results, timed)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn counts(cases: &[&Timed]) -> String {
    let count = |of: fn(&Outcome) -> bool| cases.iter().filter(|it| of(&it.case.outcome)).count();
    let failures = count(|it| matches!(it, Outcome::Failed(_)));
    let errors = count(|it| matches!(it, Outcome::Errored(_)));
    let skipped = count(|it| matches!(it, Outcome::Skipped));
    let time: f64 = cases.iter().map(|it| it.took.as_secs_f64()).sum();
    let all = cases.len();
    format!(
        " tests=\"{all}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time:.6}\""
    )
}

fn write_case(out: &mut impl io::Write, results: &Results<'_>, timed: &Timed) -> io::Result<()> {
    let Timed { case, took, is_silenced } = timed;
    let (path, start, _) = results.sources.place(case.at);
    let (file, line) = (attribute(&(results.name)(&path)), start.line);
    let (class, name) = (attribute(&case.group), attribute(&case.name));
    let time = took.as_secs_f64();
    write!(
        out,
        "    <testcase classname=\"{class}\" name=\"{name}\" file=\"{file}\" line=\"{line}\" time=\"{time:.6}\">"
    )?;
    let tag = match &case.outcome {
        Outcome::Failed(_) => "failure",
        Outcome::Errored(_) => "error",
        Outcome::Passed => "",
        Outcome::Skipped if *is_silenced => {
            write!(out, "<skipped message=\"it fails, and that is suppressed\"/>")?;
            ""
        }
        Outcome::Skipped => {
            write!(out, "<skipped/>")?;
            ""
        }
    };
    for found in Results::of(case) {
        let (path, start, _) = results.sources.place(found.span());
        let place = format!("{}:{}:{}", (results.name)(&path), start.line, start.column);
        let (message, why) = (attribute(&found.message), text(&format!("{place}: {}", found.labels[0].text)));
        write!(out, "<{tag} message=\"{message}\">{why}</{tag}>")?;
    }
    if !case.prints.is_empty() {
        write!(out, "<system-out>{}</system-out>", text(&case.prints.join("\n")))?;
    }
    writeln!(out, "</testcase>")
}
