//! The supervised client over the non-blocking front-end.

use super::conduct::{Conduct, Turn};
use super::desired::{Desired, Setup};
use super::event::{Event, PublishError};
use super::outbox::{Outbox, Ticket};
use super::recovery::{CommandsOnly, Recovery};
use crate::at::{Cause, Command, CommandError, Stage, Step, SubmitError};
use crate::client::plan::Context;
use crate::client::{Counters, Error, Publish, nonblocking};
use crate::time::Instant;
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Read, Write};

/// A client that keeps itself signed in, and never waits.
///
/// [`poll`](Self::poll) does all the work: call it over and over, or after each interrupt and at
/// [`wake_at`](Self::wake_at).
///
/// ```
/// use embedded_hal_nb::{nb, serial};
/// use nt35e::supervisor::{Event, nonblocking::Client};
/// use nt35e::{Instant, Publish, QoS};
///
/// /// What the super-loop calls over and over.
/// fn turn<U: serial::Read + serial::Write>(client: &mut Client<'_, '_, '_, U>, now: Instant, reading: Option<u8>) {
///     match client.poll(now) {
///         Ok(Event::Modem(nt35e::Event::Message { topic, payload, .. })) => drop((topic, payload)),
///         Ok(Event::GivenUp { ticket, error }) => drop((ticket, error)),
///         Ok(_) => {} // worth a line in a log
///         Err(nb::Error::WouldBlock) => {} // nothing to do until `client.wake_at()`
///         Err(nb::Error::Other(_uart)) => {} // it goes on
///     }
///     if let Some(reading) = reading {
///         // It waits in the outbox for as long as it has to. What does not fit is refused now.
///         let payload = [reading];
///         let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", &payload);
///         let _ticket = client.publish(&message.qos(QoS::AtLeastOnce));
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Client<'b, 'p, 'q, U, R = CommandsOnly> {
    client: nonblocking::Client<'b, 'static, U>,
    conduct: Conduct<'p, 'q>,
    recovery: R,
    wake_at: Option<Instant>,
}

impl<'b, 'p, 'q, U, R: Recovery> Client<'b, 'p, 'q, U, R> {
    /// Takes charge of a client. Nothing is sent yet, and what was begun is given up.
    pub fn new(mut client: nonblocking::Client<'b, 'static, U>, setup: Setup<'p, 'q, R>) -> Self {
        let Setup { desired, policy, outbox, recovery } = setup;
        client.give_up();
        let conduct = Conduct::new(desired, policy, outbox, recovery.rungs());
        Self { client, conduct, recovery, wake_at: None }
    }

    shared_methods!();

    /// When to poll again even if no byte arrives and the UART takes none; never if none. As of the last poll, and unless
    /// something is published.
    pub const fn wake_at(&self) -> Option<Instant> {
        self.wake_at
    }

    /// Takes bytes that were received elsewhere, as [`nonblocking::Client::push`].
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.client.push(bytes)
    }

    /// Gives the plain client and the means of recovery back. What is under way is given up.
    pub fn release(self) -> (nonblocking::Client<'b, 'static, U>, R) {
        (self.client, self.recovery)
    }
}

impl<U: Read<u8> + Write<u8>, R: Recovery> Client<'_, '_, '_, U, R> {
    /// Goes on with what is to be done, until there is something to tell or nothing can be moved without waiting.
    ///
    /// `now` must not go backwards.
    ///
    /// # Errors
    /// [`Error::Uart`]. It costs bytes, which the driver counts; what is under way goes on with the next poll.
    pub fn poll(&mut self, now: Instant) -> nb::Result<Event<'_>, Error<U::Error>> {
        if self.client.waits_for_reader(now) {
            self.wake_at = self.client.wake_at;
            return Err(nb::Error::WouldBlock);
        }
        // After something was told, or has failed, there may be more.
        self.wake_at = Some(now);
        loop {
            let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
            match self.conduct.turn(&mut context) {
                Turn::Event(event) => return Ok(event),
                Turn::Answered => return self.answered(),
                Turn::Press(rung, progress) => {
                    let wait = self.recovery.take_step(rung, progress);
                    self.conduct.pressed(wait, &mut context);
                }
                Turn::Drive => match self.client.transfer(Some(self.conduct.payload()), now)? {
                    Step::Finished => self.conduct.finished(),
                    // What was given up has been sent to its end.
                    _ if !self.conduct.is_driving() && !self.client.engine.is_busy() => {}
                    _ => return self.rest(None),
                },
                Turn::Look => {
                    if self.client.transfer(Some(&[]), now)? == Step::Event {
                        break;
                    }
                }
                Turn::Rest(at) => {
                    if self.client.transfer(Some(&[]), now)? == Step::Event {
                        break;
                    }
                    return self.rest(at);
                }
            }
        }
        let Self { client, conduct, .. } = self;
        let event = client.engine.event().ok_or(nb::Error::WouldBlock)?;
        Ok(conduct.observed(client.session.observe(event), now))
    }

    /// Begins any command, such as a [`Raw`](crate::command::Raw) one, that fits in the TX buffer with its payload.
    ///
    /// Ends as [`Event::Answered`], whatever the answer is; [`Client::finish`] has it, and until that was called everything
    /// else waits.
    ///
    /// # Errors
    /// `WouldBlock` while something else is under way, which may take minutes; nothing was begun. [`Error::Invalid`] or
    /// [`Error::TxTooSmall`] if it cannot be sent.
    pub fn begin<D: Command>(&mut self, command: &D) -> nb::Result<(), Error<U::Error>> {
        if !self.conduct.is_free() || self.client.engine.is_busy() {
            return Err(nb::Error::WouldBlock);
        }
        match self.client.engine.submit(command) {
            Ok(()) => {}
            Err(SubmitError::Encode(error)) => return Err(nb::Error::Other(error.into())),
            Err(SubmitError::Busy) => return Err(nb::Error::WouldBlock),
        }
        let (available, shortage) = (self.client.engine.longest_line(), self.client.engine.payload_shortage());
        if shortage > 0 {
            self.client.engine.abandon();
            return Err(nb::Error::Other(Error::TxTooSmall { needed: available.saturating_add(shortage), available }));
        }
        self.conduct.command_begun();
        Ok(())
    }

    /// The answer to a command that was begun by [`Client::begin`], once [`Client::poll`] has returned
    /// [`Event::Answered`]. `command` is the one that was begun.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem refused it or did not answer, or if it has not ended.
    pub fn finish<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        if !self.conduct.is_answered() {
            let unfinished = CommandError { name: D::SPEC.name, stage: Stage::Send, cause: Cause::Unfinished };
            return Err(Error::Command(unfinished));
        }
        self.conduct.answer_taken();
        self.client.engine.finish(command).map_err(Error::Command)
    }

    /// Reads on in the payload of an [`Event::LargeMessage`](crate::Event::LargeMessage), as
    /// [`nonblocking::Client::read_payload`].
    ///
    /// # Errors
    /// As there.
    pub fn read_payload(&mut self, buffer: &mut [u8], now: Instant) -> nb::Result<usize, Error<U::Error>> {
        self.client.read_payload(buffer, now)
    }

    /// The command of the application has ended. It is told once, and then waits to be taken.
    fn answered<'a>(&mut self) -> nb::Result<Event<'a>, Error<U::Error>> {
        self.wake_at = None;
        if self.conduct.tell_answered() { Ok(Event::Answered) } else { Err(nb::Error::WouldBlock) }
    }

    /// Nothing can be done now, nor before then unless something arrives.
    fn rest<'a>(&mut self, until: Option<Instant>) -> nb::Result<Event<'a>, Error<U::Error>> {
        self.wake_at = [self.client.wake_at, until].into_iter().flatten().min();
        Err(nb::Error::WouldBlock)
    }
}
