//! How this client works the modem's power.

use super::turn::Turn as Moved;
use super::{Client, Timer};
use crate::client::error::{Error, Failure, answers_at_all};
use crate::command::Attention;
use crate::power::{Maneuver, Power, Proof, Turn, Underway, Wire};
use crate::time::Duration;
use embedded_io_async::{Read, Write};

/// How soon to go on after the UART has failed. One that fails again and again must leave the executor to others.
const RETRY_AFTER: Duration = Duration::from_millis(1);

impl<U: Read + Write, T: Timer> Client<'_, U, T> {
    /// Works the modem's power, and returns what proves that it was done. There is no session afterwards, unless it is
    /// [`Proof::AlreadyRunning`].
    ///
    /// Messages that have arrived stay in the inbox. Errors of the UART are ignored, since a modem without power may do
    /// anything to its line: they count as silence. A call that is dropped releases both keys and switches the supply on.
    ///
    /// # Errors
    /// [`Error::Power`], [`Error::Closed`]. Both keys are released then, and the supply is on.
    pub async fn operate<K: Wire, R: Wire, S: Wire>(
        &mut self,
        power: &mut Power<K, R, S>,
        maneuver: Maneuver,
    ) -> Result<Proof, Error<U::Error>> {
        power.begin(maneuver, self.timer.now())?;
        let power = Underway(power);
        self.engine.abandon();
        while self.engine.is_busy() {
            self.endure().await?;
        }
        loop {
            let now = self.timer.now();
            match power.0.poll(self.engine.counters().into(), now)? {
                Turn::Wait(until) => {
                    self.engine.pause(until - now).map_err(Failure::from).map_err(Failure::of_uart)?;
                    while self.endure().await? != Some(Moved::Finished) {}
                    self.engine.abandon();
                }
                Turn::Ask => {
                    self.engine.submit(&Attention).map_err(Failure::from).map_err(Failure::of_uart)?;
                    while self.endure().await? != Some(Moved::Finished) {}
                    let answers = answers_at_all(&self.engine.finish(&Attention));
                    let now = self.timer.now();
                    power.0.answered(answers, now);
                }
                Turn::Done(proof) => {
                    if proof.is_unheard() {
                        self.engine.modem_restarted();
                    }
                    return Ok(proof);
                }
            }
        }
    }

    /// Moves bytes one way or the other, once; none if the UART has failed.
    async fn endure(&mut self) -> Result<Option<Moved>, Error<U::Error>> {
        match self.turn(&[], None).await {
            Ok(moved) => Ok(Some(moved)),
            Err(Error::Uart(_)) => {
                let soon = self.timer.now() + RETRY_AFTER;
                self.timer.until(soon).await;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}
