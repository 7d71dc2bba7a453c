//! `gitops-lint check`: from arguments to an exit code.

use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io, process, thread};

use gitops_render::{GatekeeperOptions, RenderOptions, Renderer, RepoPath};

use crate::args::{CheckArgs, FailOn};
use crate::base::{Base, Now};
use crate::baseline::{self, BaselinePlace};
use crate::cache::Cache;
use crate::constraints::ConstraintWork;
use crate::disk_tree::DiskTree;
use crate::findings::Summary;
use crate::fix::{Changed, Files, Fixes, Next};
use crate::lint::{self, Policies, Work};
use crate::options::Options;
use crate::output::{Report, Run};
use crate::policies;
use crate::prepare::{Inputs, Scene};
use crate::progress::Progress;
use crate::reports::Reports;
use crate::walk::{self, Walked};
use crate::{Failure, complain, suppress, verbose, watch};

/// Values nest up to 256 levels; what looks at them may need some room on each.
const STACK: usize = 32 * 1024 * 1024;

/// Checks, reports, and tells the exit code.
///
/// # Errors
/// If it could not even begin, or there is nothing to check.
pub fn run(args: &CheckArgs) -> Result<process::ExitCode, Failure> {
    if args.watch { watch::run(args) } else { once(args) }
}

/// The same, once.
///
/// # Errors
/// As above.
pub fn once(args: &CheckArgs) -> Result<process::ExitCode, Failure> {
    around(args, |ready| check(ready, &Reports::new(&ready.options.reports)?))
}

/// Everything that has to be known before the check itself.
pub struct Ready<'a> {
    /// What was asked for.
    pub args: &'a CheckArgs,
    /// What is in force.
    pub options: &'a Options,
    /// The repository.
    pub tree: &'a DiskTree,
    /// Files that are not as they are on the disk.
    unsaved: Files,
    /// What is checked.
    pub work: &'a Work<'a>,
    /// What reports say about the run as a whole.
    run: &'a Run<'a>,
    /// Where accepted findings are written down.
    pub baseline: &'a BaselinePlace,
    /// Whether everything could be looked at.
    pub is_complete: bool,
    /// What is compared with.
    base: Option<&'a Base<'a>>,
    /// What is looked for on either side.
    now: &'a Now<'a>,
}

impl<'a> Ready<'a> {
    /// The places of policies, and of their data.
    pub fn policies(&self) -> (&'a [policies::Place], &'a [policies::Place]) {
        (self.now.places, &self.now.options.data)
    }
}

/// Finds out what there is to check, and lets `then` do it, which tells the exit code and whether something
/// has failed.
///
/// # Errors
/// As above.
pub fn around(
    args: &CheckArgs,
    then: impl FnOnce(&Ready<'_>) -> Result<(u8, bool), Failure> + Send,
) -> Result<process::ExitCode, Failure> {
    let scene = Scene::new(args)?;
    let Scene { paths, options, places, baseline, tree, settings, threads, .. } = &scene;
    let base = Base::find(&args.changes, tree, paths)?;
    let pool = pool(*threads)?;
    let found = Inputs::find(&scene);
    if found.is_empty() {
        return if found.is_complete { Err(nothing(args)) } else { Ok(process::ExitCode::from(2)) };
    }
    found.missing(&scene)?;
    let Inputs { walked, packages, rego, yaml, data, is_complete } = &found;
    let gatekeeper =
        GatekeeperOptions { expands_pods: !args.policy.no_expand, ..GatekeeperOptions::default() };
    let files = yaml.files.iter().map(|it| it.0.clone());
    let constraints = ConstraintWork { files: files.collect(), options: gatekeeper };
    let work = Work {
        files: &walked.files,
        named: &walked.named,
        repository: &|wanted| walk::repository(tree, paths, wanted, *threads, &settings.excluded),
        is_part: tree.around_of(paths).is_some(),
        today: suppress::today(),
        policies: Policies {
            files: &rego.files,
            data: &data.files,
            namespaces: packages,
            all_namespaces: options.all_namespaces,
            combine: options.combine,
            are_named: options.policies.is_some(),
        },
        constraints: &constraints,
        locations: &scene.locations,
        settings,
        only: None,
        is_last: !args.watch,
    };
    let run = Run {
        files: &walked.files,
        in_repository: &|path| tree.in_repository(path),
        errors: &[&*walked.unreadable, &*rego.unreadable, &*data.unreadable].concat(),
        warnings: &[&*walked.skipped, &*rego.skipped, &*data.skipped].concat(),
        has_excluded: walked.excluded > 0,
    };
    let unsaved = scene.stdin.as_ref().map(|it| it.files(tree)).unwrap_or_default();
    let (work, run, is_complete) = (&work, &run, *is_complete);
    let accepted = (!args.no_baseline).then_some(baseline);
    let now = &Now { tree, paths, options, places, work, baseline: accepted };
    let ready =
        Ready { args, options, tree, unsaved, work, run, baseline, is_complete, now, base: base.as_ref() };
    let (code, has_failed) = pool.install(|| then(&ready))?;
    Ok(process::ExitCode::from(if is_complete && !has_failed { code } else { 2 }))
}

/// Checks, as often as there is something to fix, and reports. Tells the exit code, and whether something
/// could not be fixed that should have been.
fn check(ready: &Ready<'_>, reports: &Reports) -> Result<(u8, bool), Failure> {
    let Ready { args, tree, work, run, .. } = *ready;
    let options = render_options(work);
    let progress = match (args.quiet, args.verbose) {
        (true, _) => Progress::hidden(),
        (_, true) => Progress::verbose(),
        _ => Progress::new(),
    };
    if args.verbose {
        verbose::tell(ready);
    }
    let cache = Cache::new(args);
    let mut fixes = Fixes::new(args);
    loop {
        let files =
            ready.unsaved.iter().map(|(path, it)| (path.clone(), Arc::clone(it))).chain(fixes.files());
        let seen = cache.watch(tree);
        let fixed = Changed::new(&seen, files.collect());
        // Mostly the process ends with this function. To take millions of nodes down one by one before
        // that would be a tenth of all the work.
        let renderer = ManuallyDrop::new(Renderer::new(&fixed, options));
        let lint = |work: &Work<'_>| match ready.base {
            Some(base) => base.check(ready.now, &renderer, &progress),
            None => lint::lint(&renderer, work, &progress),
        };
        let mut checked = cache.checked(&seen, &renderer, (&options, work), lint)?;
        checked.warnings.iter().for_each(|it| complain("warning", it));
        // Hooks name whatever has changed, and not all of it has to do with a cluster.
        let is_nothing =
            checked.summary.roots == 0 && checked.findings.is_empty() && checked.muted.is_empty();
        if is_nothing && work.named.is_empty() && !run.has_excluded && ready.base.is_none() {
            return Err(nothing(args));
        }
        let code = match fixes.after(&checked, renderer.sources(), tree, args.color)? {
            Next::Again => None,
            Next::End(code) => Some(if args.exit_zero { 0 } else { code }),
            Next::Report => {
                if !args.no_baseline && ready.base.is_none() {
                    let (place, renderer, policies) = (ready.baseline, &renderer, ready.policies());
                    let around = baseline::Around { place, tree, renderer, work, policies };
                    baseline::apply(around, &mut checked)?;
                }
                let name = |path: &RepoPath| tree.shown(path);
                let report = Report { checked: &checked, sources: renderer.sources(), name: &name };
                reports.write(&report, run, args)?;
                Some(verdict(work.settings.fail_on, &checked.summary))
            }
        };
        if !work.is_last {
            drop(ManuallyDrop::into_inner(renderer));
        }
        if let Some(code) = code {
            return Ok((code, fixes.has_failed()));
        }
    }
}

/// How kustomizations are rendered.
pub fn render_options(work: &Work<'_>) -> RenderOptions {
    RenderOptions { duplicate_keys: !work.settings.strict, ..RenderOptions::default() }
}

/// The exit code for what was found.
fn verdict(fail_on: FailOn, summary: &Summary) -> u8 {
    let Summary { errors, warnings, infos, .. } = *summary;
    let failures = match fail_on {
        FailOn::Never => 0,
        FailOn::Error => errors,
        FailOn::Warning => errors + warnings,
        FailOn::Info => errors + warnings + infos,
    };
    u8::from(failures > 0)
}

/// Threads for each core that still do something: more only look for work in each other's queues.
const MOST_FOR_A_CORE: usize = 4;

/// How many threads `--jobs` asks for, within reason; 0, which is one for each core, if it is not given.
pub fn threads(jobs: Option<NonZeroUsize>) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    jobs.map_or(0, |it| it.get().min(cores * MOST_FOR_A_CORE))
}

/// So many threads, or one for each core.
pub fn pool(threads: usize) -> Result<rayon::ThreadPool, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK);
    pool.build().map_err(|err| Failure::NoThreads(err.to_string()))
}

/// A path that is to be checked, as the system knows it.
pub fn to_check(path: &Path) -> Result<PathBuf, Failure> {
    const STDIN: &str = "what comes on stdin is checked by `--stdin-filename PATH`, as if that file held it";
    let failed = |why: String| Failure::NoSuchPath { path: path.to_owned(), source: io::Error::other(why) };
    if path == Path::new("-") && !path.exists() {
        return Err(failed(STDIN.to_owned()));
    }
    let real = existing(path)?;
    if fs::metadata(&real).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return Err(failed(format!("it is a pipe or a device; {STDIN}")));
    }
    Ok(real)
}

/// The path as the system knows it.
pub fn existing(path: &Path) -> Result<PathBuf, Failure> {
    fs::canonicalize(path).map_err(|err| Failure::NoSuchPath { path: path.to_owned(), source: err })
}

/// There is nothing to check.
pub fn nothing(args: &CheckArgs) -> Failure {
    Failure::NothingToCheck(shown_list(&args.paths))
}

/// The paths in a message.
pub fn shown_list(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths.iter().map(|it| format!("`{}`", it.display())).collect();
    shown.join(", ")
}

/// Whether everything could be looked at.
pub fn tell_what_is_missing(walked: &Walked) -> bool {
    walked.skipped.iter().for_each(|it| complain("warning", it));
    walked.unreadable.iter().for_each(|it| complain("error", it));
    walked.unreadable.is_empty()
}
