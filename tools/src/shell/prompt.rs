//! The lines that are typed: on a terminal with history and completion, in a script, or in a recording.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::Validator;
use rustyline::{Config, Context, Editor, ExternalPrinter, Helper};

use super::orders;
use crate::playback::Playback;
use crate::recording::TYPED;
use crate::secrets;
use crate::tap::Log;

const PROMPT: &str = "nt35e> ";

/// What has been typed.
pub(super) enum Input {
    Nothing,
    Line(String),
    End,
}

/// Where lines come from, and what is said goes to.
pub(super) struct Prompt {
    source: Source,
    log: Log,
}

enum Source {
    Terminal { lines: Receiver<String>, ready: Sender<()>, above: Option<Box<dyn ExternalPrinter>> },
    Script(Receiver<String>),
    Recorded(Playback),
}

impl Prompt {
    /// Lines from a recording if this is a replay, or else from standard input, which is a terminal or a script.
    pub(super) fn open(history: Option<PathBuf>, log: &Log) -> Result<Self, String> {
        let source = match log.playback() {
            Some(playback) => Source::Recorded(playback),
            None if io::stdin().is_terminal() => terminal(history).map_err(|error| error.to_string())?,
            None => script(),
        };
        Ok(Self { source, log: log.clone() })
    }

    pub(super) const fn is_terminal(&self) -> bool {
        matches!(self.source, Source::Terminal { .. })
    }

    /// The next line, if one has been typed.
    pub(super) fn take(&mut self) -> Input {
        let typed = match &self.source {
            Source::Terminal { lines, .. } | Source::Script(lines) => match lines.try_recv() {
                Ok(line) => Ok(Some(line)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(()),
            },
            Source::Recorded(playback) => playback.typed(),
        };
        match typed {
            Ok(Some(line)) => Input::Line(line),
            Ok(None) => Input::Nothing,
            Err(()) => Input::End,
        }
    }

    /// Notes a line as a recording is to have it, and what in it must not be read there.
    pub(super) fn note(&self, line: &str, recorded: &str) {
        secrets::of_line(line.as_bytes()).iter().for_each(|secret| self.log.conceal(secret));
        match &self.source {
            Source::Recorded(_) => println!("{PROMPT}{line}"),
            _ => self.log.act(&format!("{TYPED}{recorded}")),
        }
    }

    /// What was ordered is done.
    pub(super) fn next(&self) {
        if let Source::Terminal { ready, .. } = &self.source {
            // Without anybody at the other end, there is no next line either.
            let _ = ready.send(());
        }
    }

    /// Tells people something, above the prompt if there is one now.
    pub(super) fn say(&mut self, text: &str) {
        let text = self.log.note(text);
        let above = match &mut self.source {
            Source::Terminal { above: Some(above), .. } => above.print(format!("{text}\n")).is_ok(),
            Source::Terminal { above: None, .. } | Source::Script(_) | Source::Recorded(_) => false,
        };
        if !above {
            println!("{text}");
        }
    }
}

/// Reads lines and shows nothing.
fn script() -> Source {
    let (typed, lines) = channel();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if typed.send(line).is_err() {
                return;
            }
        }
    });
    Source::Script(lines)
}

fn terminal(history: Option<PathBuf>) -> Result<Source, ReadlineError> {
    let history = history.or_else(|| std::env::home_dir().map(|home| home.join(".nt35e_history")));
    let mut editor = Editor::<Completion, MemHistory>::with_history(Config::default(), MemHistory::new())?;
    editor.set_helper(Some(Completion));
    if let Some(history) = &history {
        // The first time there is none.
        for line in fs::read_to_string(history).unwrap_or_default().lines() {
            let _ = editor.add_history_entry(line)?;
        }
    }
    // A terminal that cannot move its cursor shows events where it is.
    let above = editor.create_external_printer().ok().map(|above| Box::new(above) as Box<dyn ExternalPrinter>);
    let ((typed, lines), (ready, is_ready)) = (channel(), channel());
    thread::spawn(move || {
        loop {
            match editor.readline(PROMPT) {
                Ok(line) => {
                    let line = line.trim().to_owned();
                    if !line.is_empty() && !secrets::may_bear(&line) {
                        let kept = editor.add_history_entry(line.as_str()).unwrap_or_default();
                        // Kept at once, whatever ends the program.
                        if let Some(history) = history.as_ref().filter(|_| kept) {
                            keep(history, &line);
                        }
                    }
                    if typed.send(line).is_err() || is_ready.recv().is_err() {
                        return;
                    }
                }
                // Ctrl-C gives a line up.
                Err(ReadlineError::Interrupted) => {}
                Err(_) => return,
            }
        }
    });
    Ok(Source::Terminal { lines, ready, above })
}

/// Adds a line to the file. A history that cannot be written is one that is shorter, and no reason to stop.
fn keep(history: &Path, line: &str) {
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(history) {
        let _ = writeln!(file, "{line}");
    }
}

/// Completes the first word of a line.
struct Completion;

impl Completer for Completion {
    type Candidate = String;

    fn complete(&self, line: &str, position: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let start = line.get(..position).unwrap_or_default();
        Ok((0, if start.contains(' ') { Vec::new() } else { orders::beginning_with(start) }))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}
impl Validator for Completion {}
impl Helper for Completion {}
