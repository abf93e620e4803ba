//! The modem as a host sees it, with a broker played by hand. The Aliyun double takes part in the tests of the world.

mod closing;
mod connecting;
mod general;
mod keys;
mod opening;
mod order;
mod packet;
mod power;
mod publishing;
mod receiving;
mod sim_card;
mod subscribing;

use core::time::Duration;

use super::{Delays, Modem, ModemSettings, NetworkEvent, NetworkRequest, Quirks};

const CONNACK: &[u8] = b"\x20\x02\0\0";

/// A modem, its host and its broker.
struct Bench {
    modem: Modem,
    now: Duration,
}

impl Bench {
    /// A running modem without delays and echo.
    fn new() -> Self {
        Self::with(&[])
    }

    /// The same with quirks.
    fn with(quirks: &[(&str, &str)]) -> Self {
        let mut bench = Self::start(ModemSettings { quirks: quirks_of(quirks), ..ModemSettings::instant() });
        bench.say("ATE0");
        bench
    }

    fn start(settings: ModemSettings) -> Self {
        Self { modem: Modem::new(settings, Duration::ZERO), now: Duration::ZERO }
    }

    /// A modem that is signed in, and whose requests so far are taken.
    fn connected(quirks: &[(&str, &str)]) -> Self {
        let mut bench = Self::with(quirks);
        bench.sign_in("AT+LMQTTCFG=\"session\",0,1");
        bench
    }

    /// Sets something, opens, signs in; takes what is said on both sides.
    fn sign_in(&mut self, setting: &str) {
        self.say(setting);
        self.say("AT+LMQTTOPEN=0,\"broker\",1883");
        self.network(NetworkEvent::Opened);
        self.say("AT+LMQTTCONN=0,\"id\"");
        self.broker(CONNACK);
        self.hear();
        self.requests();
    }

    /// Sends a line and gives the lines that come back by now.
    fn say(&mut self, line: &str) -> String {
        self.raw(format!("{line}\r\n").as_bytes());
        self.hear()
    }

    /// Sends bytes as they are.
    fn raw(&mut self, bytes: &[u8]) {
        self.modem.write(bytes, self.now);
    }

    /// The lines that have come, without the empty ones, separated by `|`.
    fn hear(&mut self) -> String {
        let text = self.hear_raw();
        let lines: Vec<&str> = text.split("\r\n").filter(|line| !line.is_empty()).collect();
        lines.join("|")
    }

    /// Everything that has come.
    fn hear_raw(&mut self) -> String {
        String::from_utf8_lossy(&self.modem.read(self.now)).into_owned()
    }

    /// Lets time pass and gives the lines that have come by then.
    fn later(&mut self, time: Duration) -> String {
        self.now += time;
        self.hear()
    }

    fn network(&mut self, event: NetworkEvent) {
        self.modem.network_event(event, self.now);
    }

    /// Bytes from the broker.
    fn broker(&mut self, bytes: &[u8]) {
        self.network(NetworkEvent::Received(bytes.to_vec()));
    }

    fn requests(&mut self) -> Vec<NetworkRequest> {
        self.modem.network_requests()
    }

    /// The bytes for the broker.
    fn sent(&mut self) -> Vec<u8> {
        let sent = self.requests().into_iter().filter_map(|request| match request {
            NetworkRequest::Send(bytes) => Some(bytes),
            _ => None,
        });
        sent.flatten().collect()
    }
}

fn quirks_of(values: &[(&str, &str)]) -> Quirks {
    let mut quirks = Quirks::default();
    for (name, value) in values {
        quirks.set(name, value).unwrap();
    }
    quirks
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
