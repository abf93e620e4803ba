//! `nt35e`: see `nt35e --help`.

fn main() -> std::process::ExitCode {
    nt35e_tools::run()
}
