//! One command line: shown before it runs, and shown again to be repeated when it fails.

use core::fmt;
use std::borrow::Cow;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::Failure;

#[derive(Debug)]
pub(crate) struct Invocation {
    environment: Vec<(&'static str, String)>,
    missing: Vec<&'static str>,
    program: String,
    arguments: Vec<String>,
}

impl Invocation {
    pub(crate) fn new(program: impl Into<String>) -> Self {
        Self { environment: Vec::new(), missing: Vec::new(), program: program.into(), arguments: Vec::new() }
    }

    /// A cargo command, written as one line of words.
    pub(crate) fn cargo(words: &str) -> Self {
        Self::new("cargo").words(words)
    }

    pub(crate) fn words(mut self, words: &str) -> Self {
        self.arguments.extend(words.split_whitespace().map(str::to_owned));
        self
    }

    pub(crate) fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.environment.push((name, value.to_owned()));
        self
    }

    /// Without a variable, whatever was said before and whoever calls has set.
    pub(crate) fn without_variable(mut self, name: &'static str) -> Self {
        self.environment.retain(|(set, _)| *set != name);
        self.missing.push(name);
        self
    }

    /// Runs it in the folder, with its output passed through.
    pub(crate) fn run(&self, folder: &Path) -> Result<(), Failure> {
        println!("$ {self}");
        let status = self.command(folder).status().map_err(|error| self.not_started(&error))?;
        self.judge(status)
    }

    /// Runs it in the folder, with its output passed through, and returns the last line of that output.
    pub(crate) fn run_for_last_line(&self, folder: &Path) -> Result<String, Failure> {
        println!("$ {self}");
        let mut child =
            self.command(folder).stdout(Stdio::piped()).spawn().map_err(|error| self.not_started(&error))?;
        let mut last = String::new();
        let output = child.stdout.take().expect("standard output is piped");
        for line in BufReader::new(output).split(b'\n') {
            let line = line.map_err(|error| self.failure(format!("its output cannot be read: {error}")))?;
            last = String::from_utf8_lossy(&line).into_owned();
            println!("{last}");
        }
        let status = child.wait().map_err(|error| self.failure(format!("it cannot be waited for: {error}")))?;
        self.judge(status)?;
        Ok(last)
    }

    /// Runs it in the folder, in the place of this process: only a failure to start it returns.
    #[cfg(unix)]
    pub(crate) fn become_it(&self, folder: &Path) -> Result<(), Failure> {
        use std::os::unix::process::CommandExt as _;
        println!("$ {self}");
        Err(self.not_started(&self.command(folder).stdin(Stdio::inherit()).exec()))
    }

    /// As near to it as this system comes.
    #[cfg(not(unix))]
    pub(crate) fn become_it(&self, folder: &Path) -> Result<(), Failure> {
        self.run(folder)
    }

    /// Runs it in the folder, with its errors passed through, and returns its output.
    pub(crate) fn run_for_output(&self, folder: &Path) -> Result<String, Failure> {
        println!("$ {self}");
        let output =
            self.command(folder).stderr(Stdio::inherit()).output().map_err(|error| self.not_started(&error))?;
        self.judge(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it unseen in the folder. It has to fail, and what it said about that is returned.
    pub(crate) fn run_to_fail(&self, folder: &Path) -> Result<String, Failure> {
        println!("$ {self}    # has to fail");
        let output = self.command(folder).output().map_err(|error| self.not_started(&error))?;
        if output.status.success() {
            return Err(self.failure("it has to fail, and does not"));
        }
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Runs it unseen, to learn something: what it printed, or nothing where it failed.
    pub(crate) fn ask(&self, folder: &Path) -> Option<String> {
        let output = self.command(folder).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// A failure that names this command as the one to repeat.
    pub(crate) fn failure(&self, reason: impl Into<String>) -> Failure {
        Failure::of_command(reason, self.to_string())
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(folder).stdin(Stdio::null());
        for name in &self.missing {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    fn judge(&self, status: ExitStatus) -> Result<(), Failure> {
        if status.success() { Ok(()) } else { Err(self.failure(format!("`{}` ended with {status}", self.program))) }
    }

    fn not_started(&self, error: &std::io::Error) -> Failure {
        self.failure(format!("`{}` cannot be started: {error}; install it or put it in PATH", self.program))
    }
}

impl fmt::Display for Invocation {
    /// As a shell would take it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.missing.is_empty() {
            formatter.write_str("env ")?;
        }
        for name in &self.missing {
            write!(formatter, "-u {name} ")?;
        }
        for (name, value) in &self.environment {
            write!(formatter, "{name}={} ", quoted(value))?;
        }
        formatter.write_str(&quoted(&self.program))?;
        for argument in &self.arguments {
            write!(formatter, " {}", quoted(argument))?;
        }
        Ok(())
    }
}

fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+./:,@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_pasted_into_a_shell() {
        let invocation = Invocation::cargo("doc --no-deps").argument("it's").variable("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(invocation.to_string(), r"RUSTDOCFLAGS='-D warnings' cargo doc --no-deps 'it'\''s'");
    }

    #[test]
    fn a_missing_variable_is_missing_in_a_shell_too() {
        let printing = Invocation::new("sh").argument("-c").argument("echo \"${HOME-none}\"");
        let without = printing.variable("HOME", "here").without_variable("HOME").variable("A", "1");
        assert_eq!(without.run_for_output(Path::new(".")).expect("sh runs"), "none\n");
        assert_eq!(without.to_string(), "env -u HOME A=1 sh -c 'echo \"${HOME-none}\"'");
    }

    #[test]
    fn what_has_to_fail_must_not_succeed() {
        let failing = Invocation::new("sh").argument("-c").argument("echo why >&2; exit 1");
        assert_eq!(failing.run_to_fail(Path::new(".")).expect("it fails"), "why\n");
        assert!(Invocation::new("true").run_to_fail(Path::new(".")).is_err());
    }

    #[test]
    fn the_last_line_is_returned() {
        let invocation = Invocation::new("sh").argument("-c").argument("printf 'first\\nlast\\n'");
        assert_eq!(invocation.run_for_last_line(Path::new(".")).expect("sh runs"), "last");
    }

    #[test]
    fn a_failing_command_is_named() {
        let failure = Invocation::new("sh").words("-c").argument("exit 3").run(Path::new(".")).expect_err("it fails");
        assert_eq!(failure.command(), Some("sh -c 'exit 3'"));
        assert_eq!(failure.to_string(), "`sh` ended with exit status: 3");
    }

    #[test]
    fn a_missing_program_is_named() {
        let failure = Invocation::new("no-such-program").run(Path::new(".")).expect_err("it is not there");
        assert!(failure.to_string().starts_with("`no-such-program` cannot be started: "), "{failure}");
    }
}
