//! What is in an ELF file: how much flash and RAM it takes, and whether it can panic.

use std::path::Path;

use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

use crate::failure::Failure;

/// Bytes of an image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    /// `.text` and `.rodata`.
    pub(crate) flash: u64,
    /// `.data` and `.bss`.
    pub(crate) ram: u64,
}

pub(crate) fn size(image: &Path) -> Result<Size, Failure> {
    let bytes = read(image)?;
    let file = parse(&bytes)?;
    let section = |name| file.section_by_name(name).map_or(0, |section| section.size());
    Ok(Size { flash: section(".text") + section(".rodata"), ram: section(".data") + section(".bss") })
}

/// Fails, and names them, if functions that panic are in the image.
pub(crate) fn check_panics(image: &Path) -> Result<(), Failure> {
    let bytes = read(image)?;
    let file = parse(&bytes)?;
    let offenders: Vec<&str> = file.symbols().filter_map(|symbol| symbol.name().ok()).filter(panics).collect();
    if offenders.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("functions that panic are in {}: {}", image.display(), offenders.join(", "))))
}

/// Whether a mangled name is one of `core::panicking`, or of the helpers of slices, options and cells that call it.
fn panics(name: &&str) -> bool {
    ["panicking", "panic_", "_fail", "_failed"].iter().any(|part| name.contains(part)) && name.contains("core")
}

fn read(image: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(image).map_err(Failure::while_trying("the firmware cannot be read"))
}

fn parse(bytes: &[u8]) -> Result<object::File<'_>, Failure> {
    object::File::parse(bytes).map_err(Failure::while_trying("the firmware is no ELF file"))
}

#[cfg(test)]
mod tests {
    use super::panics;

    #[test]
    fn what_panics_is_known_by_its_name() {
        for name in ["_ZN4core9panicking9panic_fmt17h0E", "_RNvNtCs_4core6option13expect_failed"] {
            assert!(panics(&name), "{name}");
        }
        assert!(panics(&"_ZN4core5slice20copy_from_slice_impl17len_mismatch_fail17h0E"));
        assert!(!panics(&"_ZN5nt35e2at6engine6Engine4look17h0E"));
    }
}
