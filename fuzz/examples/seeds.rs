//! Writes the seeds that come from the transcripts: `seeds <target> <folder>`.

use std::env;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [target, folder] = arguments.as_slice() else {
        eprintln!("usage: seeds <target> <folder>");
        return ExitCode::from(2);
    };
    for (name, seed) in nt35e_fuzz::transcripts::seeds(target) {
        let path = Path::new(folder).join(name);
        if let Err(error) = fs::write(&path, seed) {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
