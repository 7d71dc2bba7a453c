//! What shells and `man` want to know: both are made out of the arguments, so they are always true.

use std::fs;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::Failure;
use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::output::printed;

/// Prints the completions for a shell.
///
/// # Errors
/// If nothing can be written.
pub fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = vec![];
    clap_complete::generate(args.shell, &mut Cli::command(), "gitops-lint", &mut script);
    printed(|out| std::io::Write::write_all(out, &script))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the manual page, or writes one for each command into a directory.
///
/// # Errors
/// If nothing can be written.
pub fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    let command = Cli::command();
    match &args.out_dir {
        None => printed(|out| clap_mangen::Man::new(command).render(out))?,
        Some(dir) => {
            let failed = |err| Failure::NotWritten { path: dir.clone(), source: err };
            fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir)).map_err(failed)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
