//! Where a device signs in (`aliyun.md` §2).
//!
//! | host | port |
//! |---|---|
//! | `{ProductKey}.iot-as-mqtt.{region}.aliyuncs.com`, the public instance | 1883 and 443, each plain or with TLS |
//! | `{InstanceId}.mqtt.iothub.aliyuncs.com`, any other instance | 1883 and 443 likewise, and 8883 with TLS |

use crate::value::{Field, Host, InvalidField, Rule, Triple};

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

    /// The host of the public instance in this region, for the devices of the triple's product.
    ///
    /// ```
    /// use nt35e::Triple;
    /// use nt35e::aliyun::Region;
    /// let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?;
    /// let host = Region::Shanghai.host(triple);
    /// assert_eq!(host.to_string(), "a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com");
    /// # Ok::<(), nt35e::InvalidField>(())
    /// ```
    pub const fn host(self, triple: Triple<'_>) -> Host<'_> {
        // A ProductKey has at most 20 letters and digits, so this is a host.
        Host::of_checked_pieces([triple.product_key(), ".iot-as-mqtt.", self.id(), ".aliyuncs.com"])
    }
}

/// The host of an instance with an identifier of its own, such as `iot-060a06ph`, as the console shows it.
///
/// # Errors
/// If it is empty, too long for a host name, or has other characters than letters, digits, `-` and `_`.
pub fn instance_host(instance_id: &str) -> Result<Host<'_>, InvalidField> {
    let named = |rule| InvalidField::new(Field::InstanceId, rule);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if instance_id.is_empty() {
        return Err(named(Rule::NotEmpty));
    }
    if let Some(position) = instance_id.bytes().position(|byte| !allowed(byte)) {
        return Err(named(Rule::IllegalCharacter { position }));
    }
    Host::from_pieces([instance_id, ".mqtt.iothub.aliyuncs.com", "", ""]).map_err(|invalid| named(invalid.rule))
}

#[cfg(test)]
mod tests {
    use super::{Region, instance_host};
    use crate::value::{Field, InvalidField, Rule, Triple};
    use std::string::ToString;

    #[test]
    fn the_host_of_every_region() {
        let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef").unwrap();
        for (region, host) in [
            (Region::Shanghai, "a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com"),
            (Region::Beijing, "a1JszCpjS61.iot-as-mqtt.cn-beijing.aliyuncs.com"),
            (Region::Shenzhen, "a1JszCpjS61.iot-as-mqtt.cn-shenzhen.aliyuncs.com"),
            (Region::Singapore, "a1JszCpjS61.iot-as-mqtt.ap-southeast-1.aliyuncs.com"),
            (Region::Tokyo, "a1JszCpjS61.iot-as-mqtt.ap-northeast-1.aliyuncs.com"),
            (Region::SiliconValley, "a1JszCpjS61.iot-as-mqtt.us-west-1.aliyuncs.com"),
            (Region::Virginia, "a1JszCpjS61.iot-as-mqtt.us-east-1.aliyuncs.com"),
            (Region::Frankfurt, "a1JszCpjS61.iot-as-mqtt.eu-central-1.aliyuncs.com"),
        ] {
            assert_eq!(region.host(triple).to_string(), host);
        }
    }

    #[test]
    fn an_instance_has_a_host_of_its_own_and_is_named_when_it_is_wrong() {
        assert_eq!(instance_host("iot-060a06ph").unwrap().to_string(), "iot-060a06ph.mqtt.iothub.aliyuncs.com");
        let longest = "x".repeat(75);
        assert_eq!(instance_host(&longest).unwrap().to_string().len(), 100);
        for (text, rule) in [
            ("", Rule::NotEmpty),
            ("iot x", Rule::IllegalCharacter { position: 3 }),
            (&"x".repeat(76), Rule::AtMost { limit: 100, actual: 101 }),
        ] {
            assert_eq!(instance_host(text), Err(InvalidField::new(Field::InstanceId, rule)));
        }
    }
}
