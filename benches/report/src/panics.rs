//! Who can panic in a firmware: every call of a function that panics, by the crate that the call was written in. What a
//! chip's HAL brings is listed; a call in the driver is a failure.
//!
//! A function of `core` that calls one that panics is one itself (`unwrap_failed`, `copy_from_slice`), so that its caller
//! is the one listed. Inlined code counts where it was written: what the driver calls is not the driver's.

mod branches;
mod image;
mod origin;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use branches::{Branch, branches};
use image::Image;
use origin::{Origin, Origins, Site};

/// What the compiler puts into every `async fn`: reached by polling a future that has ended, which `.await` never does.
const RESUMED: &str = "async_fn_resumed";
/// A table with more names than this is hard to read.
const NAMES: usize = 4;

/// Lists who can panic in each of the firmwares; fails if the driver can, whose sources are in `root`.
pub(crate) fn check(files: &[PathBuf], root: &Path) -> Result<(), Failure> {
    let mut guilty = Vec::new();
    for file in files {
        let calls = calls(file, root)?;
        println!("{}: {} calls that panic\n{}", file.display(), calls.len(), table(&calls));
        guilty.extend(calls.into_iter().filter(Call::is_the_drivers).map(|call| call.to_string()));
    }
    if guilty.is_empty() {
        println!("The driver cannot panic.");
        return Ok(());
    }
    Err(Failure::new(format!("the driver can panic: {}", guilty.join("; "))))
}

/// A call of a function that panics.
#[derive(Debug)]
struct Call {
    site: Site,
    callee: String,
}

impl Call {
    fn is_the_drivers(&self) -> bool {
        self.site.origin == Origin::Driver && !self.is_resumption()
    }

    fn is_resumption(&self) -> bool {
        self.callee.contains(RESUMED)
    }

    /// Whose row in the table it belongs to.
    fn row(&self) -> String {
        let remark = if self.is_resumption() { ", polling a future that has ended" } else { "" };
        format!("{}{remark}", self.site.origin)
    }
}

impl core::fmt::Display for Call {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{} at {} calls {}", self.site.function, self.site.line, self.callee)
    }
}

fn calls(file: &Path, root: &Path) -> Result<Vec<Call>, Failure> {
    let image = Image::read(file)?;
    let origins = Origins::new(file, root)?;
    let is_the_drivers = |address| origins.of(address).is_ok_and(|site| site.origin == Origin::Driver);
    if !image.stretches().iter().flat_map(|stretch| stretch.clone().step_by(2)).any(is_the_drivers) {
        let what = "holds no code of the driver, or no debug information; was it built from this checkout?";
        return Err(Failure::new(format!("{} {what}", file.display())));
    }
    let branches = branches(image.code(), image.code_address(), image.stretches());
    let named: BTreeSet<u64> = image.functions().filter(|&address| image.names(address).any(panics)).collect();
    let mut panicking = named.clone();
    let mut calls = BTreeMap::new();
    // One after the other, until there are no more: callers that are functions of `core` themselves.
    loop {
        let known = panicking.len();
        for &Branch { from, to } in &branches {
            let within = image.function_at(from).unwrap_or(from);
            if !panicking.contains(&to) || within == to || calls.contains_key(&from) {
                continue;
            }
            let site = origins.of(from)?;
            if site.origin == Origin::Core {
                panicking.insert(within);
            } else {
                calls.insert(from, Call { site, callee: image.name(to) });
            }
        }
        if panicking.len() == known {
            break;
        }
    }
    let called: BTreeSet<u64> = branches.iter().map(|branch| branch.to).collect();
    for &address in panicking.iter().filter(|address| !named.contains(address) && !called.contains(address)) {
        calls.insert(address, Call { site: origins.of(address)?, callee: "by a pointer to it".to_owned() });
    }
    Ok(calls.into_values().collect())
}

/// Whether a function is one that panics by itself: of `core::panicking`, defmt's of the same kind, or the handler.
fn panics(name: &str) -> bool {
    name.starts_with("core::panicking::") || ["_defmt_panic", "rust_begin_unwind"].iter().any(|end| name.ends_with(end))
}

fn table(calls: &[Call]) -> String {
    if calls.is_empty() {
        return String::new();
    }
    let mut rows: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        rows.entry(call.row()).or_default().push(call);
    }
    let mut text = String::from("\n| crate | calls | in |\n|---|---:|---|\n");
    for (row, calls) in rows {
        let functions: BTreeSet<&str> = calls.iter().map(|call| call.site.function.as_str()).collect();
        let mut shown = functions.iter().take(NAMES).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        if functions.len() > NAMES {
            shown += &format!(" and {} more", functions.len() - NAMES);
        }
        text += &format!("| {row} | {} | {shown} |\n", calls.len());
    }
    text
}

#[cfg(test)]
mod tests;
