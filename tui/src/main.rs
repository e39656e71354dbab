//! giqa: inspects photographs and says, in words and with boxes, what is good or wrong with them and where.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
