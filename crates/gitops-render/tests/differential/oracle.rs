//! Real kustomize, asked about many objects at once.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A program that renders a directory.
pub struct Oracle {
    /// The command, without the directory.
    words: Vec<String>,
    directory: PathBuf,
}

impl Oracle {
    /// The program to ask, or `None` and a line that says why.
    pub fn find() -> Option<Oracle> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let command = std::env::var("KUSTOMIZE").unwrap_or_else(|_| "kubectl kustomize".to_owned());
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        if Command::new(&words[0]).args(&words[1..]).arg("--help").output().is_err() {
            eprintln!("skipped: neither does KUSTOMIZE name a command, nor is there a kubectl");
            return None;
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("differential-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("the directory for temporary files can be written");
        Some(Oracle { words, directory })
    }

    /// What is printed for each object, or why it is refused. Names must be in order.
    pub fn print(&self, objects: &[&str]) -> Vec<Result<String, String>> {
        match self.render(objects) {
            Ok(text) => {
                let printed = split(&text);
                assert_eq!(printed.len(), objects.len(), "as many objects come out as went in:\n{text}");
                printed.into_iter().map(Ok).collect()
            }
            Err(reason) if objects.len() == 1 => vec![Err(reason)],
            // One of them is refused: halves find out which.
            Err(_) => {
                let (left, right) = objects.split_at(objects.len() / 2);
                let mut printed = self.print(left);
                printed.append(&mut self.print(right));
                printed
            }
        }
    }

    fn render(&self, objects: &[&str]) -> Result<String, String> {
        let write = |name: String, text: &str| {
            std::fs::write(self.directory.join(name), text).expect("our own directory can be written");
        };
        let mut kustomization = "resources:\n".to_owned();
        for (index, object) in objects.iter().enumerate() {
            kustomization.push_str(&format!("- {index}.yaml\n"));
            write(format!("{index}.yaml"), object);
        }
        write("kustomization.yaml".to_owned(), &kustomization);
        let output = Command::new(&self.words[0]).args(&self.words[1..]).arg(&self.directory).output();
        let output = output.expect("the program has answered before");
        if output.status.success() {
            Ok(String::from_utf8(output.stdout).expect("kustomize prints UTF-8"))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned())
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Splits a stream at `---`, which no value can hold at the start of a line. A document that ends
/// with a line separator has no newline.
fn split(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive(['\n', '\u{2028}', '\u{2029}']) {
        match line {
            "---\n" => documents.push(String::new()),
            line => documents.last_mut().expect("there is always one").push_str(line),
        }
    }
    documents
}
