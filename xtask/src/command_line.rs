//! What the user asked for: the words after `cargo xtask` as a [`Task`].

pub(crate) const HELP: &str = "\
The project's chores.

Usage: cargo xtask <command>

  test                      set up what the tests need, then run every one of them
  test --only <step>        run this step alone; may be given more than once
  test --list               list the steps
  fuzz [target] [seconds]   run a fuzz target under libFuzzer: `engine` for 60 seconds unless told otherwise
  soak [options]            let faults strike the driver by the thousand, under a fake clock; `soak --help` has the options
  bench [options]           print what the driver costs on an emulated chip, beside atat; `bench --help` has the options
  emulate <board>           run a board's firmware in emulation, and show it at work; `emulate --help` has the boards
  herd                      simulate a thousand devices that lose their server at once, and draw docs/herd.svg
  help                      print this
";

const DEFAULT_FUZZ_SECONDS: u32 = 60;

/// One thing to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Task {
    Help,
    ListSteps,
    Test { only: Vec<String> },
    Fuzz { target: Option<String>, seconds: u32 },
    Bench { options: Vec<String> },
    Soak { options: Vec<String> },
    Emulate { options: Vec<String> },
    Herd,
}

/// Reads the words after `cargo xtask`; the error is a sentence without its full stop.
pub(crate) fn parse(arguments: &[String]) -> Result<Task, String> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["help" | "--help" | "-h"] => Ok(Task::Help),
        ["test", "--list"] => Ok(Task::ListSteps),
        ["test", options @ ..] => Ok(Task::Test { only: parse_only(options)? }),
        ["fuzz", rest @ ..] => parse_fuzz(rest),
        ["bench", options @ ..] => Ok(Task::Bench { options: owned(options) }),
        ["soak", options @ ..] => Ok(Task::Soak { options: owned(options) }),
        ["emulate", options @ ..] => Ok(Task::Emulate { options: owned(options) }),
        ["herd"] => Ok(Task::Herd),
        [] => Err("no command given".into()),
        [command, ..] => Err(format!("no such command: `{command}`")),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.into()).collect()
}

fn parse_only(mut options: &[&str]) -> Result<Vec<String>, String> {
    let mut only = Vec::new();
    loop {
        options = match options {
            [] => return Ok(only),
            ["--only"] => return Err("`--only` needs the name of a step".into()),
            ["--only", step, rest @ ..] => {
                only.push((*step).to_owned());
                rest
            }
            [option, ..] => return Err(format!("`test` has no option `{option}`")),
        };
    }
}

fn parse_fuzz(words: &[&str]) -> Result<Task, String> {
    let (target, seconds) = match words {
        [] => (None, None),
        [target] => (Some(*target), None),
        [target, seconds] => (Some(*target), Some(*seconds)),
        [_, _, surplus, ..] => return Err(format!("`fuzz` does not know what to do with `{surplus}`")),
    };
    let seconds = match seconds {
        None => DEFAULT_FUZZ_SECONDS,
        // libFuzzer takes 0 as "without end".
        Some(text) => match text.parse() {
            Ok(seconds) if seconds > 0 => seconds,
            _ => return Err(format!("`{text}` is not a number of seconds")),
        },
    };
    Ok(Task::Fuzz { target: target.map(str::to_owned), seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_words(line: &str) -> Result<Task, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn test_alone_runs_every_step() {
        assert_eq!(parse_words("test"), Ok(Task::Test { only: vec![] }));
        assert_eq!(parse_words("test --list"), Ok(Task::ListSteps));
    }

    #[test]
    fn only_may_be_given_more_than_once() {
        let only = vec!["fmt".to_owned(), "clippy".to_owned()];
        assert_eq!(parse_words("test --only fmt --only clippy"), Ok(Task::Test { only }));
    }

    #[test]
    fn fuzz_has_defaults() {
        assert_eq!(parse_words("fuzz"), Ok(Task::Fuzz { target: None, seconds: DEFAULT_FUZZ_SECONDS }));
        assert_eq!(parse_words("fuzz engine 5"), Ok(Task::Fuzz { target: Some("engine".into()), seconds: 5 }));
    }

    #[test]
    fn bench_soak_and_emulate_pass_their_options_on() {
        assert_eq!(parse_words("bench --check"), Ok(Task::Bench { options: vec!["--check".into()] }));
        assert_eq!(parse_words("soak --seed 7"), Ok(Task::Soak { options: vec!["--seed".into(), "7".into()] }));
        assert_eq!(parse_words("emulate microbit"), Ok(Task::Emulate { options: vec!["microbit".into()] }));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(parse_words("tset"), Err("no such command: `tset`".into()));
        assert_eq!(parse_words("test --only"), Err("`--only` needs the name of a step".into()));
        assert_eq!(parse_words("test clippy"), Err("`test` has no option `clippy`".into()));
        assert_eq!(parse_words("fuzz engine soon"), Err("`soon` is not a number of seconds".into()));
        assert_eq!(parse_words("fuzz engine 0"), Err("`0` is not a number of seconds".into()));
    }
}
