//! Runs every fuzz target without libFuzzer: over its seeds, and over pseudo-random inputs that are the same each time.

use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use nt35e_fuzz::{TARGETS, transcripts};

/// How many made-up inputs each target gets.
const INPUTS: u64 = 4_000;
/// The same for `modem`, where each is a simulation.
const SCHEDULES: u64 = 100;
/// How many pieces an input is spliced from at most.
const PIECES: usize = 12;

#[test]
fn every_target_has_a_binary_and_seeds() {
    let mut binaries: Vec<String> = files_in(&crate_folder().join("fuzz_targets"))
        .iter()
        .map(|path| path.file_stem().expect("a file has a name").to_string_lossy().into_owned())
        .collect();
    binaries.sort();
    let mut names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(binaries, names, "fuzz_targets/ and TARGETS must name the same targets");
    for name in names {
        assert!(!seeds_of(name).is_empty(), "no seeds for `{name}`");
        let dictionary = crate_folder().join("dictionaries").join(name).with_extension("dict");
        assert!(dictionary.is_file(), "no dictionary for `{name}`");
    }
}

#[test]
fn targets_hold_for_their_seeds() {
    for (name, body) in TARGETS {
        for (path, seed) in seeds_of(name) {
            let file = path.display();
            run(*body, &seed, &format!("`{name}` on the seed {file}"));
            // A line that breaks off anywhere is what a real UART delivers.
            for length in 0..seed.len() {
                run(*body, &seed[..length], &format!("`{name}` on the first {length} bytes of the seed {file}"));
            }
        }
    }
}

#[test]
fn targets_hold_for_what_modems_say_in_the_transcripts() {
    for (name, body) in TARGETS {
        for (transcript, seed) in transcripts::seeds(name) {
            run(*body, &seed, &format!("`{name}` on the transcript {transcript}"));
        }
    }
}

#[test]
fn targets_hold_for_made_up_inputs() {
    for (name, body) in TARGETS {
        let seeds: Vec<Vec<u8>> = seeds_of(name).into_iter().map(|(_, seed)| seed).collect();
        let inputs = if *name == "modem" { SCHEDULES } else { INPUTS };
        for number in 0..inputs {
            let input = splice(&seeds, &mut Random::new(number));
            run(*body, &input, &format!("`{name}` on the made-up input {number}"));
        }
    }
}

/// Strings pieces of the seeds and noise together, and flips a few bits: close enough to the real thing to get past
/// the first comparison, and wrong in every other way.
fn splice(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = Vec::new();
    for _ in 0..=random.below(PIECES) {
        if random.below(4) == 0 {
            let noise = random.below(32);
            input.extend((0..noise).map(|_| random.byte()));
        } else {
            let seed = &seeds[random.below(seeds.len())];
            let start = random.below(seed.len() + 1);
            let end = start + random.below(seed.len() - start + 1);
            input.extend_from_slice(&seed[start..end]);
        }
    }
    if !input.is_empty() {
        for _ in 0..random.below(4) {
            let position = random.below(input.len());
            input[position] ^= 1 << random.below(8);
        }
    }
    input
}

/// Runs the body, and says on which input it failed.
fn run(body: nt35e_fuzz::Body, input: &[u8], what: &str) {
    if let Err(cause) = panic::catch_unwind(AssertUnwindSafe(|| body(input))) {
        eprintln!("failed: {what}: \"{}\"", input.escape_ascii());
        panic::resume_unwind(cause);
    }
}

fn seeds_of(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    files_in(&crate_folder().join("seeds").join(target))
        .into_iter()
        .map(|path| {
            let seed = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, seed)
        })
        .collect()
}

/// The files of a folder in the order of their names, so that every run is the same.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    files.sort();
    files
}

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// SplitMix64: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound, which is at least 1.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}
