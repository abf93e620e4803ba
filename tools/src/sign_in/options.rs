//! What `sign-in` takes, and how a recording names it without its secrets.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use nt35e::aliyun::sign::{SignMethod, Signing};
use nt35e::aliyun::{Region, SignIn};
use nt35e::command::{Tls, TlsContext};
use nt35e::{BringUp, Duration, KeepAlive, Network, Triple};

use crate::cli::ModemOptions;
use crate::destination::{self, host_and_port, region_parser};

/// What `sign-in` takes.
#[derive(Args, Debug)]
pub(crate) struct SignInOptions {
    #[command(flatten)]
    pub(crate) modem: ModemOptions,

    /// ProductKey of the device, from the console
    #[arg(long, value_name = "KEY")]
    pub(crate) product_key: String,

    /// DeviceName of the device, from the console
    #[arg(long, value_name = "NAME")]
    pub(crate) device_name: String,

    /// File that holds the DeviceSecret and nothing else, so that the secret is in no list of processes and no history
    #[arg(long, value_name = "FILE")]
    device_secret_file: PathBuf,

    /// Region of the product on the public instance
    #[arg(long, default_value = "cn-shanghai", value_parser = region_parser())]
    region: Region,

    /// Identifier of an instance, such as iot-060a06ph, instead of a region
    #[arg(long, conflicts_with = "region", value_name = "ID")]
    instance: Option<String>,

    /// MQTT host and port, instead of a region
    #[arg(long, conflicts_with_all = ["region", "instance"], value_name = "HOST:PORT", value_parser = host_and_port)]
    host: Option<(String, u16)>,

    /// Another port than 1883, such as 443, or 8883 for TLS
    #[arg(long, conflicts_with = "host", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    mqtt_port: Option<u16>,

    /// TLS, with a context of the modem that was prepared by raw commands
    #[arg(long, value_name = "0-5", value_parser = clap::value_parser!(u8).range(0..=5))]
    tls_context: Option<u8>,

    /// Who computes user name and password
    #[arg(long, value_name = "WHO", value_enum, default_value_t = Signer::Modem)]
    sign_by: Signer,

    /// Another client id than the DeviceName
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,

    /// Seconds that may pass without traffic; the platform takes 30 to 1200
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    keep_alive: u16,

    /// Access point; the modem's own if it is not given
    #[arg(long, value_name = "NAME")]
    apn: Option<String>,

    /// File that holds the PIN of the SIM; three wrong ones lock it
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,

    /// Takes the home network alone
    #[arg(long)]
    home_only: bool,

    /// A topic filter to subscribe to, such as /KEY/NAME/user/get; may be given more than once
    #[arg(long, value_name = "FILTER")]
    pub(crate) subscribe: Vec<String>,

    /// How long to stay signed in, and to print each event that comes
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=86_400))]
    pub(crate) stay: u32,
}

/// Who computes user name and password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Signer {
    /// The modem, from the triple
    Modem,
    /// The driver, by HMAC-SHA256; the DeviceSecret stays on this machine
    Host,
}

/// What must not be read anywhere.
pub(crate) struct Secrets {
    pub(crate) device_secret: String,
    pub(crate) pin: Option<String>,
}

impl SignInOptions {
    /// Reads the files.
    pub(crate) fn secrets(&self) -> Result<Secrets, String> {
        Ok(Secrets {
            device_secret: destination::read_secret("--device-secret-file", &self.device_secret_file)?,
            pin: self.pin_file.as_deref().map(|path| destination::read_secret("--pin-file", path)).transpose()?,
        })
    }

    /// What a replay uses: the file names of a recording are as many stars as the secrets have characters.
    pub(crate) fn stand_ins(&self) -> Secrets {
        let zeros = |path: &Path| "0".repeat(path.as_os_str().len());
        Secrets { device_secret: zeros(&self.device_secret_file), pin: self.pin_file.as_deref().map(zeros) }
    }

    /// How the modem is to be brought up.
    pub(crate) fn bring_up<'a>(&'a self, secrets: &'a Secrets) -> Result<BringUp<'a>, String> {
        let wait = Duration::from_secs(self.modem.wait);
        let network = Network::default().registered_within(wait).roaming(!self.home_only);
        let mut bring_up = BringUp::new(network).attached_within(wait);
        if wait < Duration::from_secs(30) {
            bring_up = bring_up.sim_within(wait);
        }
        if let Some(apn) = &self.apn {
            bring_up = bring_up.apn(apn).map_err(|invalid| format!("--apn: {invalid}"))?;
        }
        if let Some(pin) = &secrets.pin {
            bring_up = bring_up.sim_pin(pin).map_err(|invalid| format!("--pin-file: {invalid}"))?;
        }
        Ok(bring_up)
    }

    /// How the device is to be signed in.
    pub(crate) fn sign_in<'a>(&'a self, secrets: &'a Secrets) -> Result<SignIn<'a>, String> {
        let triple = Triple::new(&self.product_key, &self.device_name, &secrets.device_secret)
            .map_err(|invalid| format!("{}: {invalid}", destination::option_of(invalid)))?;
        let mut sign_in = SignIn::new(triple).region(self.region);
        if let Some(instance) = &self.instance {
            sign_in = sign_in.instance(instance).map_err(|invalid| format!("--instance: {invalid}"))?;
        }
        if let Some((host, port)) = &self.host {
            sign_in = sign_in.host(host, *port).map_err(|invalid| format!("--host: {invalid}"))?;
        }
        if let Some(port) = self.mqtt_port {
            sign_in = sign_in.port(port).map_err(|invalid| format!("--mqtt-port: {invalid}"))?;
        }
        if let Some(number) = self.tls_context {
            let context = TlsContext::new(number).map_err(|invalid| format!("--tls-context: {invalid}"))?;
            sign_in = sign_in.tls(Tls::On(context));
        }
        if self.sign_by == Signer::Host {
            sign_in = sign_in.signed_by_host(Signing::new(SignMethod::HMAC_SHA256));
        }
        if let Some(client_id) = &self.client_id {
            sign_in = sign_in.client_id(client_id).map_err(|invalid| format!("--client-id: {invalid}"))?;
        }
        KeepAlive::from_secs(self.keep_alive)
            .and_then(|keep_alive| sign_in.keep_alive(keep_alive))
            .map_err(|invalid| format!("--keep-alive: {invalid}"))
    }

    /// The options as words, with stars for the secrets.
    pub(crate) fn words(&self, secrets: &Secrets) -> Vec<String> {
        let mut words = self.modem.words();
        let mut add = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        let stars = |secret: &String| "*".repeat(secret.len());
        add("--product-key", Some(self.product_key.clone()));
        add("--device-name", Some(self.device_name.clone()));
        add("--device-secret-file", Some(stars(&secrets.device_secret)));
        let is_public = self.instance.is_none() && self.host.is_none();
        add("--region", is_public.then(|| self.region.id().to_owned()));
        add("--instance", self.instance.clone());
        add("--host", self.host.as_ref().map(|(host, port)| format!("{host}:{port}")));
        add("--mqtt-port", self.mqtt_port.map(|port| port.to_string()));
        add("--tls-context", self.tls_context.map(|number| number.to_string()));
        add("--sign-by", (self.sign_by == Signer::Host).then(|| "host".to_owned()));
        add("--client-id", self.client_id.clone());
        add("--keep-alive", Some(self.keep_alive.to_string()));
        add("--apn", self.apn.clone());
        add("--pin-file", secrets.pin.as_ref().map(stars));
        self.subscribe.iter().for_each(|filter| add("--subscribe", Some(filter.clone())));
        add("--stay", Some(self.stay.to_string()));
        if self.home_only {
            words.push("--home-only".to_owned());
        }
        words
    }
}
