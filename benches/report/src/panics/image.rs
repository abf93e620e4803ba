//! The code of a firmware and its functions, with their names.

use core::ops::Range;
use std::collections::BTreeMap;
use std::path::Path;

use addr2line::demangle_auto;
use object::{Object as _, ObjectSection as _, ObjectSymbol, SymbolKind};

use crate::failure::Failure;

pub(super) struct Image {
    code: Vec<u8>,
    code_address: u64,
    /// Where there are instructions, and not constants: from each mapping symbol `$t` to the next of them, `$t` or `$d`.
    stretches: Vec<Range<u64>>,
    /// By the address at which they begin; where the linker has made one of equal ones, more than one name.
    functions: BTreeMap<u64, Function>,
}

#[derive(Default)]
struct Function {
    size: u64,
    names: Vec<String>,
}

impl Image {
    pub(super) fn read(file: &Path) -> Result<Self, Failure> {
        let bytes =
            std::fs::read(file).map_err(Failure::while_trying(&format!("{} cannot be read", file.display())))?;
        let elf = object::File::parse(bytes.as_slice())
            .map_err(Failure::while_trying(&format!("{} is no ELF file", file.display())))?;
        let text = elf.section_by_name(".text").and_then(|text| Some((text.address(), text.data().ok()?)));
        let Some((code_address, code)) = text else {
            return Err(Failure::new(format!("{} has no code", file.display())));
        };
        let mut functions: BTreeMap<u64, Function> = BTreeMap::new();
        for symbol in elf.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0) {
            // Bit 0 says Thumb.
            let function = functions.entry(symbol.address() & !1).or_default();
            function.size = function.size.max(symbol.size());
            let name = symbol.name().unwrap_or_default();
            function.names.push(demangle_auto(name.into(), None).into_owned());
        }
        let end = code_address + code.len() as u64;
        let marks: BTreeMap<u64, bool> = elf.symbols().filter_map(|symbol| mark(&symbol)).collect();
        let ends = marks.keys().copied().skip(1).chain([end]);
        let stretches = marks.iter().zip(ends).filter(|((_, is_code), _)| **is_code);
        let stretches: Vec<_> = stretches.map(|((&begin, _), next)| begin..next.min(end)).collect();
        if stretches.is_empty() {
            return Err(Failure::new(format!("{} does not tell its code from its constants", file.display())));
        }
        Ok(Self { code: code.to_vec(), code_address, stretches, functions })
    }

    pub(super) fn code(&self) -> &[u8] {
        &self.code
    }

    pub(super) fn code_address(&self) -> u64 {
        self.code_address
    }

    pub(super) fn stretches(&self) -> &[Range<u64>] {
        &self.stretches
    }

    /// Where each function begins.
    pub(super) fn functions(&self) -> impl Iterator<Item = u64> {
        self.functions.keys().copied()
    }

    /// Where the function begins that holds `address`.
    pub(super) fn function_at(&self, address: u64) -> Option<u64> {
        let (&begin, function) = self.functions.range(..=address).next_back()?;
        (address < begin + function.size).then_some(begin)
    }

    pub(super) fn names(&self, address: u64) -> impl Iterator<Item = &str> {
        self.functions.get(&address).into_iter().flat_map(|function| function.names.iter().map(String::as_str))
    }

    pub(super) fn name(&self, address: u64) -> String {
        self.names(address).next().map_or_else(|| format!("{address:#x}"), str::to_owned)
    }
}

/// Of a mapping symbol, where it stands, and whether instructions follow (ELF for the Arm architecture, chapter 5.5.5).
fn mark<'d>(symbol: &impl ObjectSymbol<'d>) -> Option<(u64, bool)> {
    let name = symbol.name().ok()?;
    let is_code = match name.split('.').next()? {
        "$t" => true,
        "$d" => false,
        _ => return None,
    };
    Some((symbol.address(), is_code))
}
