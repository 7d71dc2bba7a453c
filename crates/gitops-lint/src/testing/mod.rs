//! `gitops-lint test`: runs the tests of policies, from arguments to an exit code.

mod coverage;
mod json;
mod junit;
mod places;
mod pretty;
mod silence;

use std::io::{self, Write, stdout};
use std::process;
use std::time::Duration;

use gitops_render::policy::testing::{Coverage, Test, TestOptions, TestSet};
use gitops_render::policy::{Outcome, PolicyOptions, TestCase, has_suite, run_suites};
use gitops_render::{Diagnostic, RepoPath, SchemaStore, Severity, Sources};
use regex::Regex;

use crate::args::{TestArgs, TestFormat};
use crate::check::{pool, threads};
use crate::disk_tree::DiskTree;
use crate::findings::Finding;
use crate::lint::Checked;
use crate::options::Settings;
use crate::output::{Report, Style};
use crate::policies;
use crate::walk::Wanted;
use crate::{Failure, complain};

/// A result.
struct Timed {
    case: TestCase,
    /// The time that it took.
    took: Duration,
    /// Whether it fails, and somebody has silenced all that there is to say about it. It then counts as skipped.
    is_silenced: bool,
}

/// Everything that is written.
struct Results<'a> {
    cases: Vec<Timed>,
    /// What is wrong with the policies themselves.
    broken: Vec<Diagnostic>,
    /// Notes about them.
    notes: Vec<Diagnostic>,
    coverage: Option<Coverage>,
    sources: &'a Sources<'a>,
    /// A path as the reader knows it.
    name: &'a (dyn Fn(&RepoPath) -> String + Sync),
    is_verbose: bool,
}

/// Runs the tests, reports, and tells the exit code.
///
/// # Errors
/// If it could not even begin, or there is no test to run.
pub fn run(args: &TestArgs) -> Result<process::ExitCode, Failure> {
    let wanted = args.run.as_deref().map(Regex::new).transpose();
    let wanted = wanted.map_err(|err| Failure::NoPattern(err.to_string()))?;
    let (places, options) = places::find(args)?;
    let named_data = &options.data;
    let all = policies::on_disk(&places).chain(policies::on_disk(named_data));
    let tree = DiskTree::around(all).map_err(Failure::NoWorkingDirectory)?;
    let tree = options.files().fold(tree, DiskTree::with_file);
    let threads = threads(args.jobs);
    let pool = pool(threads)?;

    let rego = policies::find(&tree, &places, Wanted::Rego, threads);
    let beside = places::data_beside(args, &tree, &places, threads);
    let data = policies::find(&tree, named_data, Wanted::Data, threads);
    if data.files.is_empty() && !named_data.is_empty() {
        let shown: Vec<String> = named_data.iter().map(|it| format!("`{}`", it.shown(&tree))).collect();
        return Err(Failure::NoData(shown.join(", ")));
    }
    let sources = Sources::new(&tree);
    let (files, mut broken) = policies::open(&sources, &rego.files);
    let files: Vec<_> = files.into_iter().map(|it| it.file).collect();
    let (data_read, wrong) = policies::data(&sources, &beside.files, &data.files);
    broken.extend(wrong);

    let policy = PolicyOptions { data: data_read, ..PolicyOptions::default() };
    let how = TestOptions { policy, with_coverage: args.coverage };
    let (set, uncompiled) = TestSet::compile(&how, &files);
    broken.extend(uncompiled);
    let is_wanted = |it: &Test| wanted.as_ref().is_none_or(|wanted| wanted.is_match(&it.full_name()));
    let yaml = policies::find(&tree, &places, Wanted::Constraints, threads);
    let yaml: Vec<RepoPath> = yaml.files.into_iter().map(|it| it.0).collect();
    let suites = pool.install(|| suites(&sources, &yaml, wanted.as_ref()));
    if broken.is_empty() && suites.is_empty() && !set.tests().any(is_wanted) {
        let shown: Vec<String> = places.iter().map(|it| format!("`{}`", it.shown(&tree))).collect();
        return Err(nothing(args, shown.join(", "), &set, &files));
    }
    let ran = pool.install(|| set.run(is_wanted)).into_iter();
    let mut cases: Vec<Timed> = ran.map(|(case, took)| Timed { case, took, is_silenced: false }).collect();
    cases.extend(suites);
    let mut results = Results {
        cases,
        broken,
        notes: set.untested(),
        coverage: args.coverage.then(|| set.coverage()),
        sources: &sources,
        name: &|path| tree.shown(path),
        is_verbose: args.verbose,
    };
    let is_complete = rego.is_complete && beside.is_complete && data.is_complete;
    let settings = Settings::of_tests(&options, &tree);
    let is_all = is_complete && places::are_all(args, &options, &places)?;
    let tested: Vec<&RepoPath> = rego.files.iter().map(|it| &it.0).chain(&yaml).collect();
    pool.install(|| silence::silence(&mut results, &settings, is_all.then_some(&tested)));
    write(args, &results)?;
    let is_enough = coverage::is_enough(args.threshold, results.coverage.as_ref());
    Ok(match (is_complete, results.is_good() && is_enough) {
        (false, _) => process::ExitCode::from(2),
        (true, true) => process::ExitCode::SUCCESS,
        (true, false) => process::ExitCode::FAILURE,
    })
}

/// The cases of Gatekeeper's suites among files, run. How long each took is not known.
fn suites(sources: &Sources<'_>, files: &[RepoPath], wanted: Option<&Regex>) -> Vec<Timed> {
    let suites: Vec<RepoPath> = files.iter().filter(|it| has_suite(sources, it)).cloned().collect();
    let mut cases = run_suites(sources, &SchemaStore::embedded(), &suites);
    let name = |it: &TestCase| format!("{}/{}", it.group, it.name);
    cases.retain(|it| wanted.is_none_or(|wanted| wanted.is_match(&name(it))));
    cases.into_iter().map(|case| Timed { case, took: Duration::ZERO, is_silenced: false }).collect()
}

/// Why there is nothing to run in a place.
fn nothing(
    args: &TestArgs,
    place: String,
    set: &TestSet,
    files: &[std::sync::Arc<gitops_render::SourceFile>],
) -> Failure {
    match (&args.run, set.tests().count()) {
        (Some(pattern), more) if more > 0 => Failure::NoTestMatches { pattern: pattern.clone(), count: more },
        _ if files.is_empty() => Failure::NoPolicies(place),
        _ => Failure::NoTests { place, files: files.len() },
    }
}

impl Results<'_> {
    /// Whether there is nothing to say but notes. What fails is always said, unless it is silenced.
    fn is_good(&self) -> bool {
        let mut all = self.cases.iter().flat_map(|it| Results::of(&it.case)).chain(&self.broken);
        all.all(|it| it.severity == Severity::Info)
    }

    /// The findings of a result.
    fn of(case: &TestCase) -> &[Diagnostic] {
        match &case.outcome {
            Outcome::Failed(found) | Outcome::Errored(found) => found,
            Outcome::Passed | Outcome::Skipped => &[],
        }
    }

    /// All findings, in the order in which they are reported.
    fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        let of_cases = self.cases.iter().flat_map(|it| Results::of(&it.case));
        self.broken.iter().chain(of_cases).chain(&self.notes)
    }

    /// Hands the findings to something that reports findings.
    fn report<T>(&self, write: impl FnOnce(&Report<'_>) -> T) -> T {
        let finding = |it: &Diagnostic| Finding { diagnostic: it.clone(), roots: vec![], repeats: vec![] };
        let checked = Checked { findings: self.findings().map(finding).collect(), ..Checked::default() };
        write(&Report { checked: &checked, sources: self.sources, name: self.name })
    }
}

fn write(args: &TestArgs, results: &Results<'_>) -> Result<(), Failure> {
    let style = Style::of(&stdout(), args.color);
    let mut out = io::BufWriter::new(stdout().lock());
    let written = match args.output_format {
        TestFormat::Pretty => pretty::write(&mut out, results, style),
        TestFormat::Concise => pretty::write_concise(&mut out, results),
        TestFormat::Json => match &results.coverage {
            Some(coverage) => json::write_coverage(&mut out, results, coverage),
            None => json::write(&mut out, results),
        },
        TestFormat::Junit => junit::write(&mut out, results),
    };
    let written = match written.and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::Output),
    };
    drop(out);
    if matches!(args.output_format, TestFormat::Json | TestFormat::Junit) {
        pretty::tell_the_rest(results);
    }
    if let (Some(least), Some(coverage)) = (args.threshold, &results.coverage)
        && coverage.percent() < least
    {
        complain(
            "error",
            &format!("{} were evaluated, and {least} % are wanted", coverage::shown(coverage.percent())),
        );
    }
    written
}
