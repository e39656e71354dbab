//! Starts the program.

fn main() -> std::process::ExitCode {
    giqa_tui::main()
}
