//! The fuzz targets: run under libFuzzer for as long as asked, or each for a while as part of the tests.
//!
//! They are built by the stable toolchain. libFuzzer needs the counters that LLVM's coverage pass puts into the code,
//! and that pass can be asked for by stable flags; a nightly one would add only the address sanitizer, which has nothing
//! to find in a driver that forbids `unsafe`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

const DEFAULT_TARGET: &str = "engine";
/// How long each target runs as part of the tests.
const SECONDS_IN_TESTS: u32 = 10;
/// An input that takes longer than this many seconds is a finding: nothing waits in real time.
const SECONDS_PER_INPUT: u32 = 20;

/// What cargo-fuzz passes as well, but for the sanitizer.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks \
    --cfg fuzzing";

/// Runs one target under libFuzzer, starting from its seeds and from what earlier runs found.
pub(crate) fn fuzz(workspace: &Workspace, target: Option<&str>, seconds: u32) -> Result<(), Failure> {
    let root = workspace.root();
    let target = target.unwrap_or(DEFAULT_TARGET);
    let targets = targets(root)?;
    if !targets.iter().any(|known| known == target) {
        return Err(Failure::new(format!("no such fuzz target: `{target}`; there are: {}", targets.join(", "))));
    }
    let corpus = format!("fuzz/corpus/{target}");
    let binaries = build(workspace)?;
    run(workspace, &binaries, target, &corpus, seconds)
}

/// Tests the bodies of the targets, then runs each under libFuzzer for a while.
pub(crate) fn test(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    in_fuzz_crate("fmt --check").run(root)?;
    in_fuzz_crate("clippy --all-targets").words("-- -D warnings").run(root)?;
    in_fuzz_crate("test").run(root)?;
    let binaries = build(workspace)?;
    for target in targets(root)? {
        // Not the corpus of longer runs: what a test starts from is the same on every machine.
        let corpus = workspace.target_folder().join("fuzz-corpus").join(&target);
        let _ = fs::remove_dir_all(root.join(&corpus));
        run(workspace, &binaries, &target, &corpus.to_string_lossy(), SECONDS_IN_TESTS)?;
    }
    Ok(())
}

/// Builds every target with the counters, and gives the folder of the binaries.
fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let root = workspace.root();
    let version = Invocation::new("rustc").words("--version --verbose").ask(root).unwrap_or_default();
    let Some(host) = version.lines().find_map(|line| line.strip_prefix("host: ")) else {
        return Err(Failure::new("rustc does not say what this machine is"));
    };
    // A folder of its own, since flags that differ would rebuild everything at each turn; and `--target`, so that the
    // flags are not for build scripts.
    let folder = workspace.target_folder().join("fuzz");
    in_fuzz_crate("build --release --bins")
        .words("--target")
        .argument(host)
        .words("--target-dir")
        .argument(folder.to_string_lossy())
        .variable("RUSTFLAGS", COVERAGE)
        .run(root)?;
    Ok(folder.join(host).join("release"))
}

fn run(workspace: &Workspace, binaries: &Path, target: &str, corpus: &str, seconds: u32) -> Result<(), Failure> {
    let root = workspace.root();
    let artifacts = format!("fuzz/artifacts/{target}/");
    let derived = workspace.target_folder().join("fuzz-seeds").join(target);
    for folder in [corpus, &artifacts, &derived.to_string_lossy()] {
        fs::create_dir_all(root.join(folder))
            .map_err(|error| Failure::new(format!("{folder} cannot be created: {error}")))?;
    }
    in_fuzz_crate("run --quiet --example seeds --")
        .argument(target)
        .argument(root.join(&derived).to_string_lossy())
        .run(root)?;
    // libFuzzer writes what it finds into the first folder only, so the seeds stay as they are.
    Invocation::new(binaries.join(target).to_string_lossy())
        .argument(corpus)
        .argument(format!("fuzz/seeds/{target}"))
        .argument(derived.to_string_lossy())
        .words(&format!("-dict=fuzz/dictionaries/{target}.dict -artifact_prefix={artifacts}"))
        .words(&format!("-max_total_time={seconds} -timeout={SECONDS_PER_INPUT} -max_len=1024 -print_final_stats=1"))
        .run(root)
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
