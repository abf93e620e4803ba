//! `AT+LMQTTCFG`: the settings of a connection. All of them are gone after `AT+LMQTTCLOSE` (`protocol.md` §3.1).

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::{ConnectionId, Field, InvalidField, KeepAlive, Rule, Triple, Will};

/// One setting with its value.
///
/// A function for each, and not an enum, so that firmware holds the code of those that it uses.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Setting<'a> {
    key: &'static str,
    numbers: [u16; 3],
    texts: [&'a str; 3],
    numbers_used: u8,
    texts_used: u8,
    is_secret: bool,
}

impl<'a> Setting<'a> {
    /// `cloud`: which platform the modem helps to sign in to.
    pub const fn cloud(cloud: Cloud) -> Self {
        match cloud {
            Cloud::Aliyun(data_type) => Self::of("cloud", [2, data_type as u16]),
            Cloud::Other { platform, data_type } => Self::of("cloud", [platform as u16, data_type as u16]),
        }
    }

    /// `aliauth`: the device that the modem signs in at Aliyun. Before opening.
    #[inline(never)]
    pub const fn aliyun_device(triple: Triple<'a>) -> Self {
        let mut setting =
            Self::of("aliauth", []).with([triple.product_key(), triple.device_name(), triple.expose_device_secret()]);
        setting.is_secret = true;
        setting
    }

    /// `cache`: whether messages come with their URC.
    pub const fn cache(cache: Cache) -> Self {
        Self::of("cache", [cache as u16])
    }

    /// `session`: whether the broker forgets the last session (1) or keeps it (0). Before opening.
    pub const fn clean_session(clean: bool) -> Self {
        Self::of("session", [clean as u16])
    }

    /// `keepalive`. Before opening.
    pub const fn keep_alive(keep_alive: KeepAlive) -> Self {
        Self::of("keepalive", [keep_alive.as_secs()])
    }

    /// `dataformat`: the form of payloads, sent and received.
    pub const fn data_format(send: PayloadFormat, receive: PayloadFormat) -> Self {
        Self::of("dataformat", [send as u16, receive as u16])
    }

    /// `send/mode`: the form of payloads sent.
    pub const fn send_mode(format: PayloadFormat) -> Self {
        Self::of("send/mode", [format as u16])
    }

    /// `recv/mode`: the form of payloads received, and whether each comes with its length.
    pub const fn receive_mode(format: PayloadFormat, with_length: bool) -> Self {
        Self::of("recv/mode", [format as u16, with_length as u16])
    }

    /// `urc`: whether commands end with a result URC. The default differs between firmwares.
    pub const fn result_urcs(on: bool) -> Self {
        Self::of("urc", [on as u16])
    }

    /// `raimode`: quick return to idle between keep-alives, to save power. The manual's values are not known.
    pub const fn release_assistance(mode: u8) -> Self {
        Self::of("raimode", [mode as u16])
    }

    /// `sslenable`: TLS instead of TCP.
    pub const fn tls(tls: Tls) -> Self {
        match tls {
            Tls::Off => Self::of("sslenable", [0, 0]),
            Tls::On(TlsContext(context)) => Self::of("sslenable", [1, context as u16]),
        }
    }

    /// `will`, or none. Before opening.
    pub const fn will(will: Option<Will<'a>>) -> Self {
        let Some(will) = will else { return Self::of("will", [0]) };
        let (qos, retain, topic, message) = will.parts();
        Self::of("will", [1, qos as u16, retain as u16]).with([topic.as_str(), message])
    }

    /// `version`: of the MQTT protocol.
    pub const fn version(version: ProtocolVersion) -> Self {
        Self::of("version", [version as u16])
    }

    /// `timeout`: how the modem repeats packets.
    pub const fn message_retry(retry: MessageRetry) -> Self {
        Self::of("timeout", [retry.seconds as u16, retry.repetitions as u16, retry.notice as u16])
    }

    /// The setting's name on the wire.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    const fn of<const N: usize>(key: &'static str, numbers: [u16; N]) -> Self {
        const { assert!(N <= 3) };
        let mut all = [0; 3];
        let (used, _) = all.split_at_mut(N);
        used.copy_from_slice(&numbers);
        Self { key, numbers: all, texts: [""; 3], numbers_used: N as u8, texts_used: 0, is_secret: false }
    }

    const fn with<const N: usize>(mut self, texts: [&'a str; N]) -> Self {
        const { assert!(N <= 3) };
        let (used, _) = self.texts.split_at_mut(N);
        used.copy_from_slice(&texts);
        self.texts_used = N as u8;
        self
    }
}

impl core::fmt::Debug for Setting<'_> {
    /// Prints no text, which may be a secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let numbers = self.numbers.get(..usize::from(self.numbers_used)).unwrap_or_default();
        formatter.debug_struct("Setting").field("key", &self.key).field("numbers", &numbers).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Setting<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        let numbers = self.numbers.get(..usize::from(self.numbers_used)).unwrap_or_default();
        defmt::write!(formatter, "Setting {{ key: {=str}, numbers: {}, .. }}", self.key, numbers);
    }
}

/// A platform that the modem knows.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cloud {
    /// 2: Alibaba Cloud IoT.
    Aliyun(Aliyun),
    /// Another number, with its data type. By analogy, 0 is a plain broker and 1 is OneNET.
    Other {
        /// The platform.
        platform: u8,
        /// The data type.
        data_type: u8,
    },
}

/// Data types of Aliyun.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Aliyun {
    /// 1, which the article uses.
    Json = 1,
    /// 2, by analogy with the modem's ancestor.
    Text = 2,
}

/// Where received messages go.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Cache {
    /// 0: the URC carries topic and payload.
    Direct = 0,
    /// 1: the URC carries only a message id. How to read the message is not known.
    Cached = 1,
}

/// The form of payloads on the AT line.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum PayloadFormat {
    /// 0: byte for byte.
    Text = 0,
    /// 1: "string (HEX mode)".
    HexString = 1,
    /// 2: "hex (text mode)". How 1 and 2 differ on the wire is not known.
    Hex = 2,
}

/// The version of the MQTT protocol.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum ProtocolVersion {
    /// 3: MQTT 3.1.
    V3_1 = 3,
    /// 4: MQTT 3.1.1.
    #[default]
    V3_1_1 = 4,
}

/// Whether the connection is encrypted.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Tls {
    /// Plain TCP.
    #[default]
    Off,
    /// TLS, with a context that was prepared by raw commands.
    On(TlsContext),
}

/// The number of a TLS context, 0 to 5.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TlsContext(u8);

impl TlsContext {
    /// Context `number`.
    ///
    /// # Errors
    /// If it is over 5.
    pub const fn new(number: u8) -> Result<Self, InvalidField> {
        if number <= 5 { Ok(Self(number)) } else { Err(out_of_range(0, 5, number)) }
    }
}

/// How the modem repeats a packet that is not acknowledged.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MessageRetry {
    seconds: u8,
    repetitions: u8,
    notice: bool,
}

impl MessageRetry {
    /// Repeats after 1 to 60 `seconds`, 1 to 10 times, and reports time-outs or does not (ranges by analogy).
    ///
    /// # Errors
    /// If a number is out of its range.
    pub const fn new(seconds: u8, repetitions: u8, notice: bool) -> Result<Self, InvalidField> {
        if seconds < 1 || seconds > 60 {
            Err(out_of_range(1, 60, seconds))
        } else if repetitions < 1 || repetitions > 10 {
            Err(out_of_range(1, 10, repetitions))
        } else {
            Ok(Self { seconds, repetitions, notice })
        }
    }
}

const fn out_of_range(least: u32, most: u32, actual: u8) -> InvalidField {
    InvalidField::new(Field::Setting, Rule::Between { least, most, actual: actual as u32 })
}

/// `AT+LMQTTCFG="<key>",<id>,<values>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Configure<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// What to set.
    pub setting: Setting<'a>,
}

impl Command for Configure<'_> {
    const SPEC: Spec = Spec::named("+LMQTTCFG").accepted_within(Duration::from_secs(5));
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        let Setting { key, numbers, texts, numbers_used, texts_used, is_secret } = &self.setting;
        if *is_secret {
            line.conceal();
        }
        line.checked(key).integer(u32::from(self.connection.get()));
        for &number in numbers.iter().take(usize::from(*numbers_used)) {
            line.integer(u32::from(number));
        }
        for text in texts.iter().take(usize::from(*texts_used)) {
            line.checked(text);
        }
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Aliyun, Cache, Cloud, Configure, MessageRetry, PayloadFormat, ProtocolVersion, Setting, Tls, TlsContext,
    };
    use crate::command::testing::line;
    use crate::value::{ConnectionId, KeepAlive, QoS, Triple, Will};

    fn encoded(setting: Setting<'_>) -> std::string::String {
        let text = line(&Configure { connection: ConnectionId::default(), setting });
        text.strip_prefix("AT+LMQTTCFG=").unwrap().into()
    }

    #[test]
    fn the_lines_of_the_article() {
        let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(encoded(Setting::cloud(Cloud::Aliyun(Aliyun::Json))), "\"cloud\",0,2,1");
        let expected = "\"aliauth\",0,\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"";
        assert_eq!(encoded(Setting::aliyun_device(triple)), expected);
    }

    #[test]
    fn the_lines_of_working_firmware() {
        for (setting, expected) in [
            (Setting::cache(Cache::Direct), "\"cache\",0,0"),
            (Setting::keep_alive(KeepAlive::from_secs(180).unwrap()), "\"keepalive\",0,180"),
            (Setting::clean_session(true), "\"session\",0,1"),
            (Setting::send_mode(PayloadFormat::Text), "\"send/mode\",0,0"),
            (Setting::receive_mode(PayloadFormat::Text, true), "\"recv/mode\",0,0,1"),
            (Setting::version(ProtocolVersion::V3_1_1), "\"version\",0,4"),
            (Setting::message_retry(MessageRetry::new(60, 3, false).unwrap()), "\"timeout\",0,60,3,0"),
            (Setting::result_urcs(true), "\"urc\",0,1"),
        ] {
            assert_eq!(encoded(setting), expected);
        }
        let will = Will::new("t/x", "off").unwrap().qos(QoS::AtLeastOnce);
        assert_eq!(encoded(Setting::will(Some(will))), "\"will\",0,1,1,0,\"t/x\",\"off\"");
    }

    #[test]
    fn the_other_settings_of_the_manual() {
        for (setting, expected) in [
            (Setting::cloud(Cloud::Other { platform: 1, data_type: 6 }), "\"cloud\",0,1,6"),
            (Setting::cache(Cache::Cached), "\"cache\",0,1"),
            (Setting::data_format(PayloadFormat::HexString, PayloadFormat::Hex), "\"dataformat\",0,1,2"),
            (Setting::release_assistance(2), "\"raimode\",0,2"),
            (Setting::tls(Tls::Off), "\"sslenable\",0,0,0"),
            (Setting::tls(Tls::On(TlsContext::new(5).unwrap())), "\"sslenable\",0,1,5"),
            (Setting::will(None), "\"will\",0,0"),
            (Setting::will(Some(Will::new("t", "m").unwrap().retain(true))), "\"will\",0,1,0,1,\"t\",\"m\""),
            (Setting::version(ProtocolVersion::V3_1), "\"version\",0,3"),
            (Setting::keep_alive(KeepAlive::NEVER), "\"keepalive\",0,0"),
        ] {
            assert_eq!(encoded(setting), expected);
        }
    }

    #[test]
    fn a_number_out_of_its_range_is_refused() {
        assert!(TlsContext::new(6).is_err());
        for (seconds, repetitions) in [(0, 3), (61, 3), (10, 0), (10, 11)] {
            assert!(MessageRetry::new(seconds, repetitions, true).is_err());
        }
        assert!(MessageRetry::new(1, 10, true).is_ok());
    }
}
