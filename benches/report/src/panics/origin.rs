//! In which crate the code at an address was written, by the debug information.

use core::fmt;
use std::path::{Component, Path, PathBuf};

use addr2line::Loader;

use crate::failure::Failure;

/// A crate, as far as it can be told from the path of a source file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Origin {
    /// The driver itself.
    Driver,
    /// `core` and `alloc`, which panic for others.
    Core,
    Crate(String),
}

/// Where the code at an address was written: in the innermost function that is not of `core`, if there is one.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) origin: Origin,
    pub(super) function: String,
    pub(super) line: String,
}

pub(super) struct Origins {
    lines: Loader,
    /// The driver's folder, which holds the examples too.
    root: PathBuf,
    file: PathBuf,
}

impl Origins {
    pub(super) fn new(file: &Path, root: &Path) -> Result<Self, Failure> {
        let lines = Loader::new(file).map_err(Failure::while_trying("the debug information cannot be read"))?;
        let root = root.canonicalize().map_err(Failure::while_trying("the driver's folder cannot be found"))?;
        Ok(Self { lines, root, file: file.to_owned() })
    }

    /// Fails where the debug information does not say.
    pub(super) fn of(&self, address: u64) -> Result<Site, Failure> {
        let unknown = || Failure::new(format!("{}: no debug information for {address:#x}", self.file.display()));
        let mut frames = self.lines.find_frames(address).map_err(Failure::while_trying("find_frames"))?;
        let mut site = None;
        // From the innermost one outwards.
        while let Some(frame) = frames.next().map_err(Failure::while_trying("find_frames"))? {
            let Some((file, line)) = frame.location.and_then(|location| Some((location.file?, location.line))) else {
                continue;
            };
            let origin = origin(&straightened(Path::new(file)), &self.root).ok_or_else(unknown)?;
            let function = frame.function.and_then(|name| Some(short(&name.demangle().ok()?)));
            let name = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
            let line = format!("{name}:{}", line.unwrap_or(0));
            let found = Site { origin, function: function.unwrap_or_else(|| line.clone()), line };
            if found.origin != Origin::Core {
                return Ok(found);
            }
            site = Some(found);
        }
        site.ok_or_else(unknown)
    }
}

/// The crate that a source file belongs to.
fn origin(file: &Path, root: &Path) -> Option<Origin> {
    let parts: Vec<&str> = file.iter().filter_map(|part| part.to_str()).collect();
    let behind = |name: &str, distance: usize| {
        let position = parts.iter().position(|part| *part == name)?;
        parts.get(position + distance).copied()
    };
    if let Ok(inside) = file.strip_prefix(root) {
        let mut inside = inside.iter().filter_map(|part| part.to_str());
        return match (inside.next(), inside.next()) {
            (Some("src"), Some(_)) => Some(Origin::Driver),
            (Some("examples" | "benches"), Some(name)) => Some(Origin::Crate(name.to_owned())),
            _ => None,
        };
    }
    // What Cargo downloads is in `registry/src/<index>/<name>-<version>` or `git/checkouts/<name>-<hash>`, and what a
    // build script writes in `build/<name>-<hash>/out`; what came with the compiler is in `library/<name>`.
    if let Some(named) = behind("registry", 3).or_else(|| behind("checkouts", 1)).or_else(|| behind("build", 1)) {
        return Some(Origin::Crate(unversioned(named).to_owned()));
    }
    Some(match behind("library", 1)? {
        "core" | "alloc" | "portable-simd" | "stdarch" => Origin::Core,
        name => Origin::Crate(name.to_owned()),
    })
}

/// The path without its detours by way of `..`.
fn straightened(file: &Path) -> PathBuf {
    let mut straight = PathBuf::new();
    for part in file.components() {
        match part {
            Component::ParentDir => drop(straight.pop()),
            part => straight.push(part),
        }
    }
    straight
}

/// A name without what follows its last hyphen but one that precedes a number: `embassy-stm32-0.6.0` is `embassy-stm32`.
fn unversioned(name: &str) -> &str {
    let version =
        name.match_indices('-').find(|(at, _)| name[at + 1..].starts_with(|next: char| next.is_ascii_digit()));
    version.or_else(|| name.rmatch_indices('-').next()).map_or(name, |(at, _)| &name[..at])
}

/// The path of a function without what only the compiler needs: generics, closures, and all but its last three names.
fn short(function: &str) -> String {
    let mut depth = 0_usize;
    let mut plain = String::new();
    for letter in function.chars() {
        match letter {
            '<' | '{' => depth += 1,
            '>' | '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    let names: Vec<&str> = plain.split("::").filter(|name| !name.is_empty()).collect();
    names[names.len().saturating_sub(3)..].join("::")
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Driver => "**nt35e**",
            Self::Core => "core",
            Self::Crate(name) => name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, origin, short, straightened, unversioned};
    use std::path::Path;

    fn of(file: &str) -> Option<Origin> {
        origin(&straightened(Path::new(file)), Path::new("/home/user/nt35e"))
    }

    fn named(name: &str) -> Option<Origin> {
        Some(Origin::Crate(name.to_owned()))
    }

    #[test]
    fn a_source_file_says_whose_it_is() {
        assert_eq!(of("/home/user/nt35e/src/at/engine.rs"), Some(Origin::Driver));
        assert_eq!(of("/home/user/nt35e/examples/microbit/../../src/lib.rs"), Some(Origin::Driver));
        assert_eq!(of("/home/user/nt35e/examples/microbit/src/main.rs"), named("microbit"));
        assert_eq!(of("/rustc/0123456789abcdef/library/core/src/slice/index.rs"), Some(Origin::Core));
        assert_eq!(of("/rustc/0123456789abcdef/library/compiler-builtins/src/mem.rs"), named("compiler-builtins"));
        assert_eq!(
            of("/root/.cargo/registry/src/index-1/embassy-stm32-0.6.0/src/usart/mod.rs"),
            named("embassy-stm32")
        );
        assert_eq!(of("/root/.cargo/git/checkouts/embassy-0123456789abcdef/1a2b3c/lib.rs"), named("embassy"));
        assert_eq!(of("/t/release/build/embassy-stm32-9f2b/out/_generated.rs"), named("embassy-stm32"));
    }

    #[test]
    fn what_nobody_knows_is_nobodys() {
        assert_eq!(of("/home/user/other/src/lib.rs"), None);
        assert_eq!(of("/home/user/nt35e/sim/src/lib.rs"), None);
    }

    #[test]
    fn versions_and_hashes_are_no_part_of_a_name() {
        assert_eq!(unversioned("rtic-sync-1.6.0"), "rtic-sync");
        assert_eq!(unversioned("stm32f4xx-hal-0.23.0"), "stm32f4xx-hal");
        assert_eq!(unversioned("nrf-pac-a1b2c3"), "nrf-pac");
    }

    #[test]
    fn names_of_functions_are_kept_short() {
        assert_eq!(short("nt35e::client::asynch::turn::<impl X<U,T>>::take_in::{{closure}}"), "asynch::turn::take_in");
        assert_eq!(short("USART1"), "USART1");
    }
}
