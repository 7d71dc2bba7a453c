//! What `--verbose` tells on stderr before the work begins: everything that decides about the result and that
//! nobody may have named.

use crate::check::Ready;
use crate::complain;
use crate::findings::counted;

/// Tells where the run looks, and what it goes by.
pub fn tell(ready: &Ready<'_>) {
    lines(ready).iter().for_each(|it| complain("info", it));
}

fn lines(ready: &Ready<'_>) -> Vec<String> {
    let Ready { options, tree, work, baseline, .. } = ready;
    let repository = match tree.repository() {
        Some(it) => format!("the repository is `{}`", it.display()),
        None => "no Git repository, so that paths may lead anywhere on the disk".to_owned(),
    };
    let options = match options.file() {
        Some(it) => format!("the options are those of `{it}`"),
        None => "no options file".to_owned(),
    };
    let baseline = match (ready.args.no_baseline, tree.path(&baseline.on_disk)) {
        (false, Some(it)) if baseline.on_disk.exists() => format!("the baseline is `{}`", tree.shown(&it)),
        _ => "no baseline".to_owned(),
    };
    let policies = &work.policies;
    let (rego, constraints) = (policies.files.len(), work.constraints.files.len());
    let policies = match rego + constraints {
        0 => "no policies".to_owned(),
        _ => {
            let rego = format!("{} of policies", counted(rego, "file"));
            let constraints = format!("{} of YAML beside them", counted(constraints, "file"));
            format!("{rego}, {constraints}, {} of data", counted(policies.data.len(), "file"))
        }
    };
    let threads = counted(rayon::current_num_threads(), "thread");
    vec![
        repository,
        options,
        baseline,
        policies,
        format!("{} to check, {threads}", counted(work.files.len(), "file")),
    ]
}
