//! Signing a device in at Aliyun: user name and password are computed by the modem (`cloud` and `aliauth`), or by the host.

use super::host::{Region, instance_host};
use crate::command::Tls;
use crate::mqtt::{Identity, SignOn, checked_port};
#[cfg(feature = "registration")]
use crate::value::Password;
#[cfg(feature = "sign")]
use crate::value::Signing;
use crate::value::{ClientId, DeviceClientId, Field, Host, InvalidField, KeepAlive, Rule, Triple};

/// A device that signs in at Aliyun. A [`Triple`] alone is enough where the defaults fit.
///
/// ```
/// use nt35e::{KeepAlive, Triple};
/// use nt35e::aliyun::{Region, SignIn};
/// let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?;
/// let sign_in = SignIn::new(triple).region(Region::Singapore).keep_alive(KeepAlive::from_secs(600)?)?;
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SignIn<'a> {
    triple: Triple<'a>,
    sign_on: SignOn<'a>,
}

impl<'a> SignIn<'a> {
    /// The public instance in Shanghai, port 1883, a clean session, a keep-alive of 300 s, the DeviceName as client id,
    /// and a signature by the modem.
    pub const fn new(triple: Triple<'a>) -> Self {
        let client_id = ClientId::of_checked(triple.device_name());
        let mut sign_on = SignOn::new(Region::Shanghai.host(triple), client_id);
        sign_on.identity = Identity::SignedByModem(triple);
        Self { triple, sign_on }
    }

    /// The same with a token instead of a signature. Of the triple only the names count.
    #[cfg(feature = "registration")]
    pub(super) const fn by_token(triple: Triple<'a>, client_id: DeviceClientId<'a>, token: Password<'a>) -> Self {
        let mut sign_in = Self::new(triple);
        sign_in.sign_on.client_id = ClientId::of_checked(client_id.as_str());
        sign_in.sign_on.identity = Identity::Token(triple, token);
        sign_in
    }

    /// The public instance in another region.
    #[must_use]
    pub const fn region(mut self, region: Region) -> Self {
        self.sign_on.host = region.host(self.triple);
        self
    }

    /// An instance with an identifier of its own, such as `iot-060a06ph`, as the console shows it.
    ///
    /// # Errors
    /// If it is empty, too long for a host name, or has other characters than letters, digits, `-` and `_`.
    pub fn instance(mut self, instance_id: &'a str) -> Result<Self, InvalidField> {
        self.sign_on.host = instance_host(instance_id)?;
        Ok(self)
    }

    /// Another host, such as a double of the cloud in a test.
    ///
    /// # Errors
    /// If the host breaks a rule, or the port is 0.
    pub fn host(mut self, host: &'a str, port: u16) -> Result<Self, InvalidField> {
        self.sign_on.host = Host::new(host)?;
        self.port(port)
    }

    /// Another port than 1883. The platform has 443 too, and 8883 for TLS on instances with an identifier of their own.
    ///
    /// # Errors
    /// If it is 0.
    pub fn port(mut self, port: u16) -> Result<Self, InvalidField> {
        self.sign_on.port = checked_port(port)?;
        Ok(self)
    }

    /// TLS, with a context that was prepared by raw commands. A signature then says `securemode=2`.
    ///
    /// How to prepare one is not publicly documented (`protocol.md` §6.3): neither the commands, nor whether the modem checks
    /// the platform's certificate, and by which authority. On port 1883 and 443 that is GlobalSign R1, until January 2028; on
    /// 8883 an authority of the vendor's own (`aliyun.md` §2). Nor is it known whether the modem itself signs with `securemode=2`
    /// over TLS; where it does not, the platform refuses with `ReturnCode::ClientId`, and the host has to sign.
    #[must_use]
    pub const fn tls(mut self, tls: Tls) -> Self {
        self.sign_on.tls = tls;
        self
    }

    /// The host signs instead of the modem: the DeviceSecret stays in the host, and the modem gets user name and password. For
    /// modems that know nothing of Aliyun, or sign in another way than the platform wants.
    ///
    /// A sign-in by token (`aliyun::registration`) has nothing to be signed, and stays as it is.
    ///
    /// The command line needs a TX buffer of 140 bytes and the lengths of client id, DeviceName, ProductKey, timestamp and
    /// parameters. The modem takes a client id and a user name of 256 bytes each; its ancestor took 48 (`protocol.md` §3), which
    /// is enough for 12 bytes with HMAC-SHA256 or 14 with HMAC-SHA1, without timestamp and parameters.
    #[cfg(feature = "sign")]
    #[must_use]
    pub const fn signed_by_host(mut self, signing: Signing<'a>) -> Self {
        #[cfg(feature = "registration")]
        if let Identity::Token(..) = self.sign_on.identity {
            return self;
        }
        self.sign_on.identity = Identity::SignedByHost(self.triple, signing);
        self
    }

    /// Another client id than the DeviceName. The platform does not look at it.
    ///
    /// # Errors
    /// If it is empty or longer than 64 bytes, or has a `|` or a comma, which separate the parameters behind it; or if the device signs
    /// in by token (`aliyun::registration`), which goes with one client id alone.
    pub fn client_id(mut self, client_id: &'a str) -> Result<Self, InvalidField> {
        #[cfg(feature = "registration")]
        if let Identity::Token(..) = self.sign_on.identity {
            return Err(InvalidField::new(Field::ClientId, Rule::Form));
        }
        self.sign_on.client_id = ClientId::of_checked(DeviceClientId::new(client_id)?.as_str());
        Ok(self)
    }

    /// Another keep-alive than 300 s.
    ///
    /// # Errors
    /// If it is not from 30 to 1200 s, which the platform would refuse (`aliyun.md` §5).
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Result<Self, InvalidField> {
        let actual = u32::from(keep_alive.as_secs());
        if !(30..=1200).contains(&actual) {
            let rule = Rule::Between { least: 30, most: 1200, actual };
            return Err(InvalidField::new(Field::KeepAlive, rule));
        }
        self.sign_on.keep_alive = keep_alive;
        Ok(self)
    }

    /// Whether the platform forgets the messages at QoS 1 that came while the device was away, which it does by default.
    #[must_use]
    pub const fn clean_session(mut self, clean: bool) -> Self {
        self.sign_on.clean_session = clean;
        self
    }
}

impl<'a> From<SignIn<'a>> for SignOn<'a> {
    fn from(sign_in: SignIn<'a>) -> Self {
        sign_in.sign_on
    }
}

impl<'a> From<Triple<'a>> for SignIn<'a> {
    fn from(triple: Triple<'a>) -> Self {
        Self::new(triple)
    }
}

#[cfg(test)]
mod tests {
    use super::{Region, SignIn};
    use crate::value::{Field, InvalidField, KeepAlive, Rule, Triple};
    use std::string::String;

    fn sign_in() -> SignIn<'static> {
        let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef").unwrap();
        SignIn::new(triple)
    }

    fn host(sign_in: SignIn<'_>) -> String {
        std::format!("{}", sign_in.sign_on.host)
    }

    #[test]
    fn the_host_follows_product_region_and_instance() {
        assert_eq!(host(sign_in()), "a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com");
        let singapore = sign_in().region(Region::Singapore);
        assert_eq!(host(singapore), "a1JszCpjS61.iot-as-mqtt.ap-southeast-1.aliyuncs.com");
        assert_eq!(host(sign_in().instance("iot-060a06ph").unwrap()), "iot-060a06ph.mqtt.iothub.aliyuncs.com");
    }

    #[test]
    fn a_keep_alive_that_the_platform_would_refuse_is_refused_here() {
        for seconds in [1, 29, 1201] {
            let rule = Rule::Between { least: 30, most: 1200, actual: u32::from(seconds) };
            let refused = sign_in().keep_alive(KeepAlive::from_secs(seconds).unwrap());
            assert_eq!(refused.unwrap_err(), InvalidField::new(Field::KeepAlive, rule));
        }
        assert!(sign_in().keep_alive(KeepAlive::NEVER).is_err());
        for seconds in [30, 1200] {
            assert!(sign_in().keep_alive(KeepAlive::from_secs(seconds).unwrap()).is_ok());
        }
    }

    #[test]
    fn a_client_id_leaves_room_for_the_parameters_behind_it() {
        assert!(sign_in().client_id("NT35E").is_ok());
        let refused = |text: &str| sign_in().client_id(text).map(|_| ()).unwrap_err();
        assert_eq!(refused("a|b").rule, Rule::IllegalCharacter { position: 1 });
        assert_eq!(refused("ab,").rule, Rule::IllegalCharacter { position: 2 });
        assert_eq!(refused(&"x".repeat(65)).rule, Rule::AtMost { limit: 64, actual: 65 });
        assert_eq!(refused("").rule, Rule::NotEmpty);
    }

    #[test]
    fn a_port_is_not_0() {
        assert_eq!(sign_in().port(443).unwrap().sign_on.port.get(), 443);
        let rule = Rule::Between { least: 1, most: 65_535, actual: 0 };
        assert_eq!(sign_in().port(0).unwrap_err(), InvalidField::new(Field::Port, rule));
    }

    #[test]
    fn promise_9_a_sign_in_prints_without_its_secret() {
        let printed = std::format!("{:?}", sign_in());
        assert!(printed.contains("<redacted>") && !printed.contains("0123456789abcdef"));
    }
}
