//! How this client works the modem's power.

use super::turn::Turn as Moved;
use super::{Client, Timer};
use crate::client::error::{Error, Failure, answers_at_all};
use crate::command::Attention;
use crate::power::{Maneuver, Power, Proof, Turn, Underway, Wire};
use crate::time::Duration;
use embedded_io_async::{Read, Write};

/// How soon to read again after the UART has failed.
const RETRY_AFTER: Duration = Duration::from_millis(1);

impl<U: Read + Write, T: Timer> Client<'_, U, T> {
    /// Works the modem's power, and returns what proves that it was done. There is no session afterwards, unless it is
    /// [`Proof::AlreadyRunning`].
    ///
    /// Messages that have arrived stay in the inbox. Errors of the UART are ignored while the modem's power changes, since
    /// its line may do anything then. A call that is dropped releases both keys and switches the supply on.
    ///
    /// # Errors
    /// [`Error::Power`], [`Error::Uart`], [`Error::Closed`]. Both keys are released then, and the supply is on.
    pub async fn operate<K: Wire, R: Wire, S: Wire>(
        &mut self,
        power: &mut Power<K, R, S>,
        maneuver: Maneuver,
    ) -> Result<Proof, Error<U::Error>> {
        self.settle().await?;
        power.begin(maneuver, self.timer.now())?;
        let power = Underway(power);
        loop {
            let now = self.timer.now();
            match power.0.poll(self.engine.counters().into(), now)? {
                Turn::Wait(until) => {
                    self.engine.pause(until - now).map_err(Failure::from).map_err(Failure::of_uart)?;
                    loop {
                        match self.turn(&[], None).await {
                            Ok(Moved::Finished) => break,
                            Ok(_) => {}
                            Err(Error::Closed) => return Err(Error::Closed),
                            // One that fails at once, again and again, must not keep the executor from everything else.
                            Err(_) => {
                                let soon = self.timer.now() + RETRY_AFTER;
                                self.timer.until(soon).await;
                            }
                        }
                    }
                    self.engine.abandon();
                }
                Turn::Ask => {
                    let answers = answers_at_all(self.execute(&Attention).await)?;
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
}
