//! What has to be known before a check begins: what is in force, and what there is to look at.

use std::path::PathBuf;

use gitops_render::policy::serves_policies;
use gitops_render::{Location, Sources};

use crate::Failure;
use crate::args::CheckArgs;
use crate::baseline::BaselinePlace;
use crate::check::{tell_what_is_missing, threads, to_check};
use crate::disk_tree::DiskTree;
use crate::locations::Found;
use crate::options::{Flags, Options, Settings};
use crate::policies::{self, Place};
use crate::scope;
use crate::stdin::Stdin;
use crate::walk::{self, Walked, Wanted};

/// What is checked, by what, and where all of that is.
pub struct Scene {
    /// A file as an editor has it.
    pub stdin: Option<Stdin>,
    /// What is checked: absolute and without symbolic links.
    pub paths: Vec<PathBuf>,
    /// What is in force.
    pub options: Options,
    /// Where policies are looked for.
    pub places: Vec<Place>,
    /// Where accepted findings are written down.
    pub baseline: BaselinePlace,
    /// The repository, with what lies elsewhere.
    pub tree: DiskTree,
    /// Where schemas are looked for.
    pub locations: Vec<Location>,
    /// What findings depend on.
    pub settings: Settings,
    /// How many threads are used; 0 means one for each core.
    pub threads: usize,
}

impl Scene {
    /// Follows what the arguments and the options file name.
    ///
    /// # Errors
    /// If something that they name is not there, or cannot be what it has to be.
    pub fn new(args: &CheckArgs) -> Result<Scene, Failure> {
        let stdin = args.stdin_filename.as_deref().map(Stdin::read).transpose()?;
        let paths = match &stdin {
            Some(it) => vec![it.path.clone()],
            None => args.paths.iter().map(|it| to_check(it)).collect::<Result<Vec<_>, _>>()?,
        };
        let options = Options::new(Flags::of_check(args)?, &paths)?;
        let places = options.policies.clone().unwrap_or_else(|| policies::by_default(&paths));
        let found = &options.locations;
        let beside = policies::on_disk(&places).chain(policies::on_disk(&options.data));
        let beside = beside.chain(found.iter().filter_map(Found::path)).chain(&options.baseline);
        let beside: Vec<&PathBuf> = beside.collect();
        let paths = scope::widened(paths, &beside);
        let baseline = BaselinePlace::find(&args.baseline, options.baseline.as_ref(), &paths, args.color)?;
        let beside = beside.into_iter().chain(baseline.given());
        let tree = DiskTree::around(&paths).map_err(Failure::NoWorkingDirectory)?.beside(beside);
        let tree = options.files().fold(tree, DiskTree::with_file).writable(&args.paths);
        let locations = found.iter().map(|it| it.location(&tree)).collect::<Result<Vec<_>, _>>()?;
        let settings = Settings::new(&options, &tree);
        let threads = threads(args.jobs);
        Ok(Scene { stdin, paths, options, places, baseline, tree, locations, settings, threads })
    }
}

/// The files that a check looks at.
pub struct Inputs {
    /// What is checked.
    pub walked: Walked,
    /// The packages whose rules are asked.
    pub packages: Vec<String>,
    /// The Rego files.
    pub rego: policies::Found,
    /// The YAML files that may hold policies.
    pub yaml: policies::Found,
    /// The data for policies.
    pub data: policies::Found,
    /// Whether everything could be looked at.
    pub is_complete: bool,
}

impl Inputs {
    /// Finds them; what cannot be looked at is told on stderr.
    pub fn find(scene: &Scene) -> Inputs {
        let Scene { paths, options, places, tree, settings, threads, .. } = scene;
        let walked = walk::walk_but(tree, paths, Wanted::Yaml, *threads, &settings.excluded);
        let rego = policies::find(tree, places, Wanted::Rego, *threads);
        let yaml = policies::find(tree, places, Wanted::Constraints, *threads);
        let data = policies::find(tree, &options.data, Wanted::Data, *threads);
        let is_complete = tell_what_is_missing(&walked) & rego.is_complete & data.is_complete;
        let packages = policies::packages(&options.namespaces, places);
        Inputs { walked, packages, rego, yaml, data, is_complete }
    }

    /// Whether there is nothing to check.
    pub fn is_empty(&self) -> bool {
        let Walked { files, named, excluded, .. } = &self.walked;
        files.is_empty() && named.is_empty() && *excluded == 0
    }

    /// Looks for places that somebody has named and where there is nothing.
    ///
    /// # Errors
    /// If there is one.
    pub fn missing(&self, scene: &Scene) -> Result<(), Failure> {
        let Scene { options, places, tree, .. } = scene;
        if self.data.files.is_empty() && !options.data.is_empty() {
            let shown: Vec<String> = options.data.iter().map(|it| format!("`{}`", it.shown(tree))).collect();
            return Err(Failure::NoData(shown.join(", ")));
        }
        if options.policies.is_some()
            && let Some(index) = without_policies(&Sources::new(tree), places, &self.rego, &self.yaml)
        {
            return Err(Failure::NoPolicies(format!("`{}`", places[index].shown(tree))));
        }
        Ok(())
    }
}

/// The first place that has neither Rego nor YAML that makes policies.
fn without_policies(
    sources: &Sources<'_>,
    places: &[Place],
    rego: &policies::Found,
    yaml: &policies::Found,
) -> Option<usize> {
    let is_without = |index: &usize| {
        let mut files = yaml.files.iter().zip(&yaml.places).filter(|it| it.1 == index).map(|it| &it.0.0);
        rego.empty.contains(index) && !files.any(|it| serves_policies(sources, it))
    };
    (0..places.len()).find(is_without)
}
