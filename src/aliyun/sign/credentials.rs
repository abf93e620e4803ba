//! What a device says in its CONNECT, put together from its triple (`aliyun.md` §3).

use crate::value::{DeviceClientId, Redacted, Signature, Signing, Triple};

/// `securemode`: how the connection is protected. It is part of the client id, and the platform compares it with the
/// connection that it comes over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SecureMode {
    /// 2: TLS.
    Tls,
    /// 3: plain TCP, which the platform refuses to accounts opened since August 2022.
    Plain,
}

impl SecureMode {
    const fn digit(self) -> &'static str {
        match self {
            Self::Tls => "2",
            Self::Plain => "3",
        }
    }
}

impl<'a> Signing<'a> {
    /// Client id, user name and password of a device.
    pub fn credentials(
        &self,
        triple: Triple<'a>,
        client_id: DeviceClientId<'a>,
        secure_mode: SecureMode,
    ) -> Credentials {
        let mut credentials = Credentials { text: [0; LONGEST], client_id: 0, user_name: 0, password: 0 };
        credentials.client_id = credentials.append(0, &self.client_id(client_id, secure_mode));
        credentials.user_name = credentials.append(credentials.client_id, &user_name(triple));
        let signature = self.signature(triple, client_id);
        credentials.password = credentials.append(credentials.user_name, &[signature.expose()]);
        credentials
    }

    /// The pieces of the client id: `{client id}|securemode=…,signmethod=…[,timestamp=…][,{parameters}]|`.
    pub(crate) fn client_id(&self, client_id: DeviceClientId<'a>, secure_mode: SecureMode) -> [&'a str; 10] {
        let (key, timestamp) = self.timestamp.map_or(("", ""), |timestamp| (",timestamp=", timestamp.as_str()));
        let (comma, parameters) = self.parameters.map_or(("", ""), |parameters| (",", parameters.as_str()));
        let (mode, method) = (secure_mode.digit(), self.method.name());
        [client_id.as_str(), "|securemode=", mode, ",signmethod=", method, key, timestamp, comma, parameters, "|"]
    }

    /// The password: names and values in the order of the names, the bare client id among them, and the timestamp if, and only
    /// if, the client id bears it.
    pub(crate) fn signature(&self, triple: Triple<'_>, client_id: DeviceClientId<'_>) -> Signature {
        let (key, timestamp) = self.timestamp.map_or(("", ""), |timestamp| ("timestamp", timestamp.as_str()));
        let (device_name, product_key) = (triple.device_name(), triple.product_key());
        self.method.sign(
            triple.expose_device_secret(),
            &["clientId", client_id.as_str(), "deviceName", device_name, "productKey", product_key, key, timestamp],
        )
    }
}

/// The pieces of the user name.
pub(crate) const fn user_name<'a>(triple: Triple<'a>) -> [&'a str; 3] {
    [triple.device_name(), "&", triple.product_key()]
}

/// A client id of 256 bytes, DeviceName and ProductKey with what joins them, and the digits of HMAC-SHA256.
const LONGEST: usize = 256 + (32 + 1 + 20) + 64;

/// What an MQTT client needs to sign a device in. The password is never printed.
#[derive(Clone, Copy)]
pub struct Credentials {
    /// One after the other; each of the numbers is where one ends.
    text: [u8; LONGEST],
    client_id: usize,
    user_name: usize,
    password: usize,
}

impl Credentials {
    /// The MQTT client id, parameters included: at most 256 bytes.
    pub fn client_id(&self) -> &str {
        self.between(0, self.client_id)
    }

    /// The MQTT user name: at most 53 bytes.
    pub fn user_name(&self) -> &str {
        self.between(self.client_id, self.user_name)
    }

    /// The MQTT password itself: at most 64 bytes.
    pub fn expose_password(&self) -> &str {
        self.between(self.user_name, self.password)
    }

    fn between(&self, begin: usize, end: usize) -> &str {
        self.text.get(begin..end).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Writes pieces from `begin` on, and returns where they end.
    fn append(&mut self, begin: usize, pieces: &[&str]) -> usize {
        let mut end = begin;
        let places = self.text.iter_mut().skip(begin);
        for (place, byte) in places.zip(pieces.iter().flat_map(|piece| piece.bytes())) {
            *place = byte;
            end = end.wrapping_add(1);
        }
        end
    }
}

impl core::fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("client_id", &self.client_id())
            .field("user_name", &self.user_name())
            .field("password", &Redacted)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Credentials {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(
            formatter,
            "Credentials {{ client_id: {=str}, user_name: {=str}, password: <redacted> }}",
            self.client_id(),
            self.user_name()
        );
    }
}
