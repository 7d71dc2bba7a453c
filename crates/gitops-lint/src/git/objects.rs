//! Contents by name: one `git cat-file --batch` for as long as they are wanted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::command::{command, not_started};
use super::{Git, GitError};

/// A child that answers with contents. Threads take turns.
#[derive(Debug)]
pub(super) struct Objects {
    talk: Mutex<Talk>,
}

#[derive(Debug)]
struct Talk {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    /// Starts the child, which waits for questions.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(git: &Git) -> Result<Objects, GitError> {
        let mut command = command(git.top());
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(not_started)?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::NotStarted(io::ErrorKind::BrokenPipe.into()));
        };
        let talk = Talk { child, questions: Some(questions), answers: BufReader::new(answers) };
        Ok(Objects { talk: Mutex::new(talk) })
    }

    /// The content with this name.
    ///
    /// # Errors
    /// If there is none, for example in a partial clone, or the child has gone.
    pub(super) fn read(&self, id: &str) -> io::Result<Arc<[u8]>> {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner).read(id)
    }
}

impl Talk {
    fn read(&mut self, id: &str) -> io::Result<Arc<[u8]>> {
        let questions = self.questions.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        questions.write_all(format!("{id}\n").as_bytes())?;
        questions.flush()?;
        let mut header = String::new();
        self.answers.read_line(&mut header)?;
        let size = header.split_ascii_whitespace().nth(2).and_then(|it| it.parse::<usize>().ok());
        let Some(size) = size else {
            let reason = format!("Git has no content `{id}`; the clone may be partial");
            return Err(io::Error::new(io::ErrorKind::NotFound, reason));
        };
        // The line feed that ends an answer comes along, and is no part of the content.
        let mut content = vec![0; size + 1];
        self.answers.read_exact(&mut content)?;
        content.truncate(size);
        Ok(content.into())
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // The child ends when there will be no more questions.
        self.questions.take();
        let _ = self.child.wait();
    }
}
