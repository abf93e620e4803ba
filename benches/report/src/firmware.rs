//! The firmware: built once, and each binary run in QEMU, which counts instructions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

const TARGET: &str = "thumbv7em-none-eabihf";
/// With `-icount shift=0` an instruction takes 1 ns, and SysTick counts a core clock of 168 MHz.
const INSTRUCTIONS_PER_TICK: f64 = 1000.0 / 168.0;
const QEMU: [&str; 9] = [
    "-M",
    "netduinoplus2",
    "-nographic",
    "-icount",
    "shift=0",
    "-semihosting-config",
    "enable=on,target=native",
    "-monitor",
    "none",
];

/// The binaries.
#[derive(Debug)]
pub(crate) struct Bench {
    images: PathBuf,
}

/// The binaries for which the driver is built with what the others do without; the first is to be subtracted.
pub(crate) const SIGNING: [&str; 4] = ["sign_none", "sign_sha256", "sign_sha1", "sign_md5"];

/// The same for registrations.
pub(crate) const REGISTRATION: [&str; 2] = ["registration_none", "registration"];

/// The same for the thing model: the first has what a firmware with the platform's topics has without it.
pub(crate) const THING_MODEL: [&str; 2] = ["thing_none", "thing_model"];

/// The same for updates.
pub(crate) const UPDATES: [&str; 2] = ["ota_none", "ota"];

fn build(root: &Path, target: &Path, what: &[&str]) -> Result<(), Failure> {
    let status = Command::new("cargo")
        .args(["build", "--release", "--target-dir"])
        .arg(target)
        .args(what)
        .current_dir(root.join("benches/firmware"))
        .status()
        .map_err(Failure::while_trying("cargo cannot be started"))?;
    if status.success() { Ok(()) } else { Err(Failure::new("the firmware does not build")) }
}

/// What one binary printed: each name with its numbers.
#[derive(Debug)]
pub(crate) struct Report {
    rows: HashMap<String, Vec<u64>>,
    curve: Vec<Vec<u64>>,
}

impl Bench {
    pub(crate) fn build(root: &Path) -> Result<Self, Failure> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = target.join("bench-firmware");
        build(root, &target, &["--bins"])?;
        // Apart, since the others show what a user without it has.
        build(root, &target, &["--bin", "supervised", "--features", "supervisor"])?;
        for (feature, names) in
            [("registration", &REGISTRATION[..]), ("sign", &SIGNING), ("thing-model", &THING_MODEL), ("ota", &UPDATES)]
        {
            let names = names.iter().flat_map(|name| ["--bin", name]);
            build(root, &target, &["--features", feature].into_iter().chain(names).collect::<Vec<_>>())?;
        }
        Ok(Self { images: target.join(TARGET).join("release") })
    }

    pub(crate) fn image(&self, name: &str) -> PathBuf {
        self.images.join(name)
    }

    /// Runs a binary to its end.
    pub(crate) fn run(&self, name: &str) -> Result<Report, Failure> {
        let output = Command::new("qemu-system-arm")
            .args(QEMU)
            .arg("-kernel")
            .arg(self.image(name))
            .output()
            .map_err(Failure::while_trying("qemu-system-arm cannot be started"))?;
        let report = Report::parse(&String::from_utf8_lossy(&output.stdout));
        if !output.status.success() || report.rows.get("ok") != Some(&vec![1]) {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::new(format!("`{name}` did not do its job: {report:?} {errors}")));
        }
        Ok(report)
    }
}

impl Report {
    fn parse(text: &str) -> Self {
        let mut report = Self { rows: HashMap::new(), curve: Vec::new() };
        for line in text.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let names = words.iter().take_while(|word| word.parse::<u64>().is_err()).count();
            let numbers = words[names..].iter().filter_map(|word| word.parse().ok()).collect();
            match words[..names].join(" ").as_str() {
                "curve" => report.curve.push(numbers),
                name => drop(report.rows.insert(name.to_owned(), numbers)),
            }
        }
        report
    }

    /// The number behind a name.
    pub(crate) fn number(&self, name: &str) -> Result<u64, Failure> {
        let row = self.rows.get(name).and_then(|row| row.first());
        row.copied().ok_or_else(|| Failure::new(format!("no figure `{name}` in {self:?}")))
    }

    /// Ticks as instructions.
    pub(crate) fn instructions(&self, name: &str) -> Result<f64, Failure> {
        Ok(instructions(self.number(name)?))
    }

    /// Ticks and bytes as instructions a byte.
    pub(crate) fn per_byte(&self, name: &str) -> Result<f64, Failure> {
        match self.rows.get(name).map(Vec::as_slice) {
            Some(&[ticks, bytes]) => Ok(instructions(ticks) / bytes as f64),
            _ => Ok(self.instructions(name)? / self.number("bytes")? as f64),
        }
    }

    pub(crate) fn curve(&self) -> &[Vec<u64>] {
        &self.curve
    }
}

pub(crate) fn instructions(ticks: u64) -> f64 {
    ticks as f64 * INSTRUCTIONS_PER_TICK
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn a_report_is_names_with_numbers() {
        let report = Report::parse("session 168\nbytes 10\nsingly 1680\nframer singly 168 100\ncurve 1 2 3\nok 1\n");
        assert_eq!(report.instructions("session").unwrap(), 1000.0);
        assert_eq!(report.per_byte("singly").unwrap(), 1000.0);
        assert_eq!(report.per_byte("framer singly").unwrap(), 10.0);
        assert_eq!(report.curve(), [[1, 2, 3]]);
        assert!(report.number("flash").is_err());
    }
}
