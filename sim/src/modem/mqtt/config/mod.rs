//! `AT+LMQTTCFG`: the settings of a connection, set, queried and listed (`protocol.md` §3.1).

mod keys;

use super::super::at::{Arguments, Refusal};
use super::super::quirks::{Acceptance, CacheDefault, Quirks, UrcDefault};
use super::super::session::{ProtocolVersion, Will};
use keys::{KEYS, Key};

/// The settings of a connection; lost with the connection's context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) cloud_type: u32,
    pub(super) data_type: u32,
    pub(super) aliauth: Option<Aliauth>,
    pub(super) cached: bool,
    pub(super) clean_session: bool,
    pub(super) keep_alive: u16,
    pub(super) send_format: Format,
    pub(super) receive_format: Format,
    pub(super) show_length: bool,
    pub(super) results_shown: bool,
    pub(super) rai_mode: u32,
    pub(super) tls: bool,
    pub(super) tls_context: u32,
    pub(super) will: Option<Will>,
    pub(super) version: ProtocolVersion,
    /// Seconds.
    pub(super) packet_limit: u32,
    pub(super) tries: u32,
    pub(super) notice: bool,
    pub(super) pdp_context: u32,
}

/// The device triple that the modem signs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aliauth {
    pub(super) product_key: String,
    pub(super) device_name: String,
    pub(super) device_secret: String,
}

/// How payloads are written on the serial line. What distinguishes the two kinds of hex is unknown; they are alike here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// As they are.
    Text,
    /// As hex digits, "string (HEX mode)".
    HexMode,
    /// As hex digits, "hex (text mode)".
    HexText,
}

impl Format {
    pub(super) fn is_hex(self) -> bool {
        self != Self::Text
    }
}

/// The number that means Alibaba Cloud in `"cloud"`.
pub(super) const ALIBABA: u32 = 2;

impl Config {
    pub(super) fn new(quirks: &Quirks) -> Self {
        Self {
            cloud_type: 0,
            data_type: 1,
            aliauth: None,
            cached: quirks.cache_default == CacheDefault::Cached,
            clean_session: false,
            keep_alive: 120,
            send_format: Format::Text,
            receive_format: Format::Text,
            show_length: false,
            results_shown: quirks.urc_default == UrcDefault::Shown,
            rai_mode: 0,
            tls: false,
            tls_context: 0,
            will: None,
            version: ProtocolVersion::V311,
            packet_limit: 10,
            tries: 3,
            notice: false,
            pdp_context: 1,
        }
    }

    /// Takes the values of one key; changes nothing if they are refused.
    pub(super) fn set(
        &mut self,
        key: &Setting,
        arguments: &mut Arguments<'_>,
        quirks: &Quirks,
        is_open: bool,
    ) -> Result<(), Refusal> {
        if key.0.before_open_only && is_open {
            return Err(Refusal::NotAllowed);
        }
        let mut changed = self.clone();
        (key.0.set)(&mut changed, arguments, quirks)?;
        arguments.end()?;
        *self = changed;
        Ok(())
    }

    /// The text after `+LMQTTCFG: `.
    pub(super) fn query(&self, key: &Setting) -> String {
        format!("\"{}\",{}", key.0.name, (key.0.query)(self))
    }
}

/// One key of `AT+LMQTTCFG`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting(&'static Key);

impl Setting {
    /// The key of this name, if this firmware knows it.
    pub(super) fn named(name: &str, quirks: &Quirks) -> Result<Self, Refusal> {
        Self::all(quirks).find(|key| key.0.name == name).ok_or(Refusal::NotAllowed)
    }

    /// The keys that this firmware knows.
    pub(super) fn all(quirks: &Quirks) -> impl Iterator<Item = Self> {
        KEYS.iter().filter(|key| is_known(key, quirks)).map(Self)
    }

    /// The text of its line in the answer to `AT+LMQTTCFG=?`, after the prefix.
    pub(super) fn test_line(self) -> String {
        format!("\"{}\",(0),{}", self.0.name, self.0.test)
    }
}

fn is_known(key: &Key, quirks: &Quirks) -> bool {
    let acceptance = match key.name {
        "cache" => quirks.cache_key,
        "urc" => quirks.urc_key,
        "sslenable" => quirks.tls_key,
        "pdpcid" => quirks.pdpcid_key,
        _ => Acceptance::Accepted,
    };
    acceptance == Acceptance::Accepted
}
