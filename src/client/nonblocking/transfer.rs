//! How the client moves bytes between UART and engine, as many as go without waiting.

use super::Client;
use crate::at::{Piece, Step};
use crate::client::error::Error;
use crate::client::plan::Plan;
use crate::time::{Duration, Instant};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Read, Write};

/// A payload that stops in the middle for so long does not go on.
const STALL: Duration = Duration::from_secs(2);

impl<U> Client<'_, '_, U> {
    /// Takes bytes that were received elsewhere, such as in an interrupt; returns how many. It only copies. As many as
    /// RX has room for can be pushed between two polls.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        let mut taken: usize = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty() && !self.is_full) {
            let room = self.engine.receive();
            let count = room.len().min(rest.len());
            for (place, byte) in room.iter_mut().zip(rest) {
                *place = *byte;
            }
            self.is_full = count == room.len();
            self.engine.received(count);
            taken = taken.saturating_add(count);
        }
        taken
    }
}

impl<U: Read<u8> + Write<u8>> Client<'_, '_, U> {
    /// Reads on in the payload of an [`Event::LargeMessage`](crate::Event::LargeMessage): as much as is there. Returns how many bytes that were; 0
    /// once the payload has ended as its length said. Until then, or until nothing arrives for two seconds, polls do
    /// nothing; without a first call between the event and the next poll, the payload is skipped.
    ///
    /// # Errors
    /// `WouldBlock` if nothing is there. [`Error::PayloadBroken`] if it did not end so, [`Error::PayloadTimeout`],
    /// [`Error::Uart`]. What was read before is not to be trusted then.
    pub fn read_payload(&mut self, buffer: &mut [u8], now: Instant) -> nb::Result<usize, Error<U::Error>> {
        loop {
            let piece = self.engine.read_payload(buffer);
            self.is_full = false;
            match piece {
                Piece::Bytes(count) => {
                    self.reading_until = Some(now + STALL);
                    return Ok(count);
                }
                Piece::End => {
                    self.reading_until = None;
                    return Ok(0);
                }
                Piece::Broken => {
                    self.reading_until = None;
                    return Err(nb::Error::Other(Error::PayloadBroken));
                }
                Piece::Wait => {}
            }
            let until = *self.reading_until.get_or_insert(now + STALL);
            if !self.take_in()? {
                if now < until {
                    return Err(nb::Error::WouldBlock);
                }
                self.reading_until = None;
                return Err(nb::Error::Other(Error::PayloadTimeout));
            }
        }
    }

    /// Lets an abandoned command end, so that the modem is not left in the middle of a line.
    pub(super) fn settle(&mut self, now: Instant) -> nb::Result<(), Error<U::Error>> {
        self.give_up();
        if self.engine.is_busy() {
            let _ = self.transfer(None, now)?;
        }
        if self.engine.is_busy() { Err(nb::Error::WouldBlock) } else { Ok(()) }
    }

    /// Moves bytes both ways, until nothing can be moved without waiting, or the command in flight has ended. Its payload
    /// is given, or else that of the operation.
    pub(crate) fn transfer(&mut self, payload: Option<&[u8]>, now: Instant) -> Result<Step, Error<U::Error>> {
        self.flush()?;
        loop {
            let step = self.engine.poll(now);
            self.session.time(step, &self.engine, now);
            self.has_event = step == Step::Event;
            self.wake_at = match step {
                Step::Receive => self.engine.wake_at(now),
                Step::Event => None,
                Step::Transmit | Step::Finished => Some(now),
            };
            if step == Step::Finished {
                return Ok(step);
            }
            self.is_full = false;
            // What has arrived by now is no answer to what has not been sent yet.
            let has_moved = self.take_in()? || (step == Step::Transmit && self.send(payload)?);
            if !has_moved {
                return Ok(step);
            }
        }
    }

    /// Sends what the UART takes; false if it takes no more now.
    fn send(&mut self, payload: Option<&[u8]>) -> Result<bool, Error<U::Error>> {
        let operation = self.operation.as_ref().filter(|_| self.is_driving);
        let payload = payload.unwrap_or_else(|| operation.map_or(self.owed, Plan::payload));
        let mut sent: usize = 0;
        let mut outcome = Ok(());
        for byte in self.engine.transmit(payload) {
            outcome = self.uart.write(*byte);
            if outcome.is_err() {
                break;
            }
            sent = sent.saturating_add(1);
        }
        self.engine.transmitted(sent);
        self.is_unflushed |= sent > 0;
        let has_room = outcome.is_ok();
        unless_blocked(outcome)?;
        self.flush()?;
        Ok(has_room && sent > 0)
    }

    fn flush(&mut self) -> Result<(), Error<U::Error>> {
        if self.is_unflushed {
            let outcome = self.uart.flush();
            self.is_unflushed = matches!(outcome, Err(nb::Error::WouldBlock));
            unless_blocked(outcome)?;
        }
        Ok(())
    }

    /// Reads what has arrived; false if that was nothing.
    pub(super) fn take_in(&mut self) -> Result<bool, Error<U::Error>> {
        let mut received: usize = 0;
        let mut outcome = Ok(());
        for place in self.engine.receive() {
            match self.uart.read() {
                Ok(byte) => *place = byte,
                Err(error) => {
                    outcome = Err(error);
                    break;
                }
            }
            received = received.saturating_add(1);
        }
        self.engine.received(received);
        unless_blocked(outcome)?;
        Ok(received > 0)
    }
}

fn unless_blocked<E>(outcome: nb::Result<(), E>) -> Result<(), Error<E>> {
    match outcome {
        Ok(()) | Err(nb::Error::WouldBlock) => Ok(()),
        Err(nb::Error::Other(error)) => Err(Error::Uart(error)),
    }
}
