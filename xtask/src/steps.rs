//! Everything that `cargo xtask test` does, in this order, but for what runs beside the rest.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;
use crate::{bench, boards, demo, emulate, feature_sets, fuzz, setup, soak};

const MIRI_TOOLCHAIN: &str = "nightly";

#[derive(Debug)]
pub(crate) struct Step {
    /// What `--only` takes.
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) run: fn(&Workspace) -> Result<(), Failure>,
    /// Whether others may go on meanwhile; see `aside.rs`.
    pub(crate) place: Place,
}

/// Where a step stands among the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// Behind the step before it.
    InLine,
    /// Beside those in line.
    Aside,
    /// Behind all that run aside: what it measures or times must not share the machine.
    Alone,
}

pub(crate) const STEPS: &[Step] = &[
    in_line("setup", "install what the steps need and this machine lacks", setup::set_up),
    in_line("fmt", "the code is formatted", fmt),
    in_line("clippy", "the lints are quiet", clippy),
    in_line("test", "every test and every example in the documentation", test),
    in_line("test-bare", "the driver's unit tests without any feature", test_bare),
    in_line("doc", "the documentation builds, and its links lead somewhere", doc),
    in_line("cross", "the driver builds for bare metal", cross),
    aside("msrv", "everything builds with the oldest toolchain", msrv),
    aside("compile-fail", "what must not compile does not", compile_fail),
    aside("features", "combinations of features build, without a warning", features),
    in_line("miri", "the engine under Miri", miri),
    aside("soak", "the driver survives 10 000 faults, and the books balance", soak::check),
    in_line("examples", "the examples for a PC run", examples),
    in_line("package", "what crates.io would get builds by itself", package),
    in_line("fuzz", "the fuzz targets hold, each under libFuzzer for 10 s", fuzz::test),
    alone("bench", "nothing costs more than its budget, and the driver cannot panic", bench::check),
    in_line("boards", "the firmware of every board builds, and the driver in it cannot panic", boards::check),
    in_line("demo", "the demo does the main job", demo::run),
    in_line("emulate", "the firmware of the boards that QEMU knows does its job", emulate::check),
];

const fn in_line(name: &'static str, purpose: &'static str, run: fn(&Workspace) -> Result<(), Failure>) -> Step {
    Step { name, purpose, run, place: Place::InLine }
}

const fn aside(name: &'static str, purpose: &'static str, run: fn(&Workspace) -> Result<(), Failure>) -> Step {
    Step { name, purpose, run, place: Place::Aside }
}

const fn alone(name: &'static str, purpose: &'static str, run: fn(&Workspace) -> Result<(), Failure>) -> Step {
    Step { name, purpose, run, place: Place::Alone }
}

fn fmt(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo("fmt --all --check").run(workspace.root())
}

fn clippy(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo("clippy --workspace --all-targets --all-features -- -D warnings").run(workspace.root())
}

fn test(workspace: &Workspace) -> Result<(), Failure> {
    // Every level of defmt is compiled in, so that what it sends can be searched for secrets.
    Invocation::cargo("test --workspace --all-features").variable("DEFMT_LOG", "trace").run(workspace.root())
}

fn test_bare(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo("test -p nt35e --no-default-features --lib").run(workspace.root())
}

fn doc(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo("doc --workspace --no-deps --all-features")
        .variable("RUSTDOCFLAGS", "-D warnings")
        .run(workspace.root())
}

fn cross(workspace: &Workspace) -> Result<(), Failure> {
    // Only std is missing there, so all features make sense, and the defmt that is built is the one for bare metal.
    for features in ["", "--no-default-features", "--all-features"] {
        let mut build = Invocation::cargo("build -p nt35e --lib").words(features);
        for target in setup::TARGETS {
            build = build.argument("--target").argument(*target);
        }
        build.run(workspace.root())?;
    }
    Ok(())
}

/// Combinations of features, not only each alone: what one brings in, another may have forgotten to.
fn features(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    let folder = workspace.target_folder().join("features");
    for combination in feature_sets::combinations(root)? {
        Invocation::cargo("check --quiet -p nt35e --lib --no-default-features --target thumbv6m-none-eabi")
            .words("--target-dir")
            .argument(folder.to_string_lossy())
            .argument(format!("--features={}", combination.join(",")))
            .variable("RUSTFLAGS", "-D warnings")
            .run(root)?;
    }
    Ok(())
}

/// The engine under Miri, which also sees what no test asserts: overflow, and every access out of bounds.
fn miri(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    setup::toolchain(root, MIRI_TOOLCHAIN)?;
    Invocation::new("rustup").words("component add miri rust-src --toolchain").argument(MIRI_TOOLCHAIN).run(root)?;
    let miri = |words: &str| {
        let folder = workspace.target_folder().join("miri");
        Invocation::new("cargo")
            .argument(format!("+{MIRI_TOOLCHAIN}"))
            .words("miri test -p nt35e --target-dir")
            .argument(folder.to_string_lossy())
            .words(words)
    };
    miri("--no-default-features --lib -- at::").run(root)?;
    miri("--test engine_answers --test engine_events").run(root)
}

/// With the oldest toolchain, whose messages never change.
fn compile_fail(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.target_folder().join("msrv");
    Invocation::new("cargo")
        .argument(format!("+{}", setup::OLDEST_TOOLCHAIN))
        .words("test -p nt35e --test compile_fail --target-dir")
        .argument(folder.to_string_lossy())
        .variable("NT35E_COMPILE_FAIL", "1")
        .run(workspace.root())
}

fn examples(workspace: &Workspace) -> Result<(), Failure> {
    for example in [
        "without_a_board --features mock",
        "sign_only --features sign-sha256",
        "dynamic_registration --features registration,sign-sha256,supervisor",
        "thing_model --features thing-model",
        "ota --features ota",
        "mosquitto",
    ] {
        Invocation::cargo("run --quiet -p nt35e --example").words(example).run(workspace.root())?;
    }
    Ok(())
}

fn msrv(workspace: &Workspace) -> Result<(), Failure> {
    // Its own folder: two toolchains that take turns in one would rebuild each other's work every time.
    let folder = workspace.target_folder().join("msrv");
    Invocation::new("cargo")
        .argument(format!("+{}", setup::OLDEST_TOOLCHAIN))
        .words("check --workspace --all-targets --all-features --target-dir")
        .argument(folder.to_string_lossy())
        .run(workspace.root())
}

fn package(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo("package -p nt35e --allow-dirty").run(workspace.root())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        for (index, step) in STEPS.iter().enumerate() {
            assert!(
                STEPS[..index].iter().all(|earlier| earlier.name != step.name),
                "two steps are named {}",
                step.name
            );
        }
    }

    #[test]
    fn the_oldest_toolchain_is_the_one_that_the_manifest_promises() {
        let promised = concat!(env!("CARGO_PKG_RUST_VERSION"), ".0");
        assert_eq!(setup::OLDEST_TOOLCHAIN, promised);
    }
}
