//! The engine: bytes and time in, bytes and events out, and one command in flight.
//!
//! It holds the whole state and does no IO. Whoever drives it moves bytes between it and a UART:
//!
//! 1. [`Engine::poll`] says what to do.
//! 2. [`Step::Transmit`]: first hand over what has already been received, then send [`Engine::transmit`] and report it by
//!    [`Engine::transmitted`].
//! 3. [`Step::Receive`]: read into [`Engine::receive`], and report it by [`Engine::received`], or let the time pass.
//! 4. [`Step::Event`]: take [`Engine::event`]. [`Step::Finished`]: take the answer by [`Engine::finish`].

mod course;
mod intake;
mod line;
mod message;
mod output;
mod surrender;

use self::course::{Flight, Phase};
use self::message::Message;
use super::answer::Answer;
use super::command::{Command, Spec};
use super::counters::{Bytes, Counters};
use super::dialect::Dialect;
use super::encode::Encoder;
use super::error::{Cause, CommandError, Stage, SubmitError};
use super::event::{Buffers, Event, Piece};
use super::fields::Malformed;
use super::inbox::{Inbox, Kind};
use super::stream::{MessageForm, Stream};
use crate::fmt::Discretion;
use crate::time::{Due, Duration, Instant};

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Step {
    /// Hand over what has been received, then send what [`Engine::transmit`] gives.
    Transmit,
    /// Wait for bytes, at the latest until [`Engine::wake_at`], then poll again.
    Receive,
    /// No command is in flight, and [`Engine::event`] has something.
    Event,
    /// The command has ended: [`Engine::finish`] has its answer.
    Finished,
}

/// What became of a byte.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Push {
    /// It was taken, and means nothing by itself: there is no need to poll for it.
    Taken,
    /// It was taken, and the engine is to be polled.
    Due,
    /// It was not taken, since the engine was not polled in time or its event not taken: poll, then push it again.
    Full,
}

/// The state of one AT line.
// The order of the fields, here and in what is inside, is that of the smallest image found: what is used often is near,
// where an instruction of two bytes reaches.
#[repr(C)]
pub struct Engine<'b> {
    /// The answer to the marker came, but not the `OK` behind it.
    answered: bool,
    phase: Phase,
    /// How the modem has gone away, if it has not accepted a command since: what it prints now belongs to that.
    gone: Option<Kind>,
    /// Something has happened, so that there may be something to do now.
    roused: bool,
    /// A command whose answer is any text was given up, and its answer, which may name the maker, may still come.
    text_due: bool,
    /// The line may be out of step.
    astray: bool,
    discretion: Discretion,
    /// Markers sent since the line was in step, and one for a stale command that asks the same.
    on_their_way: u8,
    attempts: u8,
    /// Once it has ended: why without an answer.
    failure: Option<Cause>,
    /// What is in flight is the marker, ahead of the command.
    syncing: bool,
    /// The LF that ends a line is still to be sent. The modem may have answered at the CR.
    line_feed_due: bool,
    /// Once it has ended: in which stage.
    ended_in: Stage,
    /// An ESC is to be sent before the marker.
    escape_due: bool,
    /// When there is something to do even if nothing happens before.
    wake: Due,
    flight: Flight,
    /// When the present phase has lasted too long; [`Due::NEVER`] until it is looked at first.
    deadline: Due,
    message: Message,
    /// How many bytes the modem may take for a payload that nobody will send; none if it surely waits for a command.
    owed: usize,
    stream: Stream<'b>,
    /// The command line; behind it stands the payload, if it fits.
    line: Encoder<'b>,
    dialect: &'static Dialect,
    inbox: Inbox<'b>,
    counters: Counters,
}

impl<'b> Engine<'b> {
    /// An engine for a modem that speaks `dialect`.
    pub const fn new(buffers: Buffers<'b>, dialect: &'static Dialect) -> Self {
        let Buffers { rx, tx, inbox } = buffers;
        Self {
            dialect,
            stream: Stream::new(dialect, rx),
            inbox: Inbox::new(inbox),
            message: Message::none(),
            line: Encoder::new(tx),
            flight: Flight::new(&Spec::NOTHING),
            phase: Phase::Idle,
            syncing: false,
            answered: false,
            failure: None,
            ended_in: Stage::Send,
            deadline: Due::NEVER,
            wake: Due::NEVER,
            roused: true,
            gone: None,
            text_due: false,
            // Nothing is known of a line that was just opened.
            astray: true,
            attempts: 0,
            on_their_way: 0,
            line_feed_due: false,
            owed: 0,
            escape_due: false,
            discretion: Discretion::new(),
            counters: Counters::new(),
        }
    }

    /// Starts a command. One that is still in flight is abandoned.
    ///
    /// # Errors
    /// [`SubmitError::Busy`] while the rest of an abandoned command has to be sent: poll on, then try again.
    /// [`SubmitError::Encode`] if the command line cannot be written.
    #[inline(always)]
    pub fn submit<C: Command>(&mut self, command: &C) -> Result<(), SubmitError> {
        if !self.begin(const { &C::SPEC }) {
            return Err(SubmitError::Busy);
        }
        command.encode(&mut self.line);
        let is_started = self.start(if C::SPEC.prompt { command.payload() } else { &[] });
        if is_started { Ok(()) } else { Err(SubmitError::Encode(self.line.error())) }
    }

    /// Starts a pause instead of a command: [`Step::Finished`] comes after `span`.
    ///
    /// # Errors
    /// [`SubmitError::Busy`], as for [`Engine::submit`].
    #[inline(always)]
    pub fn pause(&mut self, span: Duration) -> Result<(), SubmitError> {
        if !self.begin(&Spec::NOTHING) {
            return Err(SubmitError::Busy);
        }
        self.line.limit = span;
        self.enter(Phase::Pause);
        Ok(())
    }

    /// Gives up on the command in flight, as [`Engine::abandon`], but goes on to give its payload to
    /// [`Engine::transmit`] while [`Engine::is_busy`], also one that TX does not hold. So the modem is not left waiting
    /// for the rest of it, for which it would take what is sent next.
    #[inline(always)]
    pub fn abandon_keeping_payload(&mut self) {
        self.flight.keeps_payload = true;
        self.abandon();
    }

    /// Whether the rest of an abandoned command is still being sent, or the prompt for it awaited.
    pub const fn is_busy(&self) -> bool {
        self.flight.abandoned
    }

    /// Whether a command is in flight, as opposed to a pause.
    pub(crate) fn is_asking(&self) -> bool {
        self.phase > Phase::Pause
    }

    /// Says what to do next, after all bytes received so far were looked at. Calling it too often is harmless.
    pub fn poll(&mut self, now: Instant) -> Step {
        if self.roused || self.wake.has_come(now) { self.look(now) } else { Step::Receive }
    }

    /// After [`Step::Receive`], when to poll again even if nothing arrives; never if none.
    pub fn wake_at(&self, now: Instant) -> Option<Instant> {
        self.wake.instant(now)
    }

    /// Takes one received byte, as an interrupt for each gives it: the same as through [`Engine::receive`], and cheaper.
    #[inline(always)]
    pub fn push(&mut self, byte: u8) -> Push {
        if self.inbox.push(byte) {
            return Push::Taken;
        }
        let pushed = self.stream.push(byte);
        if pushed != Push::Taken {
            self.roused = true;
        }
        pushed
    }

    /// Memory for the next received bytes.
    ///
    /// After [`Step::Receive`] or [`Step::Transmit`] it is not empty, if RX is at least as large as documented.
    pub fn receive(&mut self) -> &mut [u8] {
        if self.inbox.is_open() { self.inbox.slot() } else { self.stream.slot() }
    }

    /// So many bytes were written into [`Engine::receive`].
    pub fn received(&mut self, count: usize) {
        if self.inbox.is_open() {
            self.inbox.filled(count);
        } else {
            self.stream.filled(count);
            self.roused = true;
        }
    }

    /// The oldest event, after [`Step::Event`]; none if there is none.
    pub fn event(&mut self) -> Option<Event<'_>> {
        self.roused = true;
        if self.inbox.is_empty() { self.announced() } else { self.inbox.take() }
    }

    /// Moves what has arrived of a large message into `out`. Unless it is polled, the engine waits for the caller to go
    /// on. A poll before the end skips the rest.
    pub fn read_payload(&mut self, out: &mut [u8]) -> Piece {
        self.roused = true;
        self.read_large(out)
    }

    /// How much of a large message has not been read yet.
    pub fn payload_remaining(&self) -> usize {
        self.large_remaining()
    }

    /// The answer to the command that has ended. `command` is the one that was submitted.
    ///
    /// # Errors
    /// What ended the command, if it was not its answer.
    #[inline(always)]
    pub fn finish<C: Command>(&mut self, command: &C) -> Result<C::Response<'_>, CommandError> {
        let failed = |stage, cause| Err(CommandError { name: C::SPEC.name, stage, cause });
        if !self.conclude() {
            return failed(self.ended_in, self.failure.unwrap_or(Cause::Unfinished));
        }
        match command.decode(Answer::new(self.stream.answer())) {
            Ok(response) => Ok(response),
            Err(Malformed) => {
                failed(if C::SPEC.has_result() { Stage::Result } else { Stage::Acceptance }, Cause::Malformed)
            }
        }
    }

    /// How messages are to be expected: [`MessageForm::Either`] at first, then as the modem was told to send them.
    pub const fn expect_messages(&mut self, form: MessageForm) {
        self.stream.form = form;
    }

    /// A count that goes up with each result that begins a new era, by which events from before are told from later ones.
    pub const fn era(&self) -> u8 {
        self.inbox.era
    }

    /// How often the modem was seen to restart or to switch itself off.
    pub const fn restarts(&self) -> u32 {
        self.counters.restarts()
    }

    /// By how many bytes TX is too short for the payload of the command in flight. With 0, the payload is its owner's
    /// again, and [`Engine::transmit`] needs none.
    pub const fn payload_shortage(&self) -> usize {
        self.line.length.saturating_add(self.flight.payload).saturating_sub(self.line.buffer.len())
    }

    /// How large the TX buffer is.
    pub const fn longest_line(&self) -> usize {
        self.line.buffer.len()
    }

    /// What has happened so far.
    #[inline(always)]
    pub fn counters(&self) -> Counters {
        let mut counters = self.counters;
        let [answer, event, echo, lost] = self.stream.classes();
        let classified = answer.wrapping_add(event).wrapping_add(echo).wrapping_add(lost);
        let received = classified.wrapping_add(self.unclassified() as u32);
        counters.frames_lost = self.inbox.frames_lost;
        counters.bytes = Bytes { received, answer, event, echo, lost };
        counters
    }

    /// Bytes that have arrived and are in none of the classes of [`Counters`] yet, since their line is not complete.
    #[inline(always)]
    pub fn unclassified(&self) -> usize {
        self.stream.unclassified().wrapping_add(self.message_bytes())
    }
}

impl core::fmt::Debug for Engine<'_> {
    /// Prints no content: the modem may have echoed a secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { phase, failure, .. } = self;
        formatter
            .debug_struct("Engine")
            .field("phase", phase)
            .field("failure", failure)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
