//! The command line: opens the window, or runs one command. See [`wireloom::command`].

fn main() -> std::process::ExitCode {
    wireloom::command::run()
}
