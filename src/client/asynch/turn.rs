//! The loop that moves bytes and time, and runs the plans.

use super::race::race;
use super::{Client, Timer};
use crate::at::Step;
use crate::client::error::Error;
use crate::client::plan::{Context, Next, Plan};
use crate::time::{Duration, Instant};
use core::future::Future;
use core::pin::pin;
use embedded_io_async::{Read, Write};

/// Where nothing has to be done in time, the loop still comes round every 49 days.
const LONG: Duration = Duration::from_millis(u32::MAX);

/// What became of one turn of the loop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    /// Bytes went one way or the other.
    Moved,
    /// No byte came in time.
    TimeUp,
    Event,
    Finished,
}

#[allow(
    clippy::manual_async_fn,
    reason = "an async fn holds its arguments twice: as what it was given and as variables"
)]
impl<U: Read + Write, T: Timer> Client<'_, U, T> {
    pub(super) fn run<P: Plan>(&mut self, mut plan: P) -> impl Future<Output = Result<P::Output, Error<U::Error>>> {
        async move {
            self.settle().await?;
            loop {
                if let Some(result) = self.advance(&mut plan) {
                    return result;
                }
                while self.turn(plan.payload(), None).await? != Turn::Finished {}
            }
        }
    }

    /// Submits the next command of `plan`, or has its result.
    fn advance<P: Plan>(&mut self, plan: &mut P) -> Option<Result<P::Output, Error<U::Error>>> {
        let now = self.timer.now();
        let mut context = Context { engine: &mut self.engine, session: &mut self.session, now };
        match plan.advance(&mut context) {
            Ok(Next::Drive) => None,
            Ok(Next::Done(output)) => Some(Ok(output)),
            Err(failure) => Some(Err(failure.of_uart())),
        }
    }

    /// Lets an abandoned command end, so that the modem is not left in the middle of a line.
    pub(super) fn settle(&mut self) -> impl Future<Output = Result<(), Error<U::Error>>> {
        async {
            self.engine.abandon();
            while self.engine.is_busy() {
                let _ = self.turn(&[], None).await?;
            }
            Ok(())
        }
    }

    /// Moves bytes one way or the other, once, or lets time pass, at the longest until `limit`.
    pub(crate) fn turn(
        &mut self,
        payload: &[u8],
        limit: Option<Instant>,
    ) -> impl Future<Output = Result<Turn, Error<U::Error>>> {
        async move {
            if self.flush_due {
                self.uart.flush().await.map_err(Error::Uart)?;
                self.flush_due = false;
            }
            let now = self.timer.now();
            let was_busy = self.engine.is_busy();
            let step = self.engine.poll(now);
            self.session.time(step, &self.engine, now);
            match step {
                Step::Transmit => {
                    // What has arrived by now is no answer to what has not been sent yet.
                    if !self.take_in(now).await? {
                        let sent = self.uart.write(self.engine.transmit(payload)).await.map_err(Error::Uart)?;
                        if sent == 0 {
                            return Err(Error::Closed);
                        }
                        // Before anything else is awaited: what was written must not be written again after a drop.
                        self.engine.transmitted(sent);
                        self.flush_due = true;
                    }
                    Ok(Turn::Moved)
                }
                // What was given up has ended just now, without a byte: nobody waits for one any more.
                Step::Receive if was_busy && !self.engine.is_busy() => Ok(Turn::TimeUp),
                Step::Receive => {
                    let until = [self.engine.wake_at(now), limit].into_iter().flatten().min();
                    let arrived = self.take_in(until.unwrap_or(now + LONG)).await?;
                    Ok(if arrived { Turn::Moved } else { Turn::TimeUp })
                }
                Step::Event => Ok(Turn::Event),
                Step::Finished => Ok(Turn::Finished),
            }
        }
    }

    /// Waits for bytes until then, and reads them; false if none came. The read goes first, even if it is already then.
    pub(crate) fn take_in(&mut self, until: Instant) -> impl Future<Output = Result<bool, Error<U::Error>>> {
        async move {
            let arrived = race(pin!(self.uart.read(self.engine.receive())), pin!(self.timer.until(until))).await;
            match arrived {
                None => Ok(false),
                Some(Err(error)) => Err(Error::Uart(error)),
                Some(Ok(0)) => Err(Error::Closed),
                Some(Ok(count)) => {
                    self.engine.received(count);
                    Ok(true)
                }
            }
        }
    }
}
