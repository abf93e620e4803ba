//! How this client works the modem's power, waiting until that is done.

use super::Client;
use crate::at::Step;
use crate::client::error::{Error, Failure, answers_at_all};
use crate::command::Attention;
use crate::power::{Maneuver, Power, Proof, Turn, Underway, Wire};
use crate::time::Clock;
use embedded_io::{Read, ReadReady, Write};

impl<U: Read + ReadReady + Write, C: Clock> Client<'_, U, C> {
    /// Works the modem's power, and returns what proves that it was done. There is no session afterwards, unless it is
    /// [`Proof::AlreadyRunning`].
    ///
    /// Messages that have arrived stay in the inbox. Errors of the UART are ignored, since a modem without power may do
    /// anything to its line: they count as silence.
    ///
    /// # Errors
    /// [`Error::Power`]. Both keys are released then, and the supply is on.
    pub fn operate<K: Wire, R: Wire, S: Wire>(
        &mut self,
        power: &mut Power<K, R, S>,
        maneuver: Maneuver,
    ) -> Result<Proof, Error<U::Error>> {
        power.begin(maneuver, self.clock.now())?;
        let power = Underway(power);
        self.engine.abandon();
        while self.engine.is_busy() {
            self.endure();
        }
        loop {
            let now = self.clock.now();
            match power.0.poll(self.engine.counters().into(), now)? {
                Turn::Wait(until) => {
                    self.engine.pause(until - now).map_err(Failure::from).map_err(Failure::of_uart)?;
                    while self.endure() != Some(Step::Finished) {}
                    self.engine.abandon();
                }
                Turn::Ask => {
                    self.engine.submit(&Attention).map_err(Failure::from).map_err(Failure::of_uart)?;
                    while self.endure() != Some(Step::Finished) {}
                    let answers = answers_at_all(&self.engine.finish(&Attention));
                    power.0.answered(answers, self.clock.now());
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
    fn endure(&mut self) -> Option<Step> {
        let step = self.step(&[]).ok();
        if step.is_none() {
            self.clock.idle();
        }
        step
    }
}
