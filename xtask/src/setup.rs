//! What the steps need on a machine: found where it is there, installed where it is missing.

use std::env;
use std::path::Path;

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// The bare-metal targets that the driver is built for: Cortex-M0+, -M4F, -M33 and a RISC-V without atomics.
pub(crate) const TARGETS: &[&str] =
    &["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "thumbv8m.main-none-eabihf", "riscv32imc-unknown-none-elf"];

/// The oldest toolchain that must build everything: `rust-version` in Cargo.toml.
pub(crate) const OLDEST_TOOLCHAIN: &str = "1.88.0";

/// The targets of the firmware that runs in emulation.
const EMULATED_TARGETS: &[&str] = &["thumbv6m-none-eabi", "thumbv7em-none-eabihf"];

/// A program that Debian packages.
struct Program {
    name: &'static str,
    package: &'static str,
    purpose: &'static str,
}

const QEMU: Program =
    Program { name: "qemu-system-arm", package: "qemu-system-arm", purpose: "the firmware runs in emulation" };

const PROGRAMS: &[Program] = &[
    Program { name: "mosquitto", package: "mosquitto", purpose: "a real broker for the tests" },
    QEMU,
    Program { name: "c++", package: "g++", purpose: "libFuzzer is built from C++" },
];

/// Makes the machine ready for every step of `cargo xtask test`.
pub(crate) fn set_up(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    components(root)?;
    targets(root, TARGETS)?;
    toolchain(root, OLDEST_TOOLCHAIN)?;
    for program in PROGRAMS {
        program.provide(root)?;
    }
    Ok(())
}

/// Makes the machine ready for firmware in emulation, and for nothing else.
pub(crate) fn for_emulation(workspace: &Workspace) -> Result<(), Failure> {
    targets(workspace.root(), EMULATED_TARGETS)?;
    QEMU.provide(workspace.root())
}

/// Installs a toolchain unless it is there.
pub(crate) fn toolchain(root: &Path, name: &str) -> Result<(), Failure> {
    if rustup("which cargo --toolchain").argument(name).ask(root).is_some() {
        println!("toolchain {name}: there");
        return Ok(());
    }
    rustup("toolchain install --profile minimal --no-self-update").argument(name).run(root)
}

fn components(root: &Path) -> Result<(), Failure> {
    let Some(installed) = rustup("component list --installed").ask(root) else {
        return Err(Failure::new("rustup does not answer: install it from https://rustup.rs, with a stable toolchain"));
    };
    for component in ["rustfmt", "clippy"] {
        if installed.lines().any(|line| line.starts_with(component)) {
            println!("component {component}: there");
        } else {
            rustup("component add").argument(component).run(root)?;
        }
    }
    Ok(())
}

fn targets(root: &Path, needed: &[&str]) -> Result<(), Failure> {
    let installed = rustup("target list --installed").ask(root).unwrap_or_default();
    for target in needed {
        if installed.lines().any(|line| line.trim() == *target) {
            println!("target {target}: there");
        } else {
            rustup("target add").argument(*target).run(root)?;
        }
    }
    Ok(())
}

fn rustup(words: &str) -> Invocation {
    Invocation::new("rustup").words(words)
}

impl Program {
    fn provide(&self, root: &Path) -> Result<(), Failure> {
        if self.is_there() {
            println!("program {}: there", self.name);
            return Ok(());
        }
        let Self { name, package, purpose } = self;
        let missing = format!("`{name}` is missing ({purpose}): run `apt-get install {package}` as root");
        let is_root = Invocation::new("id").words("-u").ask(root).is_some_and(|id| id.trim() == "0");
        if !is_root || !is_in_path("apt-get") {
            return Err(Failure::new(missing));
        }
        apt_get("update").run(root)?;
        apt_get("install --yes --no-install-recommends").argument(*package).run(root)?;
        if self.is_there() { Ok(()) } else { Err(Failure::new(missing)) }
    }

    /// Debian keeps servers in /usr/sbin, which is not in every user's PATH.
    fn is_there(&self) -> bool {
        is_in_path(self.name) || Path::new("/usr/sbin").join(self.name).is_file()
    }
}

fn apt_get(words: &str) -> Invocation {
    // RUNLEVEL=1 keeps Debian from starting the broker as a service: the tests start their own.
    Invocation::new("apt-get").words(words).variable("DEBIAN_FRONTEND", "noninteractive").variable("RUNLEVEL", "1")
}

fn is_in_path(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}
