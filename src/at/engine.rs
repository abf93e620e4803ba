//! The engine: bytes and time in, bytes and events out, and one command in flight.
//!
//! It holds the whole state and does no IO. Whoever drives it moves bytes between it and a UART:
//!
//! 1. [`Engine::poll`] says what to do.
//! 2. [`Step::Transmit`]: first hand over what has already been received, then send [`Engine::transmit`] and report it by
//!    [`Engine::transmitted`].
//! 3. [`Step::Receive`]: read into [`Engine::receive`], and report it by [`Engine::received`], or let the time pass.
//! 4. [`Step::Event`]: take [`Engine::event`]. [`Step::Finished`]: take the answer by [`Engine::finish`].

mod conduct;
mod surrender;

use super::answer::Answer;
use super::command::Command;
use super::counters::Counters;
use super::dialect::Dialect;
use super::error::{Cause, CommandError, Stage, SubmitError};
use super::event::{Buffers, Event, Piece};
use super::flight::{Flight, Progress};
use super::inbox::{Kind, Loss};
use super::receiver::{Intake, Receiver};
use super::resync::Resync;
use super::transmitter::{Sent, Transmitter};
use crate::fmt::{Discretion, Text};
use crate::time::{Duration, Instant};

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Step {
    /// Hand over what has been received, then send what [`Engine::transmit`] gives.
    Transmit,
    /// Wait for bytes, at the latest until this time, then poll again.
    Receive {
        /// When to poll again even if nothing arrived; never if none.
        until: Option<Instant>,
    },
    /// No command is in flight, and [`Engine::event`] has something.
    Event,
    /// The command has ended: [`Engine::finish`] has its answer.
    Finished,
}

/// The state of one AT line.
#[derive(Debug)]
pub struct Engine<'b> {
    dialect: &'static Dialect,
    receiver: Receiver<'b>,
    transmitter: Transmitter<'b>,
    flight: Flight,
    resync: Resync,
    counters: Counters,
    /// The event at the front of the inbox was handed out, and its memory is free at the next call.
    taken: bool,
    /// How the modem has gone away, if it has not accepted a command since: what it prints now belongs to that.
    gone: Option<Kind>,
    /// A command whose answer is any text was given up, and its answer, which may name the maker, may still come.
    text_due: bool,
    /// The LF that ends a line is still to be sent. The modem may have answered at the CR.
    line_feed_due: bool,
    /// How many bytes the modem may take for a payload that nobody will send; none if it surely waits for a command.
    owed: usize,
    /// An ESC is to be sent before the marker.
    escape_due: bool,
    discretion: Discretion,
}

impl<'b> Engine<'b> {
    /// An engine for a modem that speaks `dialect`.
    pub const fn new(buffers: Buffers<'b>, dialect: &'static Dialect) -> Self {
        let Buffers { rx, tx, inbox } = buffers;
        Self {
            dialect,
            receiver: Receiver::new(dialect, rx, inbox),
            transmitter: Transmitter::new(tx),
            flight: Flight::none(),
            resync: Resync::new(),
            counters: Counters::new(),
            taken: false,
            gone: None,
            text_due: false,
            line_feed_due: false,
            discretion: Discretion::new(),
            owed: 0,
            escape_due: false,
        }
    }

    /// Starts a command. One that is still in flight is abandoned.
    ///
    /// # Errors
    /// [`SubmitError::Busy`] while the rest of an abandoned command has to be sent: poll on, then try again.
    /// [`SubmitError::Encode`] if the command line cannot be written.
    pub fn submit<C: Command>(&mut self, command: &C, now: Instant) -> Result<(), SubmitError> {
        self.vacate()?;
        let mut line = self.transmitter.write_line(C::SPEC.name);
        command.encode(&mut line);
        let line = line.finish();
        self.start(&line, const { &C::SPEC }, command.key(), command.acceptance(), command.payload(), now)
    }

    /// Starts a pause instead of a command: [`Step::Finished`] comes after `span`.
    ///
    /// # Errors
    /// [`SubmitError::Busy`], as for [`Engine::submit`].
    pub fn pause(&mut self, span: Duration, now: Instant) -> Result<(), SubmitError> {
        self.vacate()?;
        self.flight = Flight::none();
        self.flight.progress = Progress::Pause;
        self.flight.deadline = now + span;
        Ok(())
    }

    /// Gives up on the command in flight, as [`Engine::abandon`], but goes on to give its payload to
    /// [`Engine::transmit`] while [`Engine::is_busy`], also one that TX does not hold. So the modem is not left waiting
    /// for the rest of it, for which it would take what is sent next.
    pub fn abandon_keeping_payload(&mut self) {
        self.flight.keeps_payload = true;
        self.abandon();
    }

    /// Whether the rest of an abandoned command is still being sent, or the prompt for it awaited.
    pub const fn is_busy(&self) -> bool {
        self.flight.abandoned
    }

    /// Says what to do next, after all bytes received so far were looked at. Calling it too often is harmless.
    #[inline(always)]
    pub fn poll(&mut self, now: Instant) -> Step {
        if now < self.receiver.wake {
            return self.wait();
        }
        self.look(now)
    }

    #[inline(never)]
    fn look(&mut self, now: Instant) -> Step {
        self.release();
        if self.flight.is_idle() {
            self.receiver.forget_answer();
        }
        while self.flight.progress != Progress::Done && self.receiver.is_pending() {
            let prompt = matches!(self.flight.stage(), Some(Stage::Prompt));
            let is_busy = !self.flight.is_idle();
            let echo = if is_busy {
                self.flight.expected_echo(self.transmitter.line(), self.dialect)
            } else {
                Default::default()
            };
            match self.receiver.next(prompt, echo, is_busy) {
                Intake::Nothing => break,
                Intake::Line(line) => self.line(line),
                Intake::Prompt => self.prompt(),
                Intake::Restarted(kind) => self.restarted(kind),
            }
        }
        self.expire(now);
        if let Progress::Done = self.flight.progress {
            Step::Finished
        } else if self.flight.is_idle() && self.receiver.has_event() {
            // Before the LF that may be due: a full inbox leaves no room for what is to be received first.
            Step::Event
        } else if self.has_output() {
            Step::Transmit
        } else {
            self.sleep();
            self.wait()
        }
    }

    /// Nothing is left to do until a deadline comes, or something happens.
    fn sleep(&mut self) {
        self.receiver.wake = self.flight.deadline.min(self.resync_deadline()).min(self.receiver.deadline());
    }

    #[inline(always)]
    fn wait(&self) -> Step {
        Step::Receive { until: Some(self.receiver.wake).filter(|&wake| wake != Instant::NEVER) }
    }

    /// The bytes to send now. `payload` is that of the command in flight, or empty if its owner is gone.
    pub fn transmit<'a>(&'a self, payload: &'a [u8]) -> &'a [u8] {
        match self.flight.stage() {
            _ if self.line_feed_due => b"\n",
            Some(Stage::Resync) => self.unsent_marker(),
            Some(Stage::Send) => self.transmitter.unsent_line(),
            Some(Stage::Payload) => self.transmitter.unsent_payload(payload),
            _ => &[],
        }
    }

    /// So many bytes of [`Engine::transmit`] were sent.
    pub fn transmitted(&mut self, count: usize) {
        self.receiver.rouse();
        let marker = self.marker();
        match self.flight.stage() {
            _ if count == 0 => {}
            _ if self.line_feed_due => {
                self.line_feed_due = false;
                self.pay(count);
            }
            Some(Stage::Resync) => {
                self.pay(count);
                if !core::mem::take(&mut self.escape_due) {
                    let sent = self.resync.transmitted(count, marker);
                    self.line_feed_due = sent == Sent::AllButLineFeed;
                    if sent != Sent::Part {
                        trace!("> {}", Text::new(marker.trim_ascii_end()));
                    }
                }
            }
            Some(Stage::Send) => {
                self.flight.deadline = Instant::NEVER;
                let sent = self.transmitter.sent_line(count);
                self.line_feed_due = sent == Sent::AllButLineFeed;
                if sent != Sent::Part {
                    trace!("> {}", self.discretion.sent(self.transmitter.line()));
                    self.counters.commands = self.counters.commands.wrapping_add(1);
                    let stage = if self.flight.spec.prompt { Stage::Prompt } else { Stage::Acceptance };
                    self.proceed(stage);
                }
            }
            Some(Stage::Payload) => {
                self.flight.deadline = Instant::NEVER;
                if self.transmitter.sent_payload(count) {
                    self.payload_sent();
                }
            }
            _ => {}
        }
    }

    /// Takes one received byte, as an interrupt for each gives it: the same as through [`Engine::receive`], and cheaper.
    ///
    /// False, and the byte is not taken, if there is no memory for it, since events wait to be taken.
    #[inline(always)]
    pub fn push(&mut self, byte: u8) -> bool {
        self.receiver.push(byte)
    }

    /// Memory for the next received bytes.
    ///
    /// It is never empty after [`Step::Receive`] or [`Step::Transmit`], if RX is at least as large as documented.
    #[inline(always)]
    pub fn receive(&mut self) -> &mut [u8] {
        self.receiver.receive()
    }

    /// So many bytes were written into [`Engine::receive`].
    #[inline(always)]
    pub fn received(&mut self, count: usize) {
        self.receiver.received(count);
    }

    /// The oldest event, after [`Step::Event`]; none if there is none.
    pub fn event(&mut self) -> Option<Event<'_>> {
        self.receiver.rouse();
        self.release();
        if self.receiver.inbox.is_empty() {
            let (header, length) = self.receiver.large()?;
            return Some(Event::LargeMessage { header, length });
        }
        self.taken = true;
        if self.receiver.inbox.holds_one() && !self.receiver.is_pending() && !self.has_output() {
            self.sleep();
        }
        let loss =
            if self.receiver.inbox.has_loss_in_front() { self.receiver.inbox.take_loss() } else { Loss::default() };
        self.receiver.inbox.front().map(|record| Event::new(record, loss))
    }

    /// Moves what has arrived of a large message into `out`. Unless it is polled, the engine waits for the caller to go
    /// on. A poll before the end skips the rest.
    pub fn read_payload(&mut self, out: &mut [u8]) -> Piece {
        self.receiver.rouse();
        let (piece, restart) = self.receiver.read_large(out);
        if let Some(kind) = restart {
            self.restarted(kind);
        }
        piece
    }

    /// How much of a large message has not been read yet.
    pub fn payload_remaining(&self) -> usize {
        self.receiver.large_remaining()
    }

    /// The answer to the command that has ended. `command` is the one that was submitted.
    ///
    /// # Errors
    /// What ended the command, if it was not its answer.
    pub fn finish<C: Command>(&mut self, command: &C) -> Result<C::Response<'_>, CommandError> {
        let failed = |(stage, cause)| CommandError { name: C::SPEC.name, stage, cause };
        self.conclude().map_err(failed)?;
        let stage = if C::SPEC.result.is_some() { Stage::Result } else { Stage::Acceptance };
        command.decode(Answer::new(self.receiver.answer())).map_err(|_| failed((stage, Cause::Malformed)))
    }

    /// Whether messages are to be expected with the length of their payload (`true` at first) or without.
    pub const fn expect_counted(&mut self, counted: bool) {
        self.receiver.set_counted(counted);
    }

    /// A count that goes up with each result that begins a new era, by which events from before are told from later ones.
    pub const fn era(&self) -> u8 {
        self.receiver.era
    }

    /// How often the modem was seen to restart or to switch itself off.
    pub const fn restarts(&self) -> u32 {
        self.counters.boots.wrapping_add(self.counters.power_downs)
    }

    /// By how many bytes TX is too short for the payload of the command in flight. With 0, the payload is its owner's
    /// again, and [`Engine::transmit`] needs none.
    pub const fn payload_shortage(&self) -> usize {
        self.transmitter.shortage()
    }

    /// How large the TX buffer is.
    pub const fn longest_line(&self) -> usize {
        self.transmitter.capacity()
    }

    /// What has happened so far.
    pub fn counters(&self) -> Counters {
        let mut counters = self.counters;
        counters.bytes = self.receiver.bytes();
        counters
    }

    /// Bytes that have arrived and are in none of the classes of [`Counters`] yet, since their line is not complete.
    pub fn unclassified(&self) -> usize {
        self.receiver.unclassified()
    }
}
