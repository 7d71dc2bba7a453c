//! Which modules the rules that are asked rest on.
//!
//! Policies that were found, and not named, may lie beside Rego that is for something else. What
//! nobody asks for is not looked at, so that its faults are nobody's surprise.

use crate::policy::PolicyOptions;
use crate::policy::module::{Broken, Module};
use crate::policy::tokens;

/// Leaves out all modules but those of the packages that are asked, and of the packages that these
/// name, and so on.
pub(super) fn keep(options: &PolicyOptions, modules: &mut Vec<Module>, broken: &mut Vec<Broken>) {
    if options.all_namespaces {
        return;
    }
    let split = |it: &String| it.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut named: Vec<Vec<String>> = options.namespaces.iter().map(split).collect();
    let mut kept: Vec<Module> = vec![];
    loop {
        let (needed, rest): (Vec<_>, Vec<_>) =
            std::mem::take(modules).into_iter().partition(|it| is_named(&named, &it.package));
        *modules = rest;
        if needed.is_empty() {
            break;
        }
        named.extend(needed.iter().flat_map(references));
        kept.extend(needed);
    }
    kept.sort_by(|a, b| a.source.file.path.cmp(&b.source.file.path));
    *modules = kept;
    broken.retain(|it| it.package.as_ref().is_none_or(|it| is_named(&named, it)));
}

/// Whether one of the paths leads into the package, or to something above it.
fn is_named(paths: &[Vec<String>], package: &[String]) -> bool {
    paths.iter().any(|it| it.iter().zip(package).all(|(a, b)| a == b))
}

/// The paths below `data` that a module names.
fn references(module: &Module) -> Vec<Vec<String>> {
    let tokens = tokens::tokens(&module.source.text);
    let in_text = tokens::references(&tokens).into_iter().filter(|it| it.path[0] == "data");
    let in_text = in_text.map(|it| it.path[1..].iter().map(|&it| it.to_owned()).collect());
    in_text.chain(module.imports.iter().map(|it| it.path.clone())).collect()
}
