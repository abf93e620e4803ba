//! A device of Alibaba Cloud IoT that has no secret of its own yet, and what it says to get one (`aliyun.md` §4).

use super::{DeviceClientId, Field, InvalidField, Redacted, Rule, SignMethod, Signature, Triple};

/// ProductKey, DeviceName and ProductSecret: all that a device has whose firmware is the same for a whole product.
///
/// The ProductSecret is never printed.
///
/// ```
/// use nt35e::aliyun::registration::Registrant;
/// let registrant = Registrant::new("a1JszCpjS61", "NT35E_06011", "h1nQFYPZS0mW0000")?;
/// assert!(!format!("{registrant:?}").contains("h1nQFYPZS0mW0000"));
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Registrant<'a>(
    /// With the ProductSecret, for which the same rule holds, in place of the DeviceSecret.
    Triple<'a>,
);

impl<'a> Registrant<'a> {
    /// Checks the three parts.
    ///
    /// | part | rule (`aliyun.md` §1) |
    /// |---|---|
    /// | ProductKey | 1 to 20 letters and digits |
    /// | DeviceName | 4 to 32 letters, digits, and `-` `_` `@` `.` `:` |
    /// | ProductSecret | 1 to 64 letters and digits |
    ///
    /// # Errors
    /// The first part that breaks its rule.
    pub const fn new(
        product_key: &'a str,
        device_name: &'a str,
        product_secret: &'a str,
    ) -> Result<Self, InvalidField> {
        match Triple::new(product_key, device_name, product_secret) {
            Ok(triple) => Ok(Self(triple)),
            Err(InvalidField { field: Field::DeviceSecret, rule }) => {
                Err(InvalidField::new(Field::ProductSecret, rule))
            }
            Err(invalid) => Err(invalid),
        }
    }

    /// The ProductKey.
    pub const fn product_key(&self) -> &'a str {
        self.0.product_key()
    }

    /// The DeviceName.
    pub const fn device_name(&self) -> &'a str {
        self.0.device_name()
    }

    /// The ProductSecret itself.
    pub const fn expose_product_secret(&self) -> &'a str {
        self.0.expose_device_secret()
    }

    /// The names, to find a host by; the secret in it is not the device's.
    pub(crate) const fn names(self) -> Triple<'a> {
        self.0
    }
}

impl core::fmt::Debug for Registrant<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Registrant")
            .field("product_key", &self.product_key())
            .field("device_name", &self.device_name())
            .field("product_secret", &Redacted)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Registrant<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(
            formatter,
            "Registrant {{ product_key: {=str}, device_name: {=str}, product_secret: <redacted> }}",
            self.product_key(),
            self.device_name()
        );
    }
}

/// What a device says in the CONNECT by which it registers.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Registering<'a> {
    pub(crate) registrant: Registrant<'a>,
    pub(crate) method: SignMethod,
    pub(crate) random: &'a str,
    pub(crate) is_pre_registered: bool,
    pub(crate) instance_id: Option<&'a str>,
}

impl<'a> Registering<'a> {
    /// Checks `random`: 1 to 32 letters and digits, so that it fits between the commas of a client id.
    pub(crate) const fn new(
        registrant: Registrant<'a>,
        random: &'a str,
        method: SignMethod,
    ) -> Result<Self, InvalidField> {
        tried!(super::check_text(Field::Random, random, 32));
        let mut rest = random.as_bytes();
        while let [byte, behind @ ..] = rest {
            if !byte.is_ascii_alphanumeric() {
                let position = random.len().wrapping_sub(rest.len());
                return Err(InvalidField::new(Field::Random, Rule::IllegalCharacter { position }));
            }
            rest = behind;
        }
        Ok(Self { registrant, method, random, is_pre_registered: true, instance_id: None })
    }

    /// The pieces of the client id:
    /// `{client id}|securemode=…,authType=…,random=…,signmethod=…[,instanceId=…]|`.
    ///
    /// Only a device that is not pre-registered names its instance, and says securemode -2 then.
    pub(crate) fn client_id(&self, client_id: DeviceClientId<'a>) -> [&'a str; 8] {
        let (kind, key, instance_id) = match (self.is_pre_registered, self.instance_id) {
            (true, _) => ("|securemode=2,authType=register,random=", "", ""),
            (false, None) => ("|securemode=2,authType=regnwl,random=", "", ""),
            (false, Some(id)) => ("|securemode=-2,authType=regnwl,random=", ",instanceId=", id),
        };
        [client_id.as_str(), kind, self.random, ",signmethod=", self.method.name(), key, instance_id, "|"]
    }

    /// The password, keyed with the ProductSecret. The client id is not signed.
    pub(crate) fn signature(&self) -> Signature {
        let Self { registrant, random, .. } = self;
        let (device_name, product_key) = (registrant.device_name(), registrant.product_key());
        self.method.sign(
            registrant.expose_product_secret(),
            &["deviceName", device_name, "productKey", product_key, "random", random],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Registrant;
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn a_part_that_was_copied_wrongly_is_named() {
        let field = |parts: [&str; 3]| Registrant::new(parts[0], parts[1], parts[2]).unwrap_err().field;
        assert_eq!(field(["a 1", "NT35E_06011", "secret"]), Field::ProductKey);
        assert_eq!(field(["a1", "NT3", "secret"]), Field::DeviceName);
        let refused = InvalidField::new(Field::ProductSecret, Rule::IllegalCharacter { position: 6 });
        assert_eq!(Registrant::new("a1", "NT35E_06011", "secret "), Err(refused));
    }

    #[test]
    fn promise_9_a_registrant_prints_without_its_secret() {
        let printed = std::format!("{:?}", Registrant::new("a1", "NT35E_06011", "h1nQFYPZS0mW0000").unwrap());
        assert!(printed.contains("<redacted>") && !printed.contains("h1nQFY"));
    }
}
