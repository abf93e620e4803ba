//! Each point where modems of this family differ, or where no source says what they do, as a switch with a name.

mod choice;
mod declare;
mod values;

use core::fmt;

use declare::quirks;
pub use values::*;

quirks! {
    /// How the simulated modem behaves where `protocol.md` leaves a choice. The default is what most evidence suggests.
    pub struct Quirks {
        // Framing and answers.
        /// Whether payload bytes sent after a prompt are echoed while echo is on (`protocol.md` §2).
        echo_payload: bool = false,
        /// What `AT+CMEE` is at power-on (`protocol.md` §8 no. 14).
        error_style: ErrorStyle = ErrorStyle::Numeric,
        /// Empty lines around answers; whoever counts lines must break (`protocol.md` §2).
        blank_lines: BlankLines = BlankLines::One,
        /// Whether a space follows the colon of an answer's prefix (`protocol.md` §2).
        prefix_space: PrefixSpace = PrefixSpace::Always,
        /// Whether the order of `OK` and result URC is the usual one (`protocol.md` §4.1 no. 1).
        result_order: ResultOrder = ResultOrder::AfterOk,
        /// Whether a URC may come between the prompt and the end of the payload; no source says (`protocol.md` §4.1).
        urc_during_payload: UrcDuringPayload = UrcDuringPayload::Held,
        /// What happens to a line that does not begin with `AT` (`protocol.md` §5.1).
        foreign_line: ForeignLine = ForeignLine::Ignored,

        // What the firmware knows.
        /// Which names the MQTT commands have; the old firmware's `AT+ECMT*` is not simulated (`protocol.md` §8 no. 15).
        firmware: Firmware = Firmware::Lmqtt,
        /// What the modem says it is (`protocol.md` §8 no. 20).
        product: Product = Product::Nt35e,
        /// `AT+LIP*` and `AT+LSSL*`, whose syntax no source gives (`protocol.md` §8 no. 16).
        sockets_and_tls: Support = Support::Unknown,
        /// `"sslenable"`, whose contexts no source explains (`protocol.md` §8 no. 19).
        tls_key: Acceptance = Acceptance::Accepted,
        /// `"pdpcid"`, which may only exist at Quectel (`protocol.md` §3.1).
        pdpcid_key: Acceptance = Acceptance::Refused,
        /// Keys of `AT+LMQTTCFG` without quotes (`protocol.md` §3.1).
        unquoted_key: Acceptance = Acceptance::Accepted,
        /// Connection ids 1 to 4; one connection at a time even so (`protocol.md` §3).
        other_ids: Acceptance = Acceptance::Refused,
        /// `AT+CGMM`, `AT+LGMR`, `AT+CGSN`, `AT+LCCID`, `AT+CIMI`, each seen on one module or another (`protocol.md` §5.2).
        identities: Support = Support::Accepted,
        /// Whether identities come in quotes (`protocol.md` §5.2).
        quoted_identity: bool = false,
        /// How `AT+CCLK?` writes the zone (`protocol.md` §5.2).
        clock_format: ClockFormat = ClockFormat::Quarters,
        /// From when the clock counts until the network tells the time; no source says (`protocol.md` §5.2).
        clock_epoch: ClockEpoch = ClockEpoch::Unix,
        /// What `AT+CPIN?` answers while the SIM is being read; no source says (`protocol.md` §5.2).
        sim_while_read: SimWhileRead = SimWhileRead::Busy,
        /// Whether the SIM asks for its PIN again after `AT+CFUN=0`; no source says (`protocol.md` §5.1).
        pin_after_radio: PinAfterRadio = PinAfterRadio::Kept,
        /// `AT+CGATT` and `AT+CGPADDR`, each seen on one module or another (`protocol.md` §5.2).
        packet_queries: Support = Support::Accepted,
        /// What `AT+CGPADDR` answers without an address; no source says (`protocol.md` §5.2).
        no_address: NoAddress = NoAddress::NoLine,
        /// Whether what `AT+CGDCONT` has set outlasts a restart; no source says (`protocol.md` §5.2).
        contexts: Contexts = Contexts::Kept,
        /// `AT+COPS`, by 3GPP alone (`protocol.md` §5.2).
        operator_selection: Support = Support::Accepted,
        /// `AT+CPSMS` and `AT+CEDRXS`, by 3GPP alone (`protocol.md` §5.2).
        power_saving: Support = Support::Accepted,

        // Settings.
        /// What `"urc"` is before it is set: with `hidden`, result URCs come only after `"urc",0,1` (`protocol.md` §8 no. 1).
        urc_default: UrcDefault = UrcDefault::Shown,
        /// Whether the firmware knows `"urc"` (`protocol.md` §8 no. 1).
        urc_key: Acceptance = Acceptance::Accepted,
        /// What `"cache"` is before it is set (`protocol.md` §3.1).
        cache_default: CacheDefault = CacheDefault::Direct,
        /// Whether the firmware knows `"cache"` (`protocol.md` §3.1).
        cache_key: Acceptance = Acceptance::Accepted,
        /// Whether `"recv/mode"` may ask for the payload's length (`protocol.md` §8 no. 5 and 6).
        show_length: Acceptance = Acceptance::Accepted,
        /// `AT+LMQTTREAD`, whose syntax is unknown, by analogy with Quectel's (`protocol.md` §8 no. 8).
        cached_read: Support = Support::Accepted,

        // Opening and signing in.
        /// How `AT+LMQTTOPEN` of an open connection fails (`protocol.md` §3.2).
        open_in_use: OpenInUse = OpenInUse::Result,
        /// How a refused sign-in is told (`protocol.md` §9).
        refused_login: RefusedLogin = RefusedLogin::ResultThenStats,
        /// Whether TLS works with a context that nobody has prepared; how to prepare one no source says (`protocol.md` §6.3).
        tls_contexts: TlsContexts = TlsContexts::Ready,
        /// How long client id, user name and password may be (`protocol.md` §3).
        login_lengths: LoginLengths = LoginLengths::Manual,
        /// An old link's `STATS,0,1` comes before the result of the new sign-in (`protocol.md` §4.1 no. 8).
        stale_stats: bool = false,
        /// Queued messages of the session come in the same burst as the result of the sign-in (`protocol.md` §4.1 no. 2).
        session_burst: bool = false,
        /// How the modem signs what `"aliauth"` gave it; no source says (`aliyun.md` §3).
        aliauth_sign: AliauthSign = AliauthSign::HmacSha1,
        /// Whether the signed client id carries a timestamp; no source says (`aliyun.md` §3).
        aliauth_timestamp: bool = false,
        /// What the signed client id says of the connection; no source says (`aliyun.md` §3).
        aliauth_secure_mode: AliauthSecureMode = AliauthSecureMode::OfTheLink,

        // Subscribing.
        /// The fourth field of a subscription's result (`protocol.md` §8 no. 11).
        subscribed_field: SubscribedField = SubscribedField::Granted,
        /// How a subscription that the broker refused is told (`protocol.md` §8 no. 11).
        refused_subscription: RefusedSubscription = RefusedSubscription::Failed,
        /// Several topics in one command, allowed by the syntax and seen nowhere (`protocol.md` §8 no. 12).
        several_topics: Acceptance = Acceptance::Accepted,
        /// The manual's misspelling of the result of unsubscribing (`protocol.md` §3.4).
        unsubscribed_name: UnsubscribedName = UnsubscribedName::Correct,
        /// Message id 0 where a packet id is needed (`protocol.md` §8 no. 18).
        message_id_zero: Acceptance = Acceptance::Refused,

        // Publishing.
        /// Where the `OK` of a publish with prompt comes (`protocol.md` §8 no. 2).
        prompt_ok: PromptOk = PromptOk::AfterData,
        /// Whether the payload after a prompt must be followed by 0x1A (`protocol.md` §8 no. 2).
        ctrl_z: CtrlZ = CtrlZ::Payload,
        /// What 0x1B does after a prompt (`protocol.md` §8 no. 3).
        escape: Escape = Escape::Payload,
        /// Bytes 0x1A and 0x1B in an inline payload (`protocol.md` §8 no. 3).
        inline_control: Acceptance = Acceptance::Accepted,
        /// The longest inline payload: 1024 or 1460 by the manuals (`protocol.md` §8 no. 4).
        inline_limit: u32 = 1024,
        /// The longest payload after a prompt (`protocol.md` §8 no. 4).
        prompt_limit: u32 = 8000,
        /// What is printed for a publish that the broker acknowledged (`protocol.md` §8 no. 10).
        published_result: PublishedResult = PublishedResult::Zero,
        /// What is printed for a publish that nobody acknowledged (`protocol.md` §3.5).
        unacknowledged: Unacknowledged = Unacknowledged::One,
        /// What becomes of pending results when the link is lost; no source says (`protocol.md` §4.1 no. 9).
        results_after_loss: ResultsAfterLoss = ResultsAfterLoss::Silent,

        // Receiving.
        /// Whether the payload in `RECV` stands in quotes (`protocol.md` §8 no. 7).
        payload_quotes: bool = false,
        /// What the length in `RECV` counts in the hex format (`protocol.md` §4).
        hex_length: HexLength = HexLength::Bytes,

        // Closing.
        /// The result URCs of `AT+LMQTTDISC` and `AT+LMQTTCLOSE` (`protocol.md` §8 no. 9).
        teardown_results: TeardownResults = TeardownResults::Printed,
        /// A `STATS,0,1` after the host's own disconnect or close (`protocol.md` §8 no. 13).
        stats_after_teardown: bool = false,

        // Power-on.
        /// Whether echo is on again after a restart, as every driver expects (`protocol.md` §2).
        echo_after_restart: EchoAfterRestart = EchoAfterRestart::On,
        /// Whether `NORMAL POWER DOWN` is printed; seen on one module (`protocol.md` §5.1).
        power_down_notice: PowerDownNotice = PowerDownNotice::Printed,
        /// What a supply cut does that was shorter than its capacitors last (`protocol.md` §5.1).
        short_supply_cut: ShortSupplyCut = ShortSupplyCut::Unnoticed,
        /// How the boot banner ends and what follows it (`protocol.md` §5.1).
        boot_banner: BootBanner = BootBanner::Separate,
        /// Status lines after the banner, as sister firmwares print them (`protocol.md` §5.1).
        boot_lines: bool = false,
        /// Bytes of noise before the banner (`protocol.md` §8 no. 17).
        power_on_noise: bool = false,
        /// The first command after power-on is lost, as with automatic baud rate (`protocol.md` §8 no. 17).
        first_line_lost: bool = false,
        /// After so many seconds without a byte from the host the modem sleeps, and loses the line that wakes it; 0 for
        /// never (`protocol.md` §8 no. 17).
        sleeps_after: u32 = 0,
    }
}

/// One line of [`Quirks::all`].
#[derive(Clone, Debug)]
pub struct QuirkEntry {
    /// The field's name.
    pub name: &'static str,
    /// What it can be, separated by `|`; `NUMBER` for any number.
    pub values: &'static str,
    /// What it is unless set.
    pub default: String,
    /// What it means and where that comes from.
    pub meaning: &'static str,
}

/// Why a quirk could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuirkError {
    /// There is no quirk of this name.
    Name(String),
    /// The quirk cannot be this.
    Value {
        /// The quirk.
        name: &'static str,
        /// What it can be.
        values: &'static str,
        /// What was asked for.
        given: String,
    },
}

impl fmt::Display for QuirkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "no quirk is called `{name}`"),
            Self::Value { name, values, given } => write!(f, "quirk `{name}` takes {values}, not `{given}`"),
        }
    }
}

impl core::error::Error for QuirkError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quirk_takes_each_of_its_values_by_name() {
        for entry in Quirks::all() {
            let values = entry.values.split('|').filter(|value| *value != "NUMBER");
            for value in values {
                let mut quirks = Quirks::default();
                quirks.set(entry.name, value).unwrap();
                assert_eq!(quirks.get(entry.name).unwrap(), value, "{}", entry.name);
            }
        }
    }

    #[test]
    fn the_listed_default_is_the_default() {
        for entry in Quirks::all() {
            assert_eq!(Quirks::default().get(entry.name).unwrap(), entry.default, "{}", entry.name);
        }
    }

    #[test]
    fn every_meaning_names_its_source() {
        for entry in Quirks::all() {
            assert!(entry.meaning.contains(".md` §"), "{}: {}", entry.name, entry.meaning);
        }
    }

    #[test]
    fn a_bad_name_and_a_bad_value_are_told_apart() {
        let mut quirks = Quirks::default();
        assert_eq!(quirks.set("no_such", "yes").unwrap_err().to_string(), "no quirk is called `no_such`");
        assert_eq!(
            quirks.set("urc_key", "maybe").unwrap_err().to_string(),
            "quirk `urc_key` takes accepted|refused, not `maybe`"
        );
        quirks.set("inline_limit", "1460").unwrap();
        assert_eq!(quirks.inline_limit, 1460);
    }
}
