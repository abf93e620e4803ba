//! The credentials that a device got by registering, in memory of their own.

use super::Registrant;
use crate::aliyun::SignIn;
use crate::value::{DeviceClientId, Field, InvalidField, Password, Redacted, Triple, check_secret};

/// A byte for the length of the client id, the longest client id, and the longest token.
const LONGEST: usize = 1 + 64 + 256;

/// A DeviceSecret, or a client id with a token: what a device signs in by once it has registered. Neither secret is ever printed.
///
/// ```
/// use nt35e::aliyun::registration::{Registered, Registrant};
/// let registered = Registered::with_device_secret("0123456789abcdef0123456789abcdef")?;
/// let kept = registered.expose_bytes().to_vec(); // in flash
/// let loaded = Registered::from_bytes(&kept).ok_or("not written by this")?;
/// let registrant = Registrant::new("a1JszCpjS61", "NT35E_06011", "h1nQFYPZS0mW0000")?;
/// let sign_in = loaded.sign_in(registrant)?;
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Registered {
    /// The length of the client id, which is 0 with a DeviceSecret; the client id; the secret or token.
    bytes: [u8; LONGEST],
    length: usize,
}

impl Registered {
    /// What a pre-registered device gets.
    ///
    /// # Errors
    /// If it is not 1 to 64 letters and digits.
    pub fn with_device_secret(device_secret: &str) -> Result<Self, InvalidField> {
        check_secret(Field::DeviceSecret, device_secret)?;
        Ok(Self::of_checked("", device_secret))
    }

    /// What a device gets that was not pre-registered.
    ///
    /// # Errors
    /// If the client id is empty or longer than 64 bytes, or has a `|` or a comma; if the token is empty, longer than 256 bytes, or
    /// cannot be quoted in a command line.
    pub fn with_token(client_id: &str, device_token: &str) -> Result<Self, InvalidField> {
        DeviceClientId::new(client_id)?;
        Password::new(device_token)?;
        Ok(Self::of_checked(client_id, device_token))
    }

    fn of_checked(client_id: &str, secret: &str) -> Self {
        let mut registered = Self { bytes: [0; LONGEST], length: 0 };
        let length = [client_id.len() as u8];
        let pieces = [&length, client_id.as_bytes(), secret.as_bytes()];
        for (place, byte) in registered.bytes.iter_mut().zip(pieces.into_iter().flatten()) {
            *place = *byte;
            registered.length = registered.length.wrapping_add(1);
        }
        registered
    }

    /// The sign-in of the device, for which the DeviceName and ProductKey are those of the registrant.
    ///
    /// With a DeviceSecret it is as any other, and signed by the modem unless it is told otherwise. With a token, nothing is signed; it
    /// needs TLS.
    ///
    /// # Errors
    /// None for what was registered under the same names.
    pub fn sign_in<'a>(&'a self, registrant: Registrant<'a>) -> Result<SignIn<'a>, InvalidField> {
        let (client_id, secret) = self.parts();
        if client_id.is_empty() {
            Triple::new(registrant.product_key(), registrant.device_name(), secret).map(SignIn::new)
        } else {
            Ok(SignIn::by_token(registrant.names(), DeviceClientId::new(client_id)?, Password::new(secret)?))
        }
    }

    /// The DeviceSecret itself, if it is one.
    pub fn expose_device_secret(&self) -> Option<&str> {
        let (client_id, secret) = self.parts();
        client_id.is_empty().then_some(secret)
    }

    /// The client id that goes with a token.
    pub fn client_id(&self) -> Option<&str> {
        Some(self.parts().0).filter(|client_id| !client_id.is_empty())
    }

    /// The token itself, if it is one.
    pub fn expose_device_token(&self) -> Option<&str> {
        let (client_id, token) = self.parts();
        (!client_id.is_empty()).then_some(token)
    }

    /// All of it, secret included, to be written to a memory that lasts: at most 321 bytes.
    pub fn expose_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// What was written there; none if that cannot be. A memory that can lose bits adds a checksum: not every change is seen here.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (client_id, secret) = split(bytes)?;
        if client_id.is_empty() { Self::with_device_secret(secret) } else { Self::with_token(client_id, secret) }.ok()
    }

    /// The client id, which is empty with a DeviceSecret, and the secret.
    fn parts(&self) -> (&str, &str) {
        split(self.expose_bytes()).unwrap_or_default()
    }
}

fn split(bytes: &[u8]) -> Option<(&str, &str)> {
    let (length, rest) = bytes.split_first()?;
    let (client_id, secret) = rest.split_at_checked(usize::from(*length))?;
    Some((core::str::from_utf8(client_id).ok()?, core::str::from_utf8(secret).ok()?))
}

impl core::fmt::Debug for Registered {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut printed = formatter.debug_struct("Registered");
        match self.client_id() {
            Some(client_id) => printed.field("client_id", &client_id).field("device_token", &Redacted),
            None => printed.field("device_secret", &Redacted),
        };
        printed.finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Registered {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        match self.client_id() {
            Some(client_id) => {
                defmt::write!(formatter, "Registered {{ client_id: {=str}, device_token: <redacted> }}", client_id);
            }
            None => defmt::write!(formatter, "Registered {{ device_secret: <redacted> }}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Registered;
    use crate::value::Field;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn what_is_kept_is_what_comes_back() {
        let longest = ("c".repeat(64), "t".repeat(256));
        for registered in [
            Registered::with_device_secret(SECRET).unwrap(),
            Registered::with_token("a1.dev", "^1^1618^x/+=").unwrap(),
            Registered::with_token(&longest.0, &longest.1).unwrap(),
        ] {
            let bytes = registered.expose_bytes();
            assert_eq!(Registered::from_bytes(bytes), Some(registered));
            assert_eq!(Registered::from_bytes(&[]), None);
        }
        let secret = Registered::with_device_secret(SECRET).unwrap();
        assert_eq!((secret.expose_device_secret(), secret.client_id()), (Some(SECRET), None));
        assert_eq!(secret.expose_device_token(), None);
        let token = Registered::with_token(&longest.0, &longest.1).unwrap();
        assert_eq!((token.client_id(), token.expose_device_token()), (Some(&*longest.0), Some(&*longest.1)));
        assert_eq!(token.expose_device_secret(), None);
    }

    #[test]
    fn what_no_device_can_sign_in_by_is_refused() {
        let field = |refused: Result<Registered, crate::InvalidField>| refused.unwrap_err().field;
        assert_eq!(field(Registered::with_device_secret("")), Field::DeviceSecret);
        assert_eq!(field(Registered::with_device_secret("a\"b")), Field::DeviceSecret);
        assert_eq!(field(Registered::with_device_secret(&"x".repeat(65))), Field::DeviceSecret);
        assert_eq!(field(Registered::with_token("", "t")), Field::ClientId);
        assert_eq!(field(Registered::with_token("a|b", "t")), Field::ClientId);
        assert_eq!(field(Registered::with_token("a", "")), Field::Password);
        assert_eq!(field(Registered::with_token("a", &"x".repeat(257))), Field::Password);
        for bytes in [&b""[..], b"\0", b"\x01", b"\x01a", b"\x05ab", b"\0a b", b"\xff\xff", b"\0\xff"] {
            assert_eq!(Registered::from_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn promise_9_credentials_are_not_printed() {
        for registered in
            [Registered::with_device_secret(SECRET).unwrap(), Registered::with_token("a1.dev", SECRET).unwrap()]
        {
            let printed = std::format!("{registered:?}");
            assert!(printed.contains("<redacted>") && !printed.contains("012345"), "{printed}");
        }
    }
}
