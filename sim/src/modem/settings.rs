//! What a simulated modem is like: its identity, its radio, its delays, its quirks.

use core::time::Duration;

use super::keys::Keys;
use super::quirks::Quirks;
use super::serial::Noise;

/// Everything that is set before power-on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModemSettings {
    /// Where modems of this family differ.
    pub quirks: Quirks,
    /// How long everything takes.
    pub delays: Delays,
    /// What the line towards the host does to the bytes.
    pub noise: Noise,
    /// What the line from the host does to the bytes.
    pub input_noise: Noise,
    /// Paces the bytes in both directions; `None` delivers them at once.
    pub baud_rate: Option<u32>,
    /// Numbers that the modem and its SIM tell.
    pub identity: Identity,
    /// SIM, signal and registration.
    pub radio: Radio,
    /// How PWRKEY, RESET and the supply are to be worked.
    pub keys: Keys,
    /// Starts without power from the start: PWRKEY, or [`restart`](super::Modem::restart), switches it on.
    pub off: bool,
    /// Starts long after power-on: no banner, already registered.
    pub already_running: bool,
}

impl ModemSettings {
    /// A modem that has been running for a while and answers in no time.
    pub fn instant() -> Self {
        Self { delays: Delays::none(), already_running: true, ..Self::default() }
    }
}

/// How long everything takes (`protocol.md` §3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delays {
    /// From power-on to the firmware's banner; before it, the modem hears nothing.
    pub boot: Duration,
    /// From the end of a command to its answer or prompt.
    pub acknowledge: Duration,
    /// From power-on or `AT+CFUN=1` until the SIM was read.
    pub sim: Duration,
    /// From power-on or `AT+CFUN=1` to registration.
    pub register: Duration,
    /// From registration until packets can be carried.
    pub attach: Duration,
    /// From then until there is an address.
    pub address: Duration,
    /// From `AT+LMQTTOPEN` to its result, at least.
    pub open: Duration,
    /// From `AT+LMQTTCONN` to its result, at least.
    pub connect: Duration,
    /// From `AT+LMQTTSUBUNSUB` to its result, at least.
    pub subscribe: Duration,
    /// From `AT+LMQTTPUB` to its result, at least.
    pub publish: Duration,
    /// From `AT+LMQTTDISC` to its result.
    pub disconnect: Duration,
    /// From `AT+LMQTTCLOSE` to its result.
    pub close: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            boot: Duration::from_millis(500),
            acknowledge: Duration::from_millis(7),
            sim: Duration::ZERO,
            register: Duration::from_secs(2),
            attach: Duration::ZERO,
            address: Duration::ZERO,
            open: Duration::from_millis(500),
            connect: Duration::from_millis(200),
            subscribe: Duration::from_millis(150),
            publish: Duration::from_millis(100),
            disconnect: Duration::from_millis(50),
            close: Duration::from_millis(50),
        }
    }
}

impl Delays {
    /// Every name that [`set`](Self::set) knows, with its meaning.
    pub const NAMES: [(&'static str, &'static str); 12] = [
        ("boot", "power-on to the firmware's banner"),
        ("acknowledge", "end of a command to its answer or prompt"),
        ("sim", "power-on or AT+CFUN=1 until the SIM was read"),
        ("register", "power-on or AT+CFUN=1 to registration"),
        ("attach", "registration until packets can be carried"),
        ("address", "that until there is an address"),
        ("open", "AT+LMQTTOPEN to its result, at least"),
        ("connect", "AT+LMQTTCONN to its result, at least"),
        ("subscribe", "AT+LMQTTSUBUNSUB to its result, at least"),
        ("publish", "AT+LMQTTPUB to its result, at least"),
        ("disconnect", "AT+LMQTTDISC to its result"),
        ("close", "AT+LMQTTCLOSE to its result"),
    ];

    /// No delay anywhere.
    pub fn none() -> Self {
        Self {
            boot: Duration::ZERO,
            acknowledge: Duration::ZERO,
            sim: Duration::ZERO,
            register: Duration::ZERO,
            attach: Duration::ZERO,
            address: Duration::ZERO,
            open: Duration::ZERO,
            connect: Duration::ZERO,
            subscribe: Duration::ZERO,
            publish: Duration::ZERO,
            disconnect: Duration::ZERO,
            close: Duration::ZERO,
        }
    }

    /// Sets the delay with one of [`NAMES`](Self::NAMES); false if there is none of that name.
    pub fn set(&mut self, name: &str, delay: Duration) -> bool {
        let field = match name {
            "boot" => &mut self.boot,
            "acknowledge" => &mut self.acknowledge,
            "sim" => &mut self.sim,
            "register" => &mut self.register,
            "attach" => &mut self.attach,
            "address" => &mut self.address,
            "open" => &mut self.open,
            "connect" => &mut self.connect,
            "subscribe" => &mut self.subscribe,
            "publish" => &mut self.publish,
            "disconnect" => &mut self.disconnect,
            "close" => &mut self.close,
            _ => return false,
        };
        *field = delay;
        true
    }
}

/// Numbers that the modem and its SIM tell; all made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// 15 digits.
    pub imei: String,
    /// What `AT+CGSN=0` answers.
    pub serial_number: String,
    /// 20 characters, the last of which may be a letter.
    pub iccid: String,
    /// 15 digits.
    pub imsi: String,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            imei: "860000000000017".to_owned(),
            serial_number: "NT35E0000000017".to_owned(),
            iccid: "8986000000000000017D".to_owned(),
            imsi: "460000000000017".to_owned(),
        }
    }
}

/// SIM, signal and registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Radio {
    /// Whether a SIM is inserted.
    pub sim: bool,
    /// The PIN that the SIM asks for after power-on; none if it does not.
    pub pin: Option<String>,
    /// How many wrong PINs lock the SIM.
    pub pin_tries: u32,
    /// How many the SIM has seen, one after the other; it does not forget them without power.
    pub wrong_pins: u32,
    /// What becomes of the search for a network.
    pub registration: Registration,
    /// What becomes of it later, each with its time since power-on or `AT+CFUN=1`.
    pub registration_course: Vec<(Duration, Registration)>,
    /// The number of the operator that is there.
    pub operator: String,
    /// The access point that the network asks for; none if any will do.
    pub apn: Option<String>,
    /// First number of `+CSQ`: 0 to 31, 99 for unknown.
    pub signal: u8,
    /// Second number of `+CSQ`.
    pub bit_errors: u8,
    /// The address of the default bearer.
    pub address: String,
    /// The network's time at power-on, in seconds since 1970.
    pub clock: u64,
}

impl Default for Radio {
    fn default() -> Self {
        Self {
            sim: true,
            pin: None,
            pin_tries: 3,
            wrong_pins: 0,
            registration: Registration::Home,
            registration_course: Vec::new(),
            operator: "46000".to_owned(),
            apn: None,
            signal: 29,
            bit_errors: 0,
            address: "10.0.0.17".to_owned(),
            // 2026-01-15 00:30:00 UTC, so that runs are alike.
            clock: 1_768_437_000,
        }
    }
}

/// What becomes of the search for a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Registered in the home network.
    Home,
    /// Registered as a roaming user.
    Roaming,
    /// The network refuses.
    Denied,
    /// The search goes on for ever.
    Never,
    /// Out of coverage.
    Unknown,
    /// Registered in the home network, for short messages alone.
    MessagesHome,
    /// Registered as a roaming user, for short messages alone.
    MessagesRoaming,
    /// Attached for emergency calls alone.
    Emergency,
    /// Registered in the home network, and not for fallback to voice.
    DataHome,
    /// Registered as a roaming user, and not for fallback to voice.
    DataRoaming,
    /// Attached for restricted local services alone.
    Restricted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_delay_can_be_set() {
        for (name, _) in Delays::NAMES {
            let mut delays = Delays::none();
            assert!(delays.set(name, Duration::from_millis(3)), "{name}");
            assert_ne!(delays, Delays::none(), "{name}");
        }
        assert!(!Delays::none().set("lunch", Duration::ZERO));
    }
}
