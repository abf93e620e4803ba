//! A layer uses only those above it: the order of the layers, held against the `use` lines.

use std::fs;
use std::path::{Path, PathBuf};

/// From the top, which knows nobody, to the bottom, which may know all.
const LAYERS: [&str; 13] = [
    "fmt",
    "time",
    "mock",
    "value",
    "at",
    "command",
    "urc",
    "network",
    "mqtt",
    "aliyun",
    "power",
    "client",
    "supervisor",
];

/// Where a layer knows one below it, and why.
const EXCEPTIONS: [(&str, &str); 0] = [];

#[test]
fn a_layer_uses_only_those_above_it() {
    let mut checked = 0;
    for file in sources(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let layer = layer_of(&file);
        for (number, line) in text.lines().enumerate() {
            for used in used_layers(line) {
                let allowed = position(used) <= position(&layer) || EXCEPTIONS.contains(&(layer.as_str(), used));
                assert!(allowed, "{}:{}: {layer} must not use {used}: {line}", file.display(), number + 1);
                checked += 1;
            }
        }
    }
    assert!(checked > 80, "only {checked} uses were found: the test looks in the wrong place");
}

#[test]
fn every_module_of_the_crate_is_a_layer() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules = text.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
    let modules = modules.filter_map(|module| Some(module.split_once(';')?.0));
    let mut modules: Vec<&str> = modules.collect();
    modules.sort_unstable();
    let mut layers = LAYERS;
    layers.sort_unstable();
    assert_eq!(modules, layers);
}

#[test]
fn a_use_of_a_lower_layer_would_be_found() {
    assert_eq!(used_layers("use crate::client::Error;").collect::<Vec<_>>(), ["client"]);
    assert_eq!(used_layers("    fn f() -> crate::urc::Event<'_> {").collect::<Vec<_>>(), ["urc"]);
    assert!(position("client") > position("at"));
}

fn used_layers(line: &str) -> impl Iterator<Item = &'static str> {
    let code = line.split("//").next().unwrap_or_default().to_string();
    LAYERS.into_iter().filter(move |layer| {
        let path = format!("crate::{layer}");
        code.match_indices(&path).any(|(at, _)| {
            let behind = code[at + path.len()..].chars().next();
            !behind.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
        })
    })
}

fn layer_of(file: &Path) -> String {
    let inside = file.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_string()
}

/// The crate's root re-exports from everywhere.
fn position(layer: &str) -> usize {
    LAYERS.iter().position(|known| *known == layer).unwrap_or(LAYERS.len())
}

fn sources(folder: PathBuf) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
