//! What bringing the modem up waits for, for how long, and what it tells the network.

use crate::command::{ExtendedReception, Operator, PowerSaving, Registration};
use crate::time::Duration;
use crate::value::{Apn, InvalidField, SimPin};

/// How to bring the modem up: until it answers, and the network has taken it in.
///
/// The limits are those of working products (`protocol.md` §5): a module answers within 15 s of power-on, and a slow
/// network takes a minute or two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Network {
    pub(crate) answer_within: Duration,
    pub(crate) registered_within: Duration,
    roaming: bool,
}

impl Network {
    /// How long the modem may take until it answers; 30 s by default.
    #[must_use]
    pub const fn answer_within(mut self, limit: Duration) -> Self {
        self.answer_within = limit;
        self
    }

    /// How long the network may take, from then on, to take the modem in; 180 s by default.
    #[must_use]
    pub const fn registered_within(mut self, limit: Duration) -> Self {
        self.registered_within = limit;
        self
    }

    /// Whether another network than the home network will do, which it does by default.
    #[must_use]
    pub const fn roaming(mut self, accepted: bool) -> Self {
        self.roaming = accepted;
        self
    }

    /// Whether this is what is waited for.
    pub(crate) const fn accepts(&self, registration: Registration) -> bool {
        registration.is_registered() && (self.roaming || !registration.is_roaming())
    }
}

impl Default for Network {
    fn default() -> Self {
        Self { answer_within: Duration::from_secs(30), registered_within: Duration::from_secs(180), roaming: true }
    }
}

/// The whole of bringing the modem up: as [`Network`] says, with what else the network and the SIM want to be told, and
/// with everything that there is to show on the way.
///
/// ```
/// use nt35e::command::{ActiveTime, PowerSaving, UpdateInterval};
/// use nt35e::{BringUp, Duration, Network};
///
/// let network = Network::default().roaming(false);
/// let every = UpdateInterval::at_least(4 * 3_600)?;
/// let bring_up = BringUp::new(network)
///     .sim_within(Duration::from_secs(60))
///     .sim_pin("4711")?
///     .apn("cmnet")?
///     .power_saving(PowerSaving::On { every, active: ActiveTime::at_least(30)? });
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BringUp<'a> {
    pub(crate) network: Network,
    pub(crate) sim_within: Duration,
    pub(crate) attached_within: Duration,
    pub(crate) sim_pin: Option<SimPin<'a>>,
    pub(crate) apn: Option<Apn<'a>>,
    pub(crate) operator: Option<Operator<'a>>,
    pub(crate) power_saving: Option<PowerSaving>,
    pub(crate) extended_reception: Option<ExtendedReception>,
}

impl<'a> BringUp<'a> {
    /// As `network` says, and nothing more.
    pub const fn new(network: Network) -> Self {
        Self {
            network,
            sim_within: Duration::from_secs(30),
            attached_within: Duration::from_secs(75),
            sim_pin: None,
            apn: None,
            operator: None,
            power_saving: None,
            extended_reception: None,
        }
    }

    /// How long the SIM may take, once the modem answers, until it can be used; 30 s by default. A product waits 25 s for
    /// one answer about it (`protocol.md` §5.2).
    #[must_use]
    pub const fn sim_within(mut self, limit: Duration) -> Self {
        self.sim_within = limit;
        self
    }

    /// How long the network may take, once it has taken the modem in, to carry packets, and then again to give it an
    /// address; 75 s by default, as a product waits (`protocol.md` §5.2).
    #[must_use]
    pub const fn attached_within(mut self, limit: Duration) -> Self {
        self.attached_within = limit;
        self
    }

    /// The PIN of the SIM. One that was refused, or whose answer was lost, is not sent again by the same client until the SIM
    /// is ready, since three wrong ones lock it. Firmware that resets itself after an error has to remember that on its own.
    ///
    /// # Errors
    /// If it breaks a rule.
    pub const fn sim_pin(mut self, digits: &'a str) -> Result<Self, InvalidField> {
        match SimPin::new(digits) {
            Ok(pin) => self.sim_pin = Some(pin),
            Err(invalid) => return Err(invalid),
        }
        Ok(self)
    }

    /// The access point. Where the modem has another one, the radio is switched off and on, since it counts from then on.
    ///
    /// # Errors
    /// If it breaks a rule.
    pub const fn apn(mut self, name: &'a str) -> Result<Self, InvalidField> {
        match Apn::new(name) {
            Ok(apn) => self.apn = Some(apn),
            Err(invalid) => return Err(invalid),
        }
        Ok(self)
    }

    /// Which operator to register with; the modem keeps its own choice if this is not said.
    #[must_use]
    pub const fn operator(mut self, operator: Operator<'a>) -> Self {
        self.operator = Some(operator);
        self
    }

    /// Whether the modem may go off the air; it keeps its own setting if this is not said. Firmware may refuse it.
    #[must_use]
    pub const fn power_saving(mut self, power_saving: PowerSaving) -> Self {
        self.power_saving = Some(power_saving);
        self
    }

    /// How rarely the modem listens; it keeps its own setting if this is not said. Firmware may refuse it.
    #[must_use]
    pub const fn extended_reception(mut self, reception: ExtendedReception) -> Self {
        self.extended_reception = Some(reception);
        self
    }
}

impl Default for BringUp<'_> {
    fn default() -> Self {
        Self::new(Network::default())
    }
}

impl From<Network> for BringUp<'_> {
    fn from(network: Network) -> Self {
        Self::new(network)
    }
}

impl From<&Network> for BringUp<'_> {
    fn from(network: &Network) -> Self {
        Self::new(*network)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;
    use crate::command::Registration;

    #[test]
    fn roaming_is_accepted_unless_it_is_not() {
        for (registration, home, away) in [
            (Registration::Home, true, true),
            (Registration::DataPreferredHome, true, true),
            (Registration::Roaming, false, true),
            (Registration::DataPreferredRoaming, false, true),
            (Registration::MessagesOnlyHome, false, false),
            (Registration::MessagesOnlyRoaming, false, false),
            (Registration::Denied, false, false),
        ] {
            let accepts = |roaming| Network::default().roaming(roaming).accepts(registration);
            assert_eq!((accepts(false), accepts(true)), (home, away), "{registration:?}");
        }
    }
}
