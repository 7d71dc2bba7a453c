//! The program. All that it does is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Millions of small values are made on all threads at once.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gitops_lint::main()
}
