//! `AT+LMQTTCFG`: the settings of a connection. All of them are gone after `AT+LMQTTCLOSE` (`protocol.md` §3.1).

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::{ConnectionId, Field, InvalidField, KeepAlive, Rule, Triple, Will};

/// One setting with its value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Setting<'a> {
    /// `cloud`: which platform the modem helps to sign in to.
    Cloud(Cloud),
    /// `aliauth`: the device that the modem signs in at Aliyun. Before opening.
    AliyunDevice(Triple<'a>),
    /// `cache`: whether messages come with their URC.
    Cache(Cache),
    /// `session`: whether the broker forgets the last session (1) or keeps it (0). Before opening.
    CleanSession(bool),
    /// `keepalive`. Before opening.
    KeepAlive(KeepAlive),
    /// `dataformat`: the form of payloads, sent and received.
    DataFormat {
        /// Of those sent.
        send: PayloadFormat,
        /// Of those received.
        receive: PayloadFormat,
    },
    /// `send/mode`: the form of payloads sent.
    SendMode(PayloadFormat),
    /// `recv/mode`: the form of payloads received.
    ReceiveMode {
        /// The form.
        format: PayloadFormat,
        /// Whether each comes with its length.
        with_length: bool,
    },
    /// `urc`: whether commands end with a result URC. The default differs between firmwares.
    ResultUrcs(bool),
    /// `raimode`: quick return to idle between keep-alives, to save power. The manual's values are not known.
    ReleaseAssistance(u8),
    /// `sslenable`: TLS instead of TCP.
    Tls(Tls),
    /// `will`, or none. Before opening.
    Will(Option<Will<'a>>),
    /// `version`: of the MQTT protocol.
    Version(ProtocolVersion),
    /// `timeout`: how the modem repeats packets.
    MessageRetry(MessageRetry),
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
        line.checked(self.setting.key()).integer(u32::from(self.connection.get()));
        match self.setting {
            Setting::Cloud(Cloud::Aliyun(data_type)) => line.integer(2).integer(data_type as u32),
            Setting::Cloud(Cloud::Other { platform, data_type }) => {
                line.integer(u32::from(platform)).integer(u32::from(data_type))
            }
            Setting::AliyunDevice(triple) => line
                .conceal()
                .checked(triple.product_key())
                .checked(triple.device_name())
                .checked(triple.expose_device_secret()),
            Setting::Cache(cache) => line.integer(cache as u32),
            Setting::CleanSession(flag) | Setting::ResultUrcs(flag) => line.integer(u32::from(flag)),
            Setting::KeepAlive(keep_alive) => line.integer(u32::from(keep_alive.as_secs())),
            Setting::DataFormat { send, receive } => line.integer(send as u32).integer(receive as u32),
            Setting::SendMode(format) => line.integer(format as u32),
            Setting::ReceiveMode { format, with_length } => line.integer(format as u32).integer(u32::from(with_length)),
            Setting::ReleaseAssistance(mode) => line.integer(u32::from(mode)),
            Setting::Tls(Tls::Off) => line.integer(0).integer(0),
            Setting::Tls(Tls::On(TlsContext(context))) => line.integer(1).integer(u32::from(context)),
            Setting::Will(None) => line.integer(0),
            Setting::Will(Some(will)) => {
                let (qos, retain, topic, message) = will.parts();
                line.integer(1).integer(qos as u32).integer(u32::from(retain));
                line.checked(topic.as_str()).checked(message)
            }
            Setting::Version(version) => line.integer(version as u32),
            Setting::MessageRetry(retry) => line
                .integer(u32::from(retry.seconds))
                .integer(u32::from(retry.repetitions))
                .integer(u32::from(retry.notice)),
        };
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

impl Setting<'_> {
    /// The setting's name on the wire.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Cloud(_) => "cloud",
            Self::AliyunDevice(_) => "aliauth",
            Self::Cache(_) => "cache",
            Self::CleanSession(_) => "session",
            Self::KeepAlive(_) => "keepalive",
            Self::DataFormat { .. } => "dataformat",
            Self::SendMode(_) => "send/mode",
            Self::ReceiveMode { .. } => "recv/mode",
            Self::ResultUrcs(_) => "urc",
            Self::ReleaseAssistance(_) => "raimode",
            Self::Tls(_) => "sslenable",
            Self::Will(_) => "will",
            Self::Version(_) => "version",
            Self::MessageRetry(_) => "timeout",
        }
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
        assert_eq!(encoded(Setting::Cloud(Cloud::Aliyun(Aliyun::Json))), "\"cloud\",0,2,1");
        let expected = "\"aliauth\",0,\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"";
        assert_eq!(encoded(Setting::AliyunDevice(triple)), expected);
    }

    #[test]
    fn the_lines_of_working_firmware() {
        for (setting, expected) in [
            (Setting::Cache(Cache::Direct), "\"cache\",0,0"),
            (Setting::KeepAlive(KeepAlive::from_secs(180).unwrap()), "\"keepalive\",0,180"),
            (Setting::CleanSession(true), "\"session\",0,1"),
            (Setting::SendMode(PayloadFormat::Text), "\"send/mode\",0,0"),
            (Setting::ReceiveMode { format: PayloadFormat::Text, with_length: true }, "\"recv/mode\",0,0,1"),
            (Setting::Version(ProtocolVersion::V3_1_1), "\"version\",0,4"),
            (Setting::MessageRetry(MessageRetry::new(60, 3, false).unwrap()), "\"timeout\",0,60,3,0"),
            (Setting::ResultUrcs(true), "\"urc\",0,1"),
        ] {
            assert_eq!(encoded(setting), expected);
        }
        let will = Will::new("t/x", "off").unwrap().qos(QoS::AtLeastOnce);
        assert_eq!(encoded(Setting::Will(Some(will))), "\"will\",0,1,1,0,\"t/x\",\"off\"");
    }

    #[test]
    fn the_other_settings_of_the_manual() {
        for (setting, expected) in [
            (Setting::Cloud(Cloud::Other { platform: 1, data_type: 6 }), "\"cloud\",0,1,6"),
            (Setting::Cache(Cache::Cached), "\"cache\",0,1"),
            (
                Setting::DataFormat { send: PayloadFormat::HexString, receive: PayloadFormat::Hex },
                "\"dataformat\",0,1,2",
            ),
            (Setting::ReleaseAssistance(2), "\"raimode\",0,2"),
            (Setting::Tls(Tls::Off), "\"sslenable\",0,0,0"),
            (Setting::Tls(Tls::On(TlsContext::new(5).unwrap())), "\"sslenable\",0,1,5"),
            (Setting::Will(None), "\"will\",0,0"),
            (Setting::Will(Some(Will::new("t", "m").unwrap().retain(true))), "\"will\",0,1,0,1,\"t\",\"m\""),
            (Setting::Version(ProtocolVersion::V3_1), "\"version\",0,3"),
            (Setting::KeepAlive(KeepAlive::NEVER), "\"keepalive\",0,0"),
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
