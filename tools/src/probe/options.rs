//! What `nt35e probe` takes.

use clap::Args;

use crate::cli::ModemOptions;

/// What `probe` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProbeOptions {
    #[command(flatten)]
    pub(crate) modem: ModemOptions,

    /// For machines: one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,

    /// A broker that the modem reaches
    #[arg(long)]
    pub(crate) host: Option<String>,

    /// The broker's port
    #[arg(long, value_name = "PORT", default_value_t = 1883)]
    pub(crate) broker_port: u16,

    /// The broker's port for TLS; skipped without
    #[arg(long, value_name = "PORT")]
    pub(crate) tls_port: Option<u16>,

    /// User name at the broker; anonymous without
    #[arg(long)]
    pub(crate) username: Option<String>,

    /// Password at the broker
    #[arg(long, requires = "username")]
    pub(crate) password: Option<String>,

    /// How client ids begin
    #[arg(long, value_name = "PREFIX", default_value = "nt35e-", value_parser = plain)]
    pub(crate) client_id: String,

    /// How topics begin
    #[arg(long, value_name = "PREFIX", default_value = "nt35e-probe", value_parser = plain)]
    pub(crate) topic: String,

    /// PIN of the SIM, if it has one
    #[arg(long, value_name = "PIN", value_parser = plain)]
    pub(crate) sim_pin: Option<String>,

    /// Asks you to cut the supply and to press keys
    #[arg(long)]
    pub(crate) with_restarts: bool,

    /// Looks for sleep after pauses of up to so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) silence: Option<u32>,

    /// Only these experiments
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Names the experiments, and does none
    #[arg(long)]
    pub(crate) list: bool,
}

/// Takes what can stand in a command line of the modem.
fn plain(text: &str) -> Result<String, &'static str> {
    let is_plain = text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if is_plain { Ok(text.to_owned()) } else { Err("up to 32 printable characters, without spaces and quotes") }
}
