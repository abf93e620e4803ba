//! The fuzz targets: run for real under libFuzzer, or built and tried quickly as part of the tests.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::setup;
use crate::workspace::Workspace;

/// cargo-fuzz passes flags to the compiler that only a nightly one takes.
const TOOLCHAIN: &str = "nightly";
const DEFAULT_TARGET: &str = "engine";

/// Runs one target under libFuzzer, starting from its seeds and from what earlier runs found.
pub(crate) fn fuzz(workspace: &Workspace, target: Option<&str>, seconds: u32) -> Result<(), Failure> {
    let root = workspace.root();
    let target = target.unwrap_or(DEFAULT_TARGET);
    let targets = targets(root)?;
    if !targets.iter().any(|known| known == target) {
        return Err(Failure::new(format!("no such fuzz target: `{target}`; there are: {}", targets.join(", "))));
    }
    setup::toolchain(root, TOOLCHAIN)?;
    if Invocation::cargo("fuzz --version").ask(root).is_none() {
        Invocation::cargo("install cargo-fuzz --locked").run(root)?;
    }

    let corpus = format!("fuzz/corpus/{target}");
    fs::create_dir_all(root.join(&corpus))
        .map_err(|error| Failure::new(format!("{corpus} cannot be created: {error}")))?;
    // libFuzzer writes what it finds into the first folder only, so the seeds stay as they are.
    Invocation::cargo(&format!("+{TOOLCHAIN} fuzz run {target} {corpus} fuzz/seeds/{target}"))
        .words(&format!("-- -max_total_time={seconds}"))
        .run(root)
}

/// Builds every target with the stable toolchain, tests their bodies, and runs each binary over its seeds.
pub(crate) fn smoke(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    in_fuzz_crate("fmt --check").run(root)?;
    in_fuzz_crate("clippy --all-targets").words("-- -D warnings").run(root)?;
    in_fuzz_crate("test").run(root)?;
    in_fuzz_crate("build --bins").run(root)?;
    for target in targets(root)? {
        // Without the sanitizer's flags there is nothing to guide libFuzzer, but it still runs the files it is given.
        let mut run = in_fuzz_crate("run --quiet --bin").argument(target.as_str()).argument("--");
        for seed in files_in(root, &format!("fuzz/seeds/{target}"))? {
            run = run.argument(seed.to_string_lossy());
        }
        run.run(root)?;
    }
    Ok(())
}

fn in_fuzz_crate(words: &str) -> Invocation {
    let (command, rest) = words.split_once(' ').unwrap_or((words, ""));
    Invocation::cargo(command).words("--manifest-path fuzz/Cargo.toml").words(rest)
}

/// The names of the targets: one file each.
fn targets(root: &Path) -> Result<Vec<String>, Failure> {
    let files = files_in(root, "fuzz/fuzz_targets")?;
    Ok(files.iter().filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect())
}

/// The files of a folder, as paths from the root and in the order of their names.
fn files_in(root: &Path, folder: &str) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("{folder} cannot be read: {error}"));
    let mut files = Vec::new();
    for entry in fs::read_dir(root.join(folder)).map_err(unreadable)? {
        files.push(Path::new(folder).join(entry.map_err(unreadable)?.file_name()));
    }
    files.sort();
    if files.is_empty() { Err(Failure::new(format!("{folder} is empty"))) } else { Ok(files) }
}
