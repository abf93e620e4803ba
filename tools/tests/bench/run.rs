//! Runs of the program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::LONG;

/// A run of the program.
pub(crate) struct Running {
    child: Child,
    /// Kept open.
    stdin: Option<ChildStdin>,
    stdout: JoinHandle<String>,
    /// Each line of standard output, as it comes.
    lines: Receiver<String>,
}

impl Running {
    /// With these lines on its standard input, and no end of it.
    pub(super) fn kept_open(mut self, lines: &str) -> Self {
        let mut stdin = self.child.stdin.take().unwrap();
        stdin.write_all(lines.as_bytes()).unwrap();
        self.stdin = Some(stdin);
        self
    }

    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    /// Waits until the program has printed a line that contains this.
    pub(crate) fn wait_for_line(&self, part: &str) {
        while !self.lines.recv_timeout(LONG).unwrap_or_else(|_| panic!("nobody said {part}")).contains(part) {}
    }

    pub(crate) fn end(self) -> Run {
        let stdout = self.stdout;
        let Output { status, stderr, .. } = self.child.wait_with_output().unwrap();
        Run { status: status.code(), stdout: stdout.join().unwrap(), stderr: String::from_utf8(stderr).unwrap() }
    }
}

/// What a run of the program left.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(options: &[&str]) -> Self {
        Self::begin(options).end()
    }

    /// A run that has begun.
    pub(crate) fn begin(options: &[&str]) -> Running {
        Self::begin_with(options, Stdio::null())
    }

    pub(super) fn begin_with(options: &[&str], stdin: Stdio) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nt35e"));
        command.args(options).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (told, lines) = channel();
        let stdout = thread::spawn(move || {
            let mut all = String::new();
            loop {
                let start = all.len();
                if stdout.read_line(&mut all).unwrap() == 0 {
                    return all;
                }
                let _ = told.send(all[start..].to_owned());
            }
        });
        Running { child, stdin: None, stdout, lines }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The line of a report.
    pub(crate) fn finding(&self, name: &str) -> Value {
        let report = self.json();
        let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["name"] == name);
        finding.unwrap_or_else(|| panic!("{name} in {report}")).clone()
    }

    /// A line says this, the exit status agrees with all lines, and whoever is in trouble is told what to do.
    pub(crate) fn found(&self, name: &str, verdict: &str, words: &str) {
        let finding = self.finding(name);
        assert_eq!(finding["verdict"], verdict, "{name}: {}{}", self.stdout, self.stderr);
        assert!(finding["words"].as_str().unwrap().contains(words), "{words}: {finding}");
        assert!(verdict == "good" || finding["remedy"].is_string(), "{finding}");
        let report = self.json();
        let is_well = |finding: &Value| finding["verdict"] == "good" || finding["verdict"] == "doubtful";
        let well = report["findings"].as_array().unwrap().iter().all(is_well);
        assert_eq!((report["well"].as_bool(), self.status), (Some(well), Some(i32::from(!well))), "{report}");
        assert!(verdict != "bad" || !well);
    }

    pub(crate) fn failed_with(&self, complaint: &str) {
        assert_eq!(self.status, Some(1), "{}{}", self.stdout, self.stderr);
        assert!(self.stderr.contains(complaint), "{complaint}: {}", self.stderr);
    }
}
