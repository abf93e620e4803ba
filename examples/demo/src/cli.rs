//! The command line.

use core::time::Duration;
use std::path::PathBuf;

use clap::Parser;
use nt35e::aliyun::Region;
use nt35e_tools::destination::{host_and_port, region_parser};

/// Shows the nt35e driver doing its main job: sign in to Alibaba Cloud IoT, subscribe, publish, receive.
///
/// Without options it needs neither modem nor account: the driver talks to a simulated modem, which signs in at a double
/// of the cloud, and the demo compares what arrived there with what was meant to be sent. All of that runs in this
/// process, on the loopback interface.
///
/// With --serial it does the same with a real modem and the real cloud.
#[derive(Debug, Parser)]
#[command(name = "demo", bin_name = "cargo demo --", after_help = AFTER_HELP)]
pub(crate) struct Options {
    /// Hides the AT traffic
    #[arg(long)]
    pub(crate) quiet: bool,

    /// Serial port of a real modem, such as /dev/ttyUSB0 or COM3
    #[arg(
        long,
        value_name = "PORT",
        requires_all = ["product_key", "device_name", "device_secret_file"],
        help_heading = "With a real modem"
    )]
    serial: Option<String>,

    #[command(flatten)]
    hardware: Hardware,
}

const AFTER_HELP: &str = "\
The last line reads `demo: ok: ...` with what was proven, or `demo: failed: ...` with the reason.
Exit status: 0 ok, 1 failed, 2 wrong options.";

/// What a real modem needs beside its port.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "With a real modem")]
struct Hardware {
    /// Baud rate of the serial port
    #[arg(long, requires = "serial", default_value_t = 115_200, value_parser = clap::value_parser!(u32).range(1..))]
    baud_rate: u32,

    /// ProductKey of the device, from the console
    #[arg(long, requires = "serial", value_name = "KEY")]
    product_key: Option<String>,

    /// DeviceName of the device, from the console
    #[arg(long, requires = "serial", value_name = "NAME")]
    device_name: Option<String>,

    /// File that holds the DeviceSecret and nothing else, so that the secret is in no list of processes and no history
    #[arg(long, requires = "serial", value_name = "FILE")]
    device_secret_file: Option<PathBuf>,

    /// Region of the product on the public instance
    #[arg(long, requires = "serial", default_value = "cn-shanghai", value_parser = region_parser())]
    region: Region,

    /// MQTT host of the instance, instead of a region
    #[arg(long, requires = "serial", conflicts_with = "region", value_name = "HOST:PORT", value_parser = host_and_port)]
    host: Option<(String, u16)>,

    /// Custom topic, below /PRODUCT_KEY/DEVICE_NAME/, that the device may both publish and subscribe to
    #[arg(long, requires = "serial", value_name = "TOPIC", default_value = "user/update")]
    topic: String,

    /// How long to wait for somebody to set a property in the console
    #[arg(
        long,
        requires = "serial",
        value_name = "SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(0..=3600)
    )]
    property_wait: u32,
}

/// What the driver is to run on.
#[derive(Debug)]
pub(crate) enum Target {
    /// A simulated modem and a double of the cloud.
    Loopback,
    /// A real modem and the real cloud.
    Hardware(HardwareTarget),
}

/// A real modem, and the device that it is to be.
#[derive(Debug)]
pub(crate) struct HardwareTarget {
    pub(crate) port: String,
    pub(crate) baud_rate: u32,
    pub(crate) product_key: String,
    pub(crate) device_name: String,
    pub(crate) device_secret_file: PathBuf,
    pub(crate) region: Region,
    pub(crate) host: Option<(String, u16)>,
    pub(crate) topic: String,
    pub(crate) property_wait: Duration,
}

impl Options {
    /// What the options ask for.
    pub(crate) fn target(&self) -> Target {
        let Hardware { product_key, device_name, device_secret_file, .. } = &self.hardware;
        // clap has made sure that the other three are there if the port is.
        let (Some(port), Some(product_key), Some(device_name), Some(device_secret_file)) =
            (&self.serial, product_key, device_name, device_secret_file)
        else {
            return Target::Loopback;
        };
        Target::Hardware(HardwareTarget {
            port: port.clone(),
            baud_rate: self.hardware.baud_rate,
            product_key: product_key.clone(),
            device_name: device_name.clone(),
            device_secret_file: device_secret_file.clone(),
            region: self.hardware.region,
            host: self.hardware.host.clone(),
            topic: self.hardware.topic.clone(),
            property_wait: Duration::from_secs(u64::from(self.hardware.property_wait)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(options: &[&str]) -> Result<Target, clap::error::ErrorKind> {
        let words = core::iter::once(&"demo").chain(options);
        Options::try_parse_from(words).map(|options| options.target()).map_err(|error| error.kind())
    }

    const DEVICE: [&str; 6] = ["--product-key", "pk", "--device-name", "name", "--device-secret-file", "secret"];

    #[test]
    fn without_options_everything_is_simulated() {
        assert!(matches!(parse(&[]), Ok(Target::Loopback)));
        assert!(matches!(parse(&["--quiet"]), Ok(Target::Loopback)));
    }

    #[test]
    fn a_real_modem_needs_a_device() {
        let missing = clap::error::ErrorKind::MissingRequiredArgument;
        assert_eq!(parse(&["--serial", "COM3"]).unwrap_err(), missing);
        assert_eq!(parse(&["--product-key", "pk"]).unwrap_err(), missing);
        let options = [&["--serial", "COM3", "--region", "eu-central-1"], &DEVICE[..]].concat();
        let Ok(Target::Hardware(target)) = parse(&options) else { panic!("a real modem") };
        assert_eq!((target.port.as_str(), target.baud_rate, target.region), ("COM3", 115_200, Region::Frankfurt));
    }
}
