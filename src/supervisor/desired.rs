//! What is wanted, a session at a broker with these subscriptions, and the means to it.

use super::dice::{Dice, identity};
use super::ladder::Rungs;
use super::machine::{MOST_SUBSCRIPTIONS, Supervisor};
use super::outbox::Outbox;
use super::policy::Policy;
use super::recovery::{CommandsOnly, Recovery};
use crate::aliyun;
use crate::client::plan::{Show, Shown};
use crate::mqtt::SignOn;
use crate::network::{BringUp, Network};
use crate::value::{Field, InvalidField, QoS, Rule, TopicFilter};

/// A subscription that is wanted.
///
/// ```
/// use nt35e::QoS;
/// use nt35e::supervisor::Subscription;
/// let subscription = Subscription::new("/a1JszCpjS61/NT35E_06011/user/get", QoS::AtLeastOnce)?;
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Subscription<'a> {
    pub(super) filter: TopicFilter<'a>,
    pub(super) qos: QoS,
}

impl<'a> Subscription<'a> {
    /// A subscription to `filter`, at most at this level.
    ///
    /// # Errors
    /// The rule that the filter breaks.
    pub const fn new(filter: &'a str, qos: QoS) -> Result<Self, InvalidField> {
        match TopicFilter::new(filter) {
            Ok(filter) => Ok(Self { filter, qos }),
            Err(invalid) => Err(invalid),
        }
    }
}

/// What is wanted: to be signed in, and subscribed.
///
/// ```
/// use nt35e::aliyun::SignIn;
/// use nt35e::supervisor::{Desired, Subscription};
/// use nt35e::{Duration, Network, QoS, Triple};
///
/// let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?;
/// let subscriptions = [Subscription::new("/a1JszCpjS61/NT35E_06011/user/get", QoS::AtLeastOnce)?];
/// let desired = Desired::new(SignIn::new(triple).clean_session(false))
///     .subscriptions(&subscriptions)?
///     .network(Network::default().registered_within(Duration::from_secs(300)));
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Desired<'p> {
    pub(super) sign_on: SignOn<'p>,
    pub(super) subscriptions: &'p [Subscription<'p>],
    pub(super) network: Network,
    pub(super) shown: Option<Shown<'p>>,
}

impl<'p> Desired<'p> {
    /// A session at a broker, or at Alibaba Cloud IoT by a [`SignIn`](aliyun::SignIn), and nothing subscribed.
    pub fn new(sign_on: impl Into<SignOn<'p>>) -> Self {
        Self { sign_on: sign_on.into(), subscriptions: &[], network: Network::default(), shown: None }
    }

    /// With these subscriptions, at most 32 of them. At Alibaba Cloud IoT, its rules for topics apply as well.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn subscriptions(mut self, subscriptions: &'p [Subscription<'p>]) -> Result<Self, InvalidField> {
        if subscriptions.len() > MOST_SUBSCRIPTIONS {
            let (most, actual) = (MOST_SUBSCRIPTIONS as u32, subscriptions.len() as u32);
            return Err(InvalidField::new(Field::TopicFilter, Rule::Between { least: 0, most, actual }));
        }
        if self.is_at_aliyun() {
            for subscription in subscriptions {
                aliyun::check(Field::TopicFilter, subscription.filter.as_str())?;
            }
        }
        self.subscriptions = subscriptions;
        Ok(self)
    }

    /// How the modem is brought up.
    #[must_use]
    pub const fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// How the modem is brought up, with its APN, PIN and the like; `show` is called with all that there is to show on the
    /// way. It takes the place of [`network`](Self::network).
    ///
    /// ```
    /// use nt35e::supervisor::Desired;
    /// use nt35e::{BringUp, Broker};
    ///
    /// let settings = BringUp::default().apn("cmnet")?.sim_pin("1234")?;
    /// let desired = Desired::new(Broker::new("mqtt.example.com", "meter-17")?)
    ///     .bring_up(settings, &|progress| println!("{progress:?}"));
    /// # Ok::<(), nt35e::InvalidField>(())
    /// ```
    #[must_use]
    pub fn bring_up(mut self, settings: BringUp<'p>, show: Show<'p>) -> Self {
        self.shown = Some(Shown::new(settings, show));
        self
    }

    pub(super) const fn is_at_aliyun(&self) -> bool {
        self.sign_on.identity.device().is_some()
    }

    pub(super) const fn keeps_subscriptions(&self, policy: &Policy) -> bool {
        policy.trusts_session && !self.sign_on.clean_session
    }
}

/// What is wanted, and the means to it.
///
/// ```
/// use nt35e::supervisor::{Desired, Outbox, Policy, Setup};
/// use nt35e::{Broker, Duration};
///
/// let mut memory = [0; 1024];
/// let desired = Desired::new(Broker::new("mqtt.example.com", "meter-17")?);
/// let setup = Setup::new(desired)
///     .outbox(Outbox::new(&mut memory))
///     .policy(Policy::default().ask_after(Duration::from_secs(300)));
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Debug)]
pub struct Setup<'p, 'q, R = CommandsOnly> {
    pub(super) desired: Desired<'p>,
    pub(super) policy: Policy,
    pub(super) outbox: Outbox<'q>,
    pub(super) recovery: R,
}

impl<'p, 'q> Setup<'p, 'q> {
    /// With no outbox, so that nothing can be published; the default policy; and no recovery but by commands.
    pub fn new(desired: Desired<'p>) -> Self {
        Self { desired, policy: Policy::default(), outbox: Outbox::new(&mut []), recovery: CommandsOnly }
    }
}

impl<'p, 'q, R> Setup<'p, 'q, R> {
    /// With a queue for messages that wait for the broker.
    #[must_use]
    pub fn outbox(self, outbox: Outbox<'q>) -> Self {
        Self { outbox, ..self }
    }

    /// With another policy.
    #[must_use]
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// With pins of the modem, or its supply.
    #[must_use]
    pub fn recovery<S: Recovery>(self, recovery: S) -> Setup<'p, 'q, S> {
        let Self { desired, policy, outbox, recovery: _ } = self;
        Setup { desired, policy, outbox, recovery }
    }
}

impl Supervisor {
    /// A supervisor for what is wanted, with these rungs on its ladder.
    pub fn new(desired: &Desired<'_>, policy: Policy, rungs: Rungs) -> Self {
        let dice = Dice::new(identity(&desired.sign_on) ^ policy.seed.wrapping_mul(0x85EB_CA6B));
        Self::of(desired.subscriptions.len(), desired.keeps_subscriptions(&policy), dice, policy, rungs)
    }
}

#[cfg(test)]
mod tests {
    use super::{Desired, Subscription};
    use crate::mqtt::Broker;
    use crate::value::{Field, QoS, Rule, Triple};

    #[test]
    fn more_than_32_subscriptions_are_refused() {
        let subscriptions = [Subscription::new("t", QoS::AtLeastOnce).unwrap(); 33];
        let desired = Desired::new(Broker::new("h", "c").unwrap());
        assert!(desired.subscriptions(&subscriptions[..32]).is_ok());
        let refused = desired.subscriptions(&subscriptions).unwrap_err();
        assert_eq!(
            (refused.field, refused.rule),
            (Field::TopicFilter, Rule::Between { least: 0, most: 32, actual: 33 })
        );
    }

    #[test]
    fn a_filter_keeps_the_rules_of_the_platform_from_the_start() {
        let subscriptions = [Subscription::new("/with space", QoS::AtLeastOnce).unwrap()];
        assert!(Desired::new(Broker::new("h", "c").unwrap()).subscriptions(&subscriptions).is_ok());
        let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef").unwrap();
        let refused = Desired::new(crate::aliyun::SignIn::new(triple)).subscriptions(&subscriptions).unwrap_err();
        assert_eq!(refused.rule, Rule::IllegalCharacter { position: 5 });
        assert!(Subscription::new("a#", QoS::AtMostOnce).is_err());
    }
}
