//! `--output-format FORMAT[=PATH]`: which reports are wanted, and where each goes.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, ValueEnum as _};

use crate::Failure;
use crate::args::{CheckArgs, Color, OutputFormat};
use crate::output::{self, Report, Run, Style, printed, summary_line};
use crate::report_file::ReportFile;

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportArg {
    /// How it is written.
    pub format: OutputFormat,
    /// Where to; stdout if there is no path.
    pub path: Option<PathBuf>,
}

/// Why reports cannot be what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// One behind the other, they would be neither.
    #[error(
        "two reports cannot both go to stdout: give one of them a file, for example `--output-format {}=PATH`",
        name(*.0)
    )]
    TwoToStdout(OutputFormat),
    /// The second would replace the first.
    #[error("two reports cannot both go to `{}`", .0.display())]
    TwoToOneFile(PathBuf),
}

/// The word for a format.
fn name(format: OutputFormat) -> String {
    format.to_possible_value().map(|it| it.get_name().to_owned()).unwrap_or_default()
}

/// The reports of a run, each with a place that it can be written to.
#[derive(Debug)]
pub struct Reports {
    stdout: Option<OutputFormat>,
    files: Vec<(OutputFormat, ReportFile)>,
}

impl Reports {
    /// Prepares what is wanted; if that is nothing, a full report on stdout.
    ///
    /// # Errors
    /// If two reports want the same place, or a file cannot be written.
    pub fn new(wanted: &[ReportArg]) -> Result<Reports, Failure> {
        let mut reports = Reports { stdout: wanted.is_empty().then_some(OutputFormat::Full), files: vec![] };
        for ReportArg { format, path } in wanted {
            let Some(path) = path else {
                if reports.stdout.replace(*format).is_some() {
                    return Err(ReportsError::TwoToStdout(*format).into());
                }
                continue;
            };
            let file = ReportFile::prepare(path).map_err(|err| not_written(path, err))?;
            if reports.files.iter().any(|it| it.1.replaces(&file)) {
                return Err(ReportsError::TwoToOneFile(path.clone()).into());
            }
            reports.files.push((*format, file));
        }
        Ok(reports)
    }

    /// Writes all of them. If nothing goes to stdout, the summary goes to stderr. What `--quiet` and
    /// `--statistics` leave away is left away on stdout only.
    ///
    /// # Errors
    /// The first one, after every report has been tried.
    pub fn write(&self, report: &Report<'_>, run: &Run<'_>, args: &CheckArgs) -> Result<(), Failure> {
        let files = self.files.iter().map(|(format, file)| {
            let style = Style { is_colored: args.color == Color::Always, is_terminal: false };
            let written = file.write(|out| output::write(out, *format, report, run, style));
            written.map_err(|err| not_written(&file.path, err))
        });
        let mut results: Vec<Result<(), Failure>> = files.collect();
        results.push(match self.stdout {
            Some(format) => {
                let style = Style::of(&io::stdout(), args.color);
                printed(|out| match format {
                    OutputFormat::Json if args.statistics => output::statistics::write_json(out, report),
                    _ if args.statistics => output::statistics::write(out, report),
                    OutputFormat::Full if args.quiet => output::full::write_findings(out, report, style),
                    OutputFormat::Concise if args.quiet => output::concise::write_findings(out, report),
                    format => output::write(out, format, report, run, style),
                })
            }
            None if args.quiet => Ok(()),
            None => {
                use io::Write as _;
                // If nobody reads there, nobody is to be told.
                let _ = writeln!(io::stderr(), "{}", summary_line(&report.checked.summary));
                Ok(())
            }
        });
        results.into_iter().collect()
    }
}

fn not_written(path: &std::path::Path, source: io::Error) -> Failure {
    Failure::NotWritten { path: path.to_owned(), source }
}

/// Reads `FORMAT` or `FORMAT=PATH`.
#[derive(Clone, Debug)]
pub struct ReportArgParser;

impl TypedValueParser for ReportArgParser {
    type Value = ReportArg;

    fn parse_ref(&self, cmd: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<ReportArg, clap::Error> {
        let Some(words) = value.to_str() else {
            return Err(clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(cmd));
        };
        let (format, path) = match words.split_once('=') {
            Some((format, path)) => (format, Some(path)),
            None => (words, None),
        };
        let format = EnumValueParser::<OutputFormat>::new().parse_ref(cmd, arg, OsStr::new(format))?;
        if path == Some("") {
            let message = format!("`--output-format {words}` names no file behind the `=`\n");
            return Err(clap::Error::raw(ErrorKind::InvalidValue, message).with_cmd(cmd));
        }
        Ok(ReportArg { format, path: path.map(PathBuf::from) })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(OutputFormat::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser as _;

    fn parsed(words: &[&str]) -> Result<CheckArgs, String> {
        let all = ["gitops-lint", "check"].iter().chain(words);
        match Cli::try_parse_from(all).map_err(|err| err.to_string())?.command {
            crate::args::Command::Check(args) => Ok(*args),
            other => Err(format!("parsed as {other:?}")),
        }
    }

    #[test]
    fn a_format_may_have_a_path() {
        let args = parsed(&["--output-format", "json", "--output-format=sarif=a=b.sarif"]).unwrap();
        let expected = [
            ReportArg { format: OutputFormat::Json, path: None },
            ReportArg { format: OutputFormat::Sarif, path: Some("a=b.sarif".into()) },
        ];
        assert_eq!(args.output_formats, expected);
        assert!(parsed(&["--output-format", "json="]).unwrap_err().contains("names no file"));
        let unknown = parsed(&["--output-format", "sarfi=x"]).unwrap_err();
        assert!(unknown.contains("'sarif'") && unknown.contains("json-lines"), "{unknown}");
    }

    #[test]
    fn two_reports_cannot_share_a_place() {
        let wanted =
            |path: Option<&str>| ReportArg { format: OutputFormat::Json, path: path.map(PathBuf::from) };
        let failed = Reports::new(&[wanted(None), wanted(None)]).unwrap_err().to_string();
        assert!(failed.contains("both go to stdout") && failed.contains("json=PATH"), "{failed}");
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        std::fs::write(path("old"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("old", path("link")).unwrap();
        let last = if cfg!(unix) { "link" } else { "old" };
        for (one, other) in [("a", "a"), ("a", "b/../a"), ("b/../a", "./a"), ("old", last)] {
            let failed =
                Reports::new(&[wanted(path(one).to_str()), wanted(path(other).to_str())]).unwrap_err();
            assert!(failed.to_string().starts_with("two reports cannot both go to `"), "{failed}");
        }
    }
}
