//! How this client works the modem's power, a poll at a time.

use super::Client;
use crate::client::error::{Error, answers_at_all};
use crate::client::plan::Operation;
use crate::command::Attention;
use crate::power::{InFlight, Power, Proof, Turn, Wire};
use crate::time::{Duration, Instant};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Read, Write};

impl<U: Read<u8> + Write<u8>> Client<'_, '_, U> {
    /// Goes on with the maneuver that was begun by [`Power::begin`], until it has ended: in place of [`Client::poll`], and
    /// as that. What was begun otherwise is given up. There is no session afterwards, unless the modem was
    /// [already running](Proof::AlreadyRunning).
    ///
    /// ```
    /// use embedded_hal_nb::{nb, serial};
    /// use nt35e::nonblocking::Client;
    /// use nt35e::power::{Maneuver, Power, Wire};
    /// use nt35e::{Error, Instant, Network};
    ///
    /// /// What the super-loop calls after `power.begin(Maneuver::Start, now)`.
    /// fn turn<U: serial::Read + serial::Write>(
    ///     client: &mut Client<'_, '_, U>,
    ///     power: &mut Power<impl Wire, impl Wire, impl Wire>,
    ///     now: Instant,
    /// ) {
    ///     match client.operate(power, now) {
    ///         Ok(_proof) => client.begin_bring_up(&Network::default()),
    ///         Err(nb::Error::WouldBlock | nb::Error::Other(Error::Uart(_))) => {} // it goes on
    ///         Err(nb::Error::Other(_)) => drop(power.begin(Maneuver::CutSupply, now)),
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::Power`]: both keys are released then, and the supply is on. After [`Error::Uart`] it goes on, with the
    /// next call: a modem without power may do anything to its line.
    pub fn operate<K: Wire, R: Wire, S: Wire>(
        &mut self,
        power: &mut Power<K, R, S>,
        now: Instant,
    ) -> nb::Result<Proof, Error<U::Error>> {
        loop {
            let in_flight = power.in_flight().filter(|_| self.is_busy());
            match in_flight {
                None => {
                    let turn = power.poll(self.engine.counters().into(), now);
                    let begun = match turn.map_err(|failure| nb::Error::Other(failure.into()))? {
                        Turn::Wait(until) => {
                            self.begin_pause(until - now, now)?;
                            InFlight::Pause
                        }
                        Turn::Ask => {
                            self.begin(&Attention, now)?;
                            InFlight::Question
                        }
                        Turn::Done(proof) => {
                            self.give_up();
                            if proof.is_unheard() {
                                self.engine.modem_restarted();
                            }
                            return Ok(proof);
                        }
                    };
                    *power.in_flight() = Some(begun);
                }
                Some(begun) => {
                    let _ended = self.poll(now)?;
                    if begun == InFlight::Question {
                        power.answered(answers_at_all(&self.engine.finish(&Attention)), now);
                    }
                    self.give_up();
                    *power.in_flight() = None;
                }
            }
        }
    }

    /// Takes in what arrives, for so long or until the modem restarts.
    fn begin_pause(&mut self, span: Duration, now: Instant) -> nb::Result<(), Error<U::Error>> {
        self.settle(now)?;
        match self.engine.pause(span) {
            Ok(()) => self.drive(Operation::Command),
            Err(_busy) => Err(nb::Error::WouldBlock),
        }
    }
}
