//! Embeds the folders of `policies/`, the packs and what they share: every file in them that is no
//! Markdown is a part.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let policies = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../policies");
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
