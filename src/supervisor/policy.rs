//! How patient the supervisor is.

use crate::time::Duration;

/// How long the supervisor waits, and what it makes of what. The defaults are meant for devices that nobody looks after.
///
/// ```
/// use nt35e::Duration;
/// use nt35e::supervisor::Policy;
/// // For a mains-powered fleet of 20 000 that may come back all at once after a power cut.
/// let policy = Policy::default().start_within(Duration::from_secs(120)).first_pause(Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Policy {
    pub(super) start_within: Duration,
    pub(super) first_pause: Duration,
    pub(super) longest_pause: Duration,
    pub(super) good_session: Duration,
    pub(super) ask_after: Duration,
    pub(super) patience: Duration,
    pub(super) most_refusals: u8,
    pub(super) trusts_session: bool,
    pub(super) seed: u32,
}

impl Policy {
    /// The defaults, in a constant.
    pub const DEFAULT: Self = Self {
        start_within: Duration::from_millis(0),
        first_pause: Duration::from_secs(15),
        longest_pause: Duration::from_secs(300),
        good_session: Duration::from_secs(120),
        ask_after: Duration::from_secs(60),
        patience: Duration::from_secs(900),
        most_refusals: 10,
        trusts_session: false,
        seed: 0,
    };

    /// The first sign-in after the start comes after a random time up to this; at once by default. The modem is brought
    /// up meanwhile. For fleets whose supply returns everywhere at the same moment.
    #[must_use]
    pub const fn start_within(mut self, span: Duration) -> Self {
        self.start_within = span;
        self
    }

    /// The first pause before a new sign-in, after a session was lost or a broker not reached, is random up to this; 15 s
    /// by default. Each further one may be twice as long.
    ///
    /// When a server restarts, its devices come back spread over this time.
    #[must_use]
    pub const fn first_pause(mut self, span: Duration) -> Self {
        self.first_pause = span;
        self
    }

    /// No pause after such failures is longer; 5 minutes by default. It is the greater part of how long a device stays
    /// away after a fault has ended. After refusals, pauses grow to 2 hours, and where another device seems to use the
    /// same identity, to 1 hour, whatever is set here.
    #[must_use]
    pub const fn longest_pause(mut self, span: Duration) -> Self {
        self.longest_pause = span;
        self
    }

    /// After so long in a session without a failure, pauses begin anew and recovery begins at the bottom of its ladder;
    /// 2 minutes by default. Signing in alone proves nothing: a session may end at once.
    #[must_use]
    pub const fn good_session(mut self, span: Duration) -> Self {
        self.good_session = span;
        self
    }

    /// After so long without a sign of life of the session, the modem is asked by `AT+LMQTTCONN?` whether it is still
    /// there; 60 s by default. A sign of life is a message, a confirmed publish, a granted subscription, or such an
    /// answer.
    ///
    /// It costs nothing on the air, but wakes a modem that sleeps. That the broker is gone, the modem itself has to find
    /// out by its keep-alive.
    #[must_use]
    pub const fn ask_after(mut self, span: Duration) -> Self {
        self.ask_after = span;
        self
    }

    /// How long a modem that answers, but does not get through to the broker, is given before its radio is switched off
    /// and on; 15 minutes by default. RESET comes four times as long after that, PWRKEY eight times as long after that,
    /// and the supply sixteen times. A modem that does not answer at all is given no such time.
    ///
    /// Networks are gone for hours, and a modem that is restarted has to search anew.
    #[must_use]
    pub const fn patience(mut self, span: Duration) -> Self {
        self.patience = span;
        self
    }

    /// A message of the outbox is given up after so many attempts at which the modem refused it, or the broker ended the
    /// session over it; 10 by default, at least 1. It would fail for ever, and hold all others up. Attempts that fail for
    /// lack of a network do not count.
    #[must_use]
    pub const fn give_up_after(mut self, refusals: u8) -> Self {
        self.most_refusals = if refusals == 0 { 1 } else { refusals };
        self
    }

    /// Whether a session that the broker keeps (`clean_session(false)`) is trusted to keep its subscriptions; not by
    /// default. Then only what was not granted before, in this life of the host, is subscribed to at a sign-in.
    ///
    /// The modem does not tell whether the broker still had the session. A broker that lost it would leave the device
    /// deaf, and connected. Subscribing again does no harm, but brings retained messages once more.
    #[must_use]
    pub const fn trust_session(mut self, is_trusted: bool) -> Self {
        self.trusts_session = is_trusted;
        self
    }

    /// A number of the device's own that goes into its chance, beside its identity: its serial number, or a count of its
    /// starts; 0 by default. Devices that share one identity need it.
    #[must_use]
    pub const fn seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}
