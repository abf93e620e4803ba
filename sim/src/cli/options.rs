//! What the command line takes.

use core::net::SocketAddr;
use core::time::Duration;
use std::net::ToSocketAddrs;
use std::path::PathBuf;

use clap::{ColorChoice, Parser};
use nt35e_sim::aliyun::{CloudSettings, Device, Product};
use nt35e_sim::fault::{Mix, Schedule};
use nt35e_sim::modem::{Delays, Noise, Quirks};

const ABOUT: &str = "A simulated Lierda NT35E cellular modem, to develop MQTT firmware without a board";

const LONG_ABOUT: &str = "\
A simulated Lierda NT35E cellular modem, to develop MQTT firmware without a board.

It speaks AT commands on a TCP port or a pseudo-terminal: connect your firmware, or a terminal program, in place of the \
modem's UART. Behind it is a real MQTT client. By default it reaches a built-in double of Alibaba Cloud IoT, which checks \
signatures, topics, sizes and keep-alive as the platform does; every host name leads there. With --broker it reaches any \
other MQTT broker, with --dns the whole network.

Everything that goes over the serial line is shown, with its time. While it runs, type `help` and Enter to see how to \
restart the modem, cut its connection, send it a message and more.";

const EXAMPLES: &str = "\
Examples:
  Listen on 127.0.0.1:7035, with the built-in cloud:
      nt35e-sim
  Talk to it from a terminal:
      socat -,icrnl TCP:127.0.0.1:7035,crnl
  Serve a pseudo-terminal for a program that opens a serial port:
      nt35e-sim --pty --baud-rate 115200
  Sign in as a device of your own:
      nt35e-sim --device a1JszCpjS61,NT35E_06011,0123456789abcdef0123456789abcdef
  Use a broker on this machine, and write down what is said:
      nt35e-sim --broker localhost:1883 --transcript session.at
  See how your firmware takes a result before its OK, a misspelt result and results after 40 seconds:
      nt35e-sim --quirk result_order=before_ok --quirk unsubscribed_name=misspelt --delay publish=40000
  Restart behind the 17th byte from the modem after 12.5 s, and be without a network for a minute later on:
      nt35e-sim --faults '12.5s <17 restart; 40s deregister 60s'
  Let 100 faults strike by chance, and do the same again:
      nt35e-sim --faults 'random 100' --seed 7

The shortest session with the built-in cloud:
  AT+LMQTTCFG=\"cloud\",0,2,1
  AT+LMQTTCFG=\"aliauth\",0,\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"
  AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883
  AT+LMQTTCONN=0,\"NT35E\"
  AT+LMQTTSUBUNSUB=0,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",1
  AT+LMQTTPUB=0,1,1,0,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",10,\"1122334455\"";

/// The made-up device of the built-in cloud.
pub(crate) const DEVICE: [&str; 3] = ["a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef"];

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "nt35e-sim", version, about = ABOUT, long_about = LONG_ABOUT, after_long_help = EXAMPLES)]
pub(crate) struct Options {
    /// Where to listen for the host; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7035", help_heading = "Serial line")]
    pub(crate) listen: SocketAddr,

    /// Serve a pseudo-terminal instead of a TCP port, and show its path
    #[arg(long, conflicts_with = "listen", help_heading = "Serial line")]
    pub(crate) pty: bool,

    /// Pace the bytes in both directions as a UART of this speed does
    #[arg(long, value_name = "BAUD", value_parser = clap::value_parser!(u32).range(300..), help_heading = "Serial line")]
    pub(crate) baud_rate: Option<u32>,

    /// Let every connection lead to this MQTT broker instead of the built-in cloud
    #[arg(long, value_name = "HOST:PORT", value_parser = broker, help_heading = "Network")]
    pub(crate) broker: Option<SocketAddr>,

    /// Let every connection lead where its host name says, by this machine's name service
    #[arg(long, conflicts_with_all = ["broker", "device"], help_heading = "Network")]
    pub(crate) dns: bool,

    /// A device of the built-in cloud; may be given several times [default: a made-up one]
    #[arg(
        long,
        value_name = "PRODUCT_KEY,DEVICE_NAME,DEVICE_SECRET",
        value_parser = device,
        conflicts_with = "broker",
        help_heading = "Network"
    )]
    pub(crate) device: Vec<Device>,

    /// A product of the built-in cloud whose devices can register by its secret; may be given several times
    #[arg(
        long,
        value_name = "PRODUCT_KEY,PRODUCT_SECRET",
        value_parser = product,
        conflicts_with_all = ["broker", "dns"],
        help_heading = "Network"
    )]
    pub(crate) product: Vec<Product>,

    /// Let the built-in cloud behave differently in one point; see --list-quirks. May be given several times
    #[arg(
        long,
        value_name = "NAME=VALUE",
        value_parser = cloud,
        conflicts_with_all = ["broker", "dns"],
        help_heading = "Network"
    )]
    pub(crate) cloud: Vec<(String, String)>,

    /// Let the built-in cloud listen with TLS, and encrypt the connections that the host wants encrypted, with a certificate
    /// that is made at the start and trusted in every context
    #[cfg(feature = "tls")]
    #[arg(long, conflicts_with_all = ["broker", "dns", "tls_in_clear"], help_heading = "Network")]
    pub(crate) tls: bool,

    /// Make the connections that the host wants encrypted without encryption; otherwise they fail. The built-in cloud
    /// then takes every connection for an encrypted one
    #[arg(long, help_heading = "Network")]
    pub(crate) tls_in_clear: bool,

    /// Behave differently in one point; see --list-quirks. May be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = quirk, help_heading = "Behaviour")]
    pub(crate) quirk: Vec<(String, String)>,

    /// Take longer or shorter: boot, acknowledge, register, open, connect, subscribe, publish, disconnect or close. May
    /// be given several times
    #[arg(long, value_name = "NAME=MILLISECONDS", value_parser = delay, help_heading = "Behaviour")]
    pub(crate) delay: Vec<(String, Duration)>,

    /// Spoil bytes to the host all the time: fragment, gap, drop, repeat or corrupt. May be given several times
    #[arg(long, value_name = "NAME=NUMBER", value_parser = noise, help_heading = "Behaviour")]
    pub(crate) noise: Vec<(String, u32)>,

    /// Let things go wrong: `TIME [PLACE] FAULT`, with `;` between them, or `random N` for N of them by chance. Times are
    /// those since the start, a PLACE is `<17` for behind the 17th byte from the modem from then on, or `>17` from the host;
    /// see --list-quirks
    #[arg(long, value_name = "SCHEDULE", value_parser = faults, help_heading = "Behaviour")]
    pub(crate) faults: Option<Faults>,

    /// What chance starts from, for `--faults random` and --noise [default: the time]
    #[arg(long, value_name = "NUMBER", help_heading = "Behaviour")]
    pub(crate) seed: Option<u64>,

    /// Start as a modem that has long been running: no banner, already registered
    #[arg(long, help_heading = "Behaviour")]
    pub(crate) already_running: bool,

    /// List the quirks, delays, noise and faults with their meanings, and stop
    #[arg(long, help_heading = "Behaviour")]
    pub(crate) list_quirks: bool,

    /// Write what goes over the serial line to this file, the host's secrets too
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) transcript: Option<PathBuf>,

    /// When to use colours
    #[arg(long, visible_alias = "color", value_name = "WHEN", default_value = "auto", help_heading = "Output")]
    pub(crate) colour: ColorChoice,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Faults {
    Listed(Schedule),
    Random(usize),
}

impl Options {
    /// What goes wrong, and when.
    pub(crate) fn schedule(&self, seed: u64) -> Schedule {
        match &self.faults {
            None => Schedule::default(),
            Some(Faults::Listed(schedule)) => schedule.clone(),
            Some(Faults::Random(count)) => Schedule::by_chance(seed, *count, Mix::All),
        }
    }

    /// Settles when the output has colours.
    pub(crate) fn choose_colour(&self) {
        match self.colour {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }

    /// The devices of the built-in cloud.
    pub(crate) fn devices(&self) -> Vec<Device> {
        if self.device.is_empty() {
            let [product_key, device_name, device_secret] = DEVICE;
            return vec![Device::new(product_key, device_name, device_secret)];
        }
        self.device.clone()
    }
}

fn product(text: &str) -> Result<Product, String> {
    match text.split_once(',') {
        Some((key, secret)) if !key.is_empty() && !secret.is_empty() && !secret.contains(',') => {
            Ok(Product::new(key, secret))
        }
        _ => Err("a ProductKey and a ProductSecret separated by a comma are needed".to_owned()),
    }
}

fn cloud(text: &str) -> Result<(String, String), String> {
    let (name, value) = pair(text)?;
    CloudSettings::default().set(name, value).map_err(|error| format!("{error}; --list-quirks lists them"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn broker(text: &str) -> Result<SocketAddr, String> {
    let mut addresses = text.to_socket_addrs().map_err(|error| error.to_string())?;
    addresses.next().ok_or_else(|| "the name has no address".to_owned())
}

fn device(text: &str) -> Result<Device, String> {
    let parts: Vec<&str> = text.split(',').collect();
    match parts[..] {
        [product_key, device_name, device_secret] if parts.iter().all(|part| !part.is_empty()) => {
            Ok(Device::new(product_key, device_name, device_secret))
        }
        _ => Err("three names separated by commas are needed".to_owned()),
    }
}

pub(crate) fn quirk(text: &str) -> Result<(String, String), String> {
    let (name, value) = pair(text)?;
    Quirks::default().set(name, value).map_err(|error| format!("{error}; --list-quirks lists them"))?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) fn delay(text: &str) -> Result<(String, Duration), String> {
    let (name, value) = pair(text)?;
    let milliseconds = value.parse().map_err(|_| format!("`{value}` is no number of milliseconds"))?;
    let delay = Duration::from_millis(milliseconds);
    if !Delays::none().set(name, delay) {
        return Err(format!("no delay is called `{name}`; --list-quirks lists them"));
    }
    Ok((name.to_owned(), delay))
}

fn faults(text: &str) -> Result<Faults, String> {
    if let Some(count) = text.strip_prefix("random ") {
        return count.trim().parse().map(Faults::Random).map_err(|_| format!("`{count}` is no number of faults"));
    }
    text.parse().map(Faults::Listed).map_err(|error| format!("{error}; --list-quirks lists the faults"))
}

fn noise(text: &str) -> Result<(String, u32), String> {
    let (name, value) = pair(text)?;
    let number = value.parse().map_err(|_| format!("`{value}` is no number"))?;
    Noise::default().set(name, number).map_err(|error| format!("{error} as `{name}`; --list-quirks lists them"))?;
    Ok((name.to_owned(), number))
}

fn pair(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=').ok_or_else(|| "a name, = and a value are needed".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn error(arguments: &[&str]) -> String {
        let arguments = [&["nt35e-sim"], arguments].concat();
        Options::try_parse_from(arguments).unwrap_err().to_string()
    }

    #[test]
    fn the_definition_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn bad_options_are_named_with_what_is_wrong() {
        let cases = [
            (["--quirk", "no_such=1"], "no quirk is called `no_such`"),
            (["--quirk", "urc_key"], "a name, = and a value are needed"),
            (["--delay", "publish=soon"], "`soon` is no number of milliseconds"),
            (["--delay", "lunch=1"], "no delay is called `lunch`"),
            (["--noise", "rust=1"], "no such noise as `rust`"),
            (["--faults", "5s lunch"], "no fault is called `lunch`"),
            (["--faults", "random many"], "`many` is no number of faults"),
            (["--seed", "x"], "invalid digit"),
            (["--device", "a,b"], "three names separated by commas are needed"),
            (["--product", "a,b,c"], "a ProductKey and a ProductSecret separated by a comma are needed"),
            (["--cloud", "registration_qos=2"], "`registration_qos` takes 0|1, not `2`"),
            (["--cloud", "weather=1"], "no setting of the cloud is called `weather`"),
            (["--listen", "here"], "invalid socket address"),
            (["--baud-rate", "5"], "5 is not in 300.."),
            (["--colour", "pink"], "auto, always, never"),
        ];
        for (arguments, wrong) in cases {
            let error = error(&arguments);
            assert!(error.contains(arguments[0]) && error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn what_excludes_each_other() {
        assert!(error(&["--pty", "--listen", "127.0.0.1:1"]).contains("--pty"));
        assert!(error(&["--dns", "--broker", "127.0.0.1:1"]).contains("--dns"));
        assert!(error(&["--dns", "--device", "a,b,c"]).contains("--device"));
    }

    #[test]
    fn faults_come_from_a_list_or_from_a_seed() {
        let schedule = |arguments: &[&str]| Options::try_parse_from(arguments).unwrap().schedule(7);
        assert_eq!(schedule(&["nt35e-sim"]).to_string(), "");
        assert_eq!(schedule(&["nt35e-sim", "--faults", "9s cut;5s <1 kick"]).to_string(), "5s <1 kick; 9s cut");
        let random = schedule(&["nt35e-sim", "--faults", "random 12"]);
        assert_eq!(random, Schedule::by_chance(7, 12, Mix::All));
    }

    #[test]
    fn without_a_device_there_is_the_made_up_one() {
        let options = Options::try_parse_from(["nt35e-sim"]).unwrap();
        assert_eq!(options.devices(), [Device::new(DEVICE[0], DEVICE[1], DEVICE[2])]);
        let options = Options::try_parse_from(["nt35e-sim", "--device", "a,b,c", "--device", "d,e,f"]).unwrap();
        assert_eq!(options.devices(), [Device::new("a", "b", "c"), Device::new("d", "e", "f")]);
    }
}
