//! Signing a device in at Aliyun, with the modem computing user name and password (`cloud` and `aliauth`).

use crate::mqtt::SignOn;
use crate::value::{ClientId, Field, Host, InvalidField, KeepAlive, Rule, Triple};

/// A region of the public instance. A device can sign in only where its product was created.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Region {
    /// `cn-shanghai`: China, Shanghai.
    #[default]
    Shanghai,
    /// `cn-beijing`: China, Beijing; enterprise instances only.
    Beijing,
    /// `cn-shenzhen`: China, Shenzhen; enterprise instances only.
    Shenzhen,
    /// `ap-southeast-1`: Singapore.
    Singapore,
    /// `ap-northeast-1`: Japan, Tokyo.
    Tokyo,
    /// `us-west-1`: USA, Silicon Valley.
    SiliconValley,
    /// `us-east-1`: USA, Virginia.
    Virginia,
    /// `eu-central-1`: Germany, Frankfurt.
    Frankfurt,
}

impl Region {
    /// The region's identifier.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Shanghai => "cn-shanghai",
            Self::Beijing => "cn-beijing",
            Self::Shenzhen => "cn-shenzhen",
            Self::Singapore => "ap-southeast-1",
            Self::Tokyo => "ap-northeast-1",
            Self::SiliconValley => "us-west-1",
            Self::Virginia => "us-east-1",
            Self::Frankfurt => "eu-central-1",
        }
    }
}

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
    /// The public instance in Shanghai, port 1883, a clean session, a keep-alive of 300 s, and the DeviceName as
    /// client id.
    pub const fn new(triple: Triple<'a>) -> Self {
        let client_id = ClientId::of_checked(triple.device_name());
        let mut sign_on = SignOn::new(public(triple, Region::Shanghai), client_id);
        sign_on.aliyun_device = Some(triple);
        Self { triple, sign_on }
    }

    /// The public instance in another region.
    #[must_use]
    pub const fn region(mut self, region: Region) -> Self {
        self.sign_on.host = public(self.triple, region);
        self
    }

    /// An instance with an identifier of its own, such as `iot-060a06ph`, as the console shows it.
    ///
    /// # Errors
    /// If it is empty, too long for a host name, or has other characters than letters, digits, `-` and `_`.
    pub fn instance(mut self, instance_id: &'a str) -> Result<Self, InvalidField> {
        let named = |rule| InvalidField::new(Field::InstanceId, rule);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if instance_id.is_empty() {
            return Err(named(Rule::NotEmpty));
        }
        if let Some(position) = instance_id.bytes().position(|byte| !allowed(byte)) {
            return Err(named(Rule::IllegalCharacter { position }));
        }
        self.sign_on.host = Host::from_pieces([instance_id, ".mqtt.iothub.aliyuncs.com", "", ""])
            .map_err(|invalid| named(invalid.rule))?;
        Ok(self)
    }

    /// Another host, such as a double of the cloud in a test.
    ///
    /// # Errors
    /// If the host breaks a rule, or the port is 0.
    pub fn host(mut self, host: &'a str, port: u16) -> Result<Self, InvalidField> {
        self.sign_on.host = Host::new(host)?;
        let rule = Rule::Between { least: 1, most: 65_535, actual: 0 };
        self.sign_on.port = core::num::NonZeroU16::new(port).ok_or(InvalidField::new(Field::Port, rule))?;
        Ok(self)
    }

    /// Another client id than the DeviceName. The platform does not look at it.
    ///
    /// # Errors
    /// If it is empty or longer than 64 bytes, or has a `|` or a comma, which separate the parameters behind it.
    pub fn client_id(mut self, client_id: &'a str) -> Result<Self, InvalidField> {
        let named = |rule| InvalidField::new(Field::ClientId, rule);
        if client_id.len() > 64 {
            return Err(named(Rule::AtMost { limit: 64, actual: client_id.len() }));
        }
        if let Some(position) = client_id.bytes().position(|byte| matches!(byte, b'|' | b',')) {
            return Err(named(Rule::IllegalCharacter { position }));
        }
        self.sign_on.client_id = ClientId::new(client_id)?;
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

/// The host of the public instance (`aliyun.md` §2): a ProductKey has at most 20 letters and digits, so it is one.
const fn public(triple: Triple<'_>, region: Region) -> Host<'_> {
    Host::of_checked_pieces([triple.product_key(), ".iot-as-mqtt.", region.id(), ".aliyuncs.com"])
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
        sign_in.sign_on.host.pieces().concat()
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
    fn an_instance_is_named_when_it_is_wrong() {
        let refused = |text: &str| sign_in().instance(text).map(|_| ()).unwrap_err();
        assert_eq!(refused(""), InvalidField::new(Field::InstanceId, Rule::NotEmpty));
        assert_eq!(refused("iot x").rule, Rule::IllegalCharacter { position: 3 });
        let too_long = refused(&"x".repeat(90));
        assert_eq!((too_long.field, too_long.rule), (Field::InstanceId, Rule::AtMost { limit: 100, actual: 115 }));
    }

    #[test]
    fn promise_9_a_sign_in_prints_without_its_secret() {
        let printed = std::format!("{:?}", sign_in());
        assert!(printed.contains("<redacted>") && !printed.contains("0123456789abcdef"));
    }
}
