//! Where and how to sign in.

use crate::command::{Login, ProtocolVersion, Tls};
#[cfg(feature = "registration")]
use crate::value::Registering;
#[cfg(feature = "sign")]
use crate::value::Signing;
use crate::value::{ClientId, Field, Host, InvalidField, KeepAlive, Password, Rule, Triple, UserName, Will};
use core::num::NonZeroU16;

/// Any MQTT broker, with what it takes to sign in there.
///
/// ```
/// use nt35e::{Broker, Will};
/// let broker = Broker::new("mqtt.example.com", "meter-17")?
///     .port(1884)?
///     .login("user", "password")?
///     .will(Will::new("meters/17", "gone")?);
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Broker<'a>(SignOn<'a>);

impl<'a> Broker<'a> {
    /// A broker at `host`, port 1883, MQTT 3.1.1, a clean session and a keep-alive of 300 s.
    ///
    /// # Errors
    /// If the host or the client id breaks a rule.
    pub fn new(host: &'a str, client_id: &'a str) -> Result<Self, InvalidField> {
        Ok(Self(SignOn::new(Host::new(host)?, ClientId::new(client_id)?)))
    }

    /// Another port than 1883.
    ///
    /// # Errors
    /// If it is 0.
    pub const fn port(mut self, port: u16) -> Result<Self, InvalidField> {
        self.0.port = match checked_port(port) {
            Ok(port) => port,
            Err(invalid) => return Err(invalid),
        };
        Ok(self)
    }

    /// Signs in with user name and password.
    ///
    /// # Errors
    /// If one of them breaks a rule.
    pub fn login(mut self, user_name: &'a str, password: &'a str) -> Result<Self, InvalidField> {
        let password = Some(Password::new(password)?);
        self.0.identity = Identity::Login(Login { user_name: UserName::new(user_name)?, password });
        Ok(self)
    }

    /// Leaves a will.
    #[must_use]
    pub const fn will(mut self, will: Will<'a>) -> Self {
        self.0.will = Some(will);
        self
    }

    /// Another keep-alive than 300 s.
    #[must_use]
    pub const fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.0.keep_alive = keep_alive;
        self
    }

    /// Whether the broker forgets the last session, which it does by default. Otherwise subscriptions last, and messages
    /// that were missed come right after the sign-in.
    #[must_use]
    pub const fn clean_session(mut self, clean: bool) -> Self {
        self.0.clean_session = clean;
        self
    }

    /// Another version than MQTT 3.1.1.
    #[must_use]
    pub const fn version(mut self, version: ProtocolVersion) -> Self {
        self.0.version = version;
        self
    }

    /// TLS, with a context that was prepared by raw commands. How to prepare one is not publicly documented.
    #[must_use]
    pub const fn tls(mut self, tls: Tls) -> Self {
        self.0.tls = tls;
        self
    }
}

impl<'a> From<Broker<'a>> for SignOn<'a> {
    fn from(broker: Broker<'a>) -> Self {
        broker.0
    }
}

/// What one sign-in needs, checked.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SignOn<'a> {
    pub(crate) host: Host<'a>,
    pub(crate) port: NonZeroU16,
    pub(crate) client_id: ClientId<'a>,
    pub(crate) identity: Identity<'a>,
    pub(crate) will: Option<Will<'a>>,
    pub(crate) keep_alive: KeepAlive,
    pub(crate) clean_session: bool,
    pub(crate) version: ProtocolVersion,
    pub(crate) tls: Tls,
}

/// Who signs in, and who computes what shows it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Identity<'a> {
    /// Nobody.
    Anonymous,
    /// A user, as the broker knows it.
    Login(Login<'a>),
    /// A device at Aliyun: the modem gets the triple, and signs.
    SignedByModem(Triple<'a>),
    /// A device at Aliyun: the modem gets a signature.
    #[cfg(feature = "sign")]
    SignedByHost(Triple<'a>, Signing<'a>),
    /// A device at Aliyun that has a token. Of the triple only the names are its own.
    #[cfg(feature = "registration")]
    Token(Triple<'a>, Password<'a>),
    /// A device at Aliyun that has nothing but the secret of its product.
    #[cfg(feature = "registration")]
    Registering(Registering<'a>),
}

#[cfg(feature = "supervisor")]
impl<'a> Identity<'a> {
    /// The device at Aliyun, if it is one.
    pub(crate) const fn device(&self) -> Option<Triple<'a>> {
        match self {
            Self::Anonymous | Self::Login(_) => None,
            Self::SignedByModem(triple) => Some(*triple),
            #[cfg(feature = "sign")]
            Self::SignedByHost(triple, _) => Some(*triple),
            #[cfg(feature = "registration")]
            Self::Token(triple, _) => Some(*triple),
            #[cfg(feature = "registration")]
            Self::Registering(registering) => Some(registering.registrant.names()),
        }
    }
}

/// A port, which is any number but 0.
pub(crate) const fn checked_port(port: u16) -> Result<NonZeroU16, InvalidField> {
    match NonZeroU16::new(port) {
        Some(port) => Ok(port),
        None => Err(InvalidField::new(Field::Port, Rule::Between { least: 1, most: 65_535, actual: 0 })),
    }
}

const DEFAULT_PORT: NonZeroU16 = NonZeroU16::MIN.saturating_add(1882);

impl<'a> SignOn<'a> {
    pub(crate) const fn new(host: Host<'a>, client_id: ClientId<'a>) -> Self {
        Self {
            host,
            port: DEFAULT_PORT,
            client_id,
            identity: Identity::Anonymous,
            will: None,
            keep_alive: KeepAlive::DEFAULT,
            clean_session: true,
            version: ProtocolVersion::V3_1_1,
            tls: Tls::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Broker;
    use crate::value::{Field, Rule};

    #[test]
    fn a_broker_names_the_field_that_is_wrong() {
        assert_eq!(Broker::new("", "c").unwrap_err().field, Field::Host);
        assert_eq!(Broker::new("h", "").unwrap_err().field, Field::ClientId);
        let broker = Broker::new("h", "c").unwrap();
        assert_eq!(broker.0.port.get(), 1883);
        assert_eq!(broker.port(0).unwrap_err().rule, Rule::Between { least: 1, most: 65_535, actual: 0 });
        assert_eq!(broker.login("", "p").unwrap_err().field, Field::UserName);
        assert_eq!(broker.login("u", "\"").unwrap_err().field, Field::Password);
    }

    #[test]
    fn promise_9_a_broker_prints_without_its_password() {
        let printed = std::format!("{:?}", Broker::new("h", "c").unwrap().login("u", "opensesame").unwrap());
        assert!(printed.contains("<redacted>") && !printed.contains("opensesame"));
    }
}
