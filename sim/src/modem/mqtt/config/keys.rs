//! Every key of `AT+LMQTTCFG`: its values, their ranges, and how it answers. Nothing about a key stands anywhere else.

use super::{ALIBABA, Aliauth, Config, Format};
use crate::modem::at::{Arguments, Refusal};
use crate::modem::quirks::{Acceptance, Quirks};
use crate::modem::session::{ProtocolVersion, QoS, Will};

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// Whether it is refused once `AT+LMQTTOPEN` was given.
    pub(super) before_open_only: bool,
    /// The ranges, as the test form lists them.
    pub(super) test: &'static str,
    pub(super) set: fn(&mut Config, &mut Arguments<'_>, &Quirks) -> Result<(), Refusal>,
    pub(super) query: fn(&Config) -> String,
}

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "cloud",
        before_open_only: false,
        test: "(0-255),(0-255)",
        set: set_cloud,
        query: |config| format!("{},{}", config.cloud_type, config.data_type),
    },
    Key {
        name: "aliauth",
        before_open_only: true,
        test: "\"productkey\",\"devicename\",\"devicesecret\"",
        set: set_aliauth,
        query: |config| match &config.aliauth {
            Some(triple) => {
                format!("\"{}\",\"{}\",\"{}\"", triple.product_key, triple.device_name, triple.device_secret)
            }
            None => ",,".to_owned(),
        },
    },
    Key {
        name: "cache",
        before_open_only: false,
        test: "(0,1)",
        set: |config, arguments, _| flag(&mut config.cached, arguments),
        query: |config| digit(config.cached),
    },
    Key {
        name: "session",
        before_open_only: true,
        test: "(0,1)",
        set: |config, arguments, _| flag(&mut config.clean_session, arguments),
        query: |config| digit(config.clean_session),
    },
    Key {
        name: "keepalive",
        before_open_only: true,
        test: "(0-3600)",
        set: |config, arguments, _| {
            config.keep_alive = arguments.integer(0..=3600)? as u16;
            Ok(())
        },
        query: |config| config.keep_alive.to_string(),
    },
    Key {
        name: "dataformat",
        before_open_only: false,
        test: "(0-2),(0-2)",
        set: |config, arguments, _| {
            config.send_format = format_of(arguments)?;
            config.receive_format = format_of(arguments)?;
            Ok(())
        },
        query: |config| format!("{},{}", config.send_format as u8, config.receive_format as u8),
    },
    Key {
        name: "send/mode",
        before_open_only: false,
        test: "(0-2)",
        set: |config, arguments, _| {
            config.send_format = format_of(arguments)?;
            Ok(())
        },
        query: |config| (config.send_format as u8).to_string(),
    },
    Key {
        name: "recv/mode",
        before_open_only: false,
        test: "(0-2),(0,1)",
        set: set_receive_mode,
        query: |config| format!("{},{}", config.receive_format as u8, digit(config.show_length)),
    },
    Key {
        name: "urc",
        before_open_only: false,
        test: "(0,1)",
        set: |config, arguments, _| flag(&mut config.results_shown, arguments),
        query: |config| digit(config.results_shown),
    },
    Key {
        name: "raimode",
        before_open_only: false,
        // The values are unlisted; the ancestor has 0 to 3 elsewhere.
        test: "(0-3)",
        set: |config, arguments, _| {
            config.rai_mode = arguments.integer(0..=3)?;
            Ok(())
        },
        query: |config| config.rai_mode.to_string(),
    },
    Key {
        name: "sslenable",
        before_open_only: false,
        test: "(0,1),(0-5)",
        set: |config, arguments, _| {
            flag(&mut config.tls, arguments)?;
            config.tls_context = arguments.integer(0..=5)?;
            Ok(())
        },
        query: |config| format!("{},{}", digit(config.tls), config.tls_context),
    },
    Key {
        name: "will",
        before_open_only: true,
        test: "(0,1),(0-2),(0,1),\"will_topic\",\"will_message\"",
        set: set_will,
        query: |config| match &config.will {
            Some(will) => format!(
                "1,{},{},\"{}\",\"{}\"",
                will.qos as u8,
                digit(will.retain),
                will.topic,
                String::from_utf8_lossy(&will.message)
            ),
            None => "0".to_owned(),
        },
    },
    Key {
        name: "version",
        before_open_only: false,
        test: "(3,4)",
        set: |config, arguments, _| {
            config.version = match arguments.integer(3..=4)? {
                3 => ProtocolVersion::V31,
                _ => ProtocolVersion::V311,
            };
            Ok(())
        },
        query: |config| if config.version == ProtocolVersion::V31 { "3" } else { "4" }.to_owned(),
    },
    Key {
        name: "timeout",
        before_open_only: false,
        test: "(1-60),(1-10),(0,1)",
        set: |config, arguments, _| {
            config.packet_limit = arguments.integer(1..=60)?;
            config.tries = arguments.integer(1..=10)?;
            flag(&mut config.notice, arguments)
        },
        query: |config| format!("{},{},{}", config.packet_limit, config.tries, digit(config.notice)),
    },
    Key {
        name: "pdpcid",
        before_open_only: false,
        test: "(1-15)",
        set: |config, arguments, _| {
            config.pdp_context = arguments.integer(1..=15)?;
            Ok(())
        },
        query: |config| config.pdp_context.to_string(),
    },
];

fn set_cloud(config: &mut Config, arguments: &mut Arguments<'_>, _: &Quirks) -> Result<(), Refusal> {
    config.cloud_type = arguments.integer(0..=255)?;
    config.data_type = match config.cloud_type {
        ALIBABA => arguments.integer(1..=2)?,
        // OneNET.
        1 => arguments.integer(1..=6)?,
        _ => arguments.integer(0..=255)?,
    };
    Ok(())
}

fn set_aliauth(config: &mut Config, arguments: &mut Arguments<'_>, _: &Quirks) -> Result<(), Refusal> {
    config.aliauth = Some(Aliauth {
        product_key: arguments.text(32)?.to_owned(),
        device_name: arguments.text(32)?.to_owned(),
        device_secret: arguments.text(64)?.to_owned(),
    });
    Ok(())
}

fn set_receive_mode(config: &mut Config, arguments: &mut Arguments<'_>, quirks: &Quirks) -> Result<(), Refusal> {
    config.receive_format = format_of(arguments)?;
    flag(&mut config.show_length, arguments)?;
    if config.show_length && quirks.show_length == Acceptance::Refused {
        return Err(Refusal::NotAllowed);
    }
    Ok(())
}

fn set_will(config: &mut Config, arguments: &mut Arguments<'_>, _: &Quirks) -> Result<(), Refusal> {
    if arguments.integer(0..=1)? == 0 {
        config.will = None;
        // The other values may be there, and mean nothing.
        arguments.remainder();
        return Ok(());
    }
    config.will = Some(Will {
        qos: match arguments.integer(0..=2)? {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        },
        retain: arguments.integer(0..=1)? == 1,
        topic: arguments.text(255)?.to_owned(),
        message: arguments.text(256)?.as_bytes().to_vec(),
    });
    Ok(())
}

fn format_of(arguments: &mut Arguments<'_>) -> Result<Format, Refusal> {
    Ok(match arguments.integer(0..=2)? {
        0 => Format::Text,
        1 => Format::HexMode,
        _ => Format::HexText,
    })
}

fn flag(field: &mut bool, arguments: &mut Arguments<'_>) -> Result<(), Refusal> {
    *field = arguments.integer(0..=1)? == 1;
    Ok(())
}

fn digit(flag: bool) -> String {
    u8::from(flag).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Setting;
    use super::*;

    fn after(key: &str, values: &str) -> Result<String, Refusal> {
        let quirks = Quirks { pdpcid_key: Acceptance::Accepted, ..Quirks::default() };
        let mut config = Config::new(&quirks);
        let setting = Setting::named(key, &quirks)?;
        config.set(&setting, &mut Arguments::new(values.as_bytes()), &quirks, false)?;
        Ok(config.query(&setting).split_once(',').unwrap().1.to_owned())
    }

    #[test]
    fn what_was_set_is_what_is_queried() {
        let cases = [
            ("cloud", "2,1"),
            ("aliauth", "\"pk\",\"dn\",\"0123456789abcdef0123456789abcdef\""),
            ("cache", "1"),
            ("session", "1"),
            ("keepalive", "3600"),
            ("dataformat", "1,2"),
            ("send/mode", "2"),
            ("recv/mode", "0,1"),
            ("urc", "0"),
            ("raimode", "1"),
            ("sslenable", "1,5"),
            ("will", "1,1,0,\"t/x\",\"off\""),
            ("version", "3"),
            ("timeout", "60,3,0"),
            ("pdpcid", "2"),
        ];
        assert_eq!(cases.len(), KEYS.len());
        for (key, values) in cases {
            assert_eq!(after(key, values).as_deref(), Ok(values), "{key}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let cases = [
            ("cloud", "2,3"),
            ("cloud", "256,1"),
            ("aliauth", "\"pk\",\"dn\""),
            ("aliauth", "\"pk\",\"dn\",\"ds\",\"more\""),
            ("aliauth", "\"123456789012345678901234567890123\",\"dn\",\"ds\""),
            ("cache", "2"),
            ("session", "2"),
            ("keepalive", "3601"),
            ("dataformat", "3,0"),
            ("dataformat", "0"),
            ("send/mode", "3"),
            ("recv/mode", "0,2"),
            ("recv/mode", "0"),
            ("urc", "2"),
            ("raimode", "4"),
            ("sslenable", "1,6"),
            ("will", "1,3,0,\"t\",\"m\""),
            ("will", "1,1,0,\"t\""),
            ("version", "5"),
            ("timeout", "61,3,0"),
            ("timeout", "60,0,0"),
            ("pdpcid", "16"),
            ("echomode", "0"),
        ];
        for (key, values) in cases {
            assert_eq!(after(key, values), Err(Refusal::NotAllowed), "{key} {values}");
        }
    }

    #[test]
    fn defaults_are_those_of_the_sheet() {
        let quirks = Quirks::default();
        let config = Config::new(&quirks);
        let lines: Vec<String> = Setting::all(&quirks).map(|key| config.query(&key)).collect();
        let expected = [
            "\"cloud\",0,1",
            "\"aliauth\",,,",
            "\"cache\",0",
            "\"session\",0",
            "\"keepalive\",120",
            "\"dataformat\",0,0",
            "\"send/mode\",0",
            "\"recv/mode\",0,0",
            "\"urc\",1",
            "\"raimode\",0",
            "\"sslenable\",0,0",
            "\"will\",0",
            "\"version\",4",
            "\"timeout\",10,3,0",
        ];
        assert_eq!(lines, expected);
    }
}
