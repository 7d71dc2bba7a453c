//! Results of tests as JUnit's XML: a suite for each package, a case for each result.

use std::io;

use gitops_render::policy::Outcome;

use crate::testing::{Results, Timed};

/// Writes the document.
pub fn write(out: &mut impl io::Write, results: &Results<'_>) -> io::Result<()> {
    let mut suites: Vec<(&str, Vec<&Timed>)> = vec![];
    for timed in &results.cases {
        match suites.iter_mut().find(|it| it.0 == timed.0.group) {
            Some((_, cases)) => cases.push(timed),
            None => suites.push((&timed.0.group, vec![timed])),
        }
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites{}>", counts(&results.cases.iter().collect::<Vec<_>>()))?;
    for (name, cases) in suites {
        writeln!(out, "  <testsuite name=\"{}\"{}>", escaped(name), counts(&cases))?;
        for timed in cases {
            write_case(out, results, timed)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn counts(cases: &[&Timed]) -> String {
    let count = |of: fn(&Outcome) -> bool| cases.iter().filter(|it| of(&it.0.outcome)).count();
    let failures = count(|it| matches!(it, Outcome::Failed(_)));
    let errors = count(|it| matches!(it, Outcome::Errored(_)));
    let skipped = count(|it| matches!(it, Outcome::Skipped));
    let time: f64 = cases.iter().map(|it| it.1.as_secs_f64()).sum();
    let all = cases.len();
    format!(
        " tests=\"{all}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time:.6}\""
    )
}

fn write_case(out: &mut impl io::Write, results: &Results<'_>, (case, took): &Timed) -> io::Result<()> {
    let (path, start, _) = results.sources.place(case.at);
    let (file, line) = (escaped(&(results.name)(&path)), start.line);
    let (class, name) = (escaped(&case.group), escaped(&case.name));
    let time = took.as_secs_f64();
    write!(
        out,
        "    <testcase classname=\"{class}\" name=\"{name}\" file=\"{file}\" line=\"{line}\" time=\"{time:.6}\">"
    )?;
    let tag = match &case.outcome {
        Outcome::Failed(_) => "failure",
        Outcome::Errored(_) => "error",
        Outcome::Passed => "",
        Outcome::Skipped => {
            write!(out, "<skipped/>")?;
            ""
        }
    };
    for found in Results::of(case) {
        let (path, start, _) = results.sources.place(found.span());
        let place = format!("{}:{}:{}", (results.name)(&path), start.line, start.column);
        let (message, why) =
            (escaped(&found.message), escaped(&format!("{place}: {}", found.labels[0].text)));
        write!(out, "<{tag} message=\"{message}\">{why}</{tag}>")?;
    }
    if !case.prints.is_empty() {
        write!(out, "<system-out>{}</system-out>", escaped(&case.prints.join("\n")))?;
    }
    writeln!(out, "</testcase>")
}

/// The text as XML has it. Characters that XML cannot say become question marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push('\t'),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('?'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_say_is_replaced() {
        assert_eq!(escaped("a<b> & \"c\"\n\u{1b}"), "a&lt;b&gt; &amp; &quot;c&quot;&#10;?");
    }
}
