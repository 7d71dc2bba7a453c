//! The program. All that it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    gitops_lint::main()
}
