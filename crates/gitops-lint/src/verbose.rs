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
    let files = [
        (work.policies.files.len(), "of policies"),
        (work.constraints.files.len(), "of YAML that may hold policies"),
        (work.policies.data.len(), "of data for policies"),
    ];
    let threads = counted(rayon::current_num_threads(), "thread");
    let to_check = match work.files.len() {
        0 => format!("no YAML files to check, {threads}"),
        files => format!("{} to check, {threads}", counted(files, "YAML file")),
    };
    vec![repository, options, baseline, policies(&files), to_check]
}

/// What is asked, of which there may be several kinds of files.
fn policies(files: &[(usize, &str)]) -> String {
    let there = files.iter().filter(|it| it.0 > 0);
    let there: Vec<String> =
        there.map(|(number, what)| format!("{} {what}", counted(*number, "file"))).collect();
    if there.is_empty() { "no policies".to_owned() } else { there.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_not_is_left_out_or_said_in_words() {
        let policies =
            |rego, yaml, data| policies(&[(rego, "of policies"), (yaml, "of YAML"), (data, "of data")]);
        assert_eq!(policies(0, 0, 0), "no policies");
        assert_eq!(policies(1, 0, 0), "1 file of policies");
        assert_eq!(policies(2, 1, 3), "2 files of policies, 1 file of YAML, 3 files of data");
    }
}
