//! Embeds the folders of `policies/`, the packs and what they share: every file in them that is no
//! Markdown is a part. And tells the binary where the examples are that `init` writes, and what it was built from.
//!
//! All of that lies at the top of the repository. A package, which has no top, has it in `embedded/`: links, in
//! place of which cargo packs what they lead to. In a repository nobody looks there, because a checkout on Windows
//! may have files of text in place of links.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What the binary is built from in the repository.
const PARTS: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "crates/gitops-lint/Cargo.toml",
    "crates/gitops-lint/src",
    "crates/gitops-render",
    "policies",
    "schemas",
];

/// The same in a package. Which library it is built with stands nowhere.
const PACKED: [&str; 4] = ["Cargo.lock", "Cargo.toml", "embedded", "src"];

/// How it is built.
const WAYS: [&str; 4] = ["CARGO_ENCODED_RUSTFLAGS", "OPT_LEVEL", "PROFILE", "TARGET"];

fn main() -> Result<(), Box<dyn Error>> {
    let own = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let repository = own.join("../..");
    let is_packed = !repository.join("crates/gitops-lint/build.rs").is_file();
    let (top, parts) = if is_packed { (own.clone(), &PACKED[..]) } else { (repository, &PARTS[..]) };
    println!("cargo::rustc-env=GITOPS_LINT_SOURCES={:016x}", sources(&top, parts)?);
    let embedded = if is_packed { own.join("embedded") } else { top };
    println!("cargo::rustc-env=GITOPS_LINT_EXAMPLES={}", embedded.join("examples").display());
    let policies = embedded.join("policies");
    println!("cargo::rerun-if-changed={}", policies.display());
    let mut code = "static PACKS: &[Pack] = &[\n".to_owned();
    for pack in sorted(&policies)?.into_iter().filter(|it| it.is_dir()) {
        println!("cargo::rerun-if-changed={}", pack.display());
        writeln!(code, "Pack {{ name: {:?}, files: &[", name_of(&pack, &policies)?)?;
        for file in files(&pack)? {
            let on_disk = fs::canonicalize(&file)?;
            writeln!(code, "({:?}, include_bytes!({on_disk:?})),", name_of(&file, &pack)?)?;
        }
        code.push_str("] },\n");
    }
    code.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("packs.rs"), code)?;
    Ok(())
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found =
        fs::read_dir(directory)?.map(|it| Ok(it?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    found.sort();
    Ok(found)
}

/// The files in and below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = vec![];
    for path in sorted(folder)? {
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_none_or(|it| it != "md") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The path from a folder, with `/`.
fn name_of(path: &Path, folder: &Path) -> Result<String, Box<dyn Error>> {
    Ok(path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/"))
}

/// A digest of what the binary is built from, and how: results of another build are not those of this one.
fn sources(top: &Path, parts: &[&str]) -> Result<u64, Box<dyn Error>> {
    let mut hasher = DefaultHasher::new();
    for part in parts.iter().map(|it| top.join(it)).filter(|it| it.exists()) {
        println!("cargo::rerun-if-changed={}", part.display());
        for file in if part.is_dir() { files(&part)? } else { vec![part] } {
            name_of(&file, top)?.hash(&mut hasher);
            fs::read(&file)?.hash(&mut hasher);
        }
    }
    let is_meant =
        |it: &str| it.starts_with("CARGO_CFG_") || it.starts_with("CARGO_FEATURE_") || WAYS.contains(&it);
    let ways: BTreeMap<String, String> = env::vars().filter(|it| is_meant(&it.0)).collect();
    ways.hash(&mut hasher);
    Ok(hasher.finish())
}
