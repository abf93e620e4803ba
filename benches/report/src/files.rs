//! Where the flash goes: the bytes of code by the source file that they were written in.

use std::collections::BTreeMap;
use std::path::Path;

use addr2line::Loader;
use object::{Object as _, ObjectSection as _};

use crate::failure::Failure;

/// Thumb instructions begin at even addresses.
const STEP: usize = 2;
/// Files with less are added up.
const LEAST: u64 = 100;

/// A table of the driver's files, the largest first.
pub(crate) fn table(image: &Path, root: &Path) -> Result<String, Failure> {
    let (mut rows, others): (Vec<_>, Vec<_>) = sizes(image, root)?.into_iter().partition(|(_, size)| *size >= LEAST);
    rows.sort_by_key(|(_, size)| core::cmp::Reverse(*size));
    rows.push(("the others".to_owned(), others.iter().map(|(_, size)| size).sum()));
    let rows =
        rows.into_iter().map(|(file, size)| format!("| `{file}` | {size} |\n").replace("`the others`", "the others"));
    Ok(rows.fold(String::from("| file | bytes of code |\n|---|---:|\n"), |table, row| table + &row))
}

fn sizes(image: &Path, root: &Path) -> Result<BTreeMap<String, u64>, Failure> {
    let what = "the firmware cannot be read";
    let bytes = std::fs::read(image).map_err(Failure::while_trying(what))?;
    let file = object::File::parse(bytes.as_slice()).map_err(Failure::while_trying(what))?;
    let lines = Loader::new(image).map_err(Failure::while_trying(what))?;
    let sources = root.canonicalize().map_err(Failure::while_trying(what))?.join("src");
    let Some(text) = file.section_by_name(".text") else { return Err(Failure::new("the firmware has no code")) };
    let mut sizes = BTreeMap::new();
    for address in (text.address()..text.address() + text.size()).step_by(STEP) {
        if let Some(source) = source(&lines, address, &sources) {
            *sizes.entry(source).or_default() += STEP as u64;
        }
    }
    Ok(sizes)
}

/// The innermost of the driver's files that the code at `address` comes from.
fn source(lines: &Loader, address: u64, sources: &Path) -> Option<String> {
    let mut frames = lines.find_frames(address).ok()?;
    while let Some(frame) = frames.next().ok()? {
        let file = frame.location.and_then(|location| location.file)?;
        if let Ok(file) = Path::new(file).strip_prefix(sources) {
            return Some(file.to_string_lossy().into_owned());
        }
    }
    None
}
