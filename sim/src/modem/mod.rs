//! The simulated modem: a sans-IO core that speaks AT on one side and asks for a TCP connection on the other.
//!
//! [`Modem`] has no thread, no socket and no clock. Bytes come in and go out as arguments, and so does the time, counted
//! from the start of the simulation. Its layers, each using only those above it:
//!
//! ```text
//! quirks/   settings.rs   what this modem is like
//! agenda.rs               what is still to be done, by time
//! serial/                 the two wires: pacing, delays, noise, harm to bytes
//! at/                     lines, payloads, arguments, answers; knows no command
//! network.rs              what is asked of the network and told by it
//! record.rs               what became of each message, and of each spoiled byte
//! board.rs                what all commands share
//! general/                identity, SIM, registration, packet service, clock
//! session/                an MQTT 3.1.1 client, which knows nothing of AT
//! mqtt/                   AT+LMQTT*
//! run.rs  power.rs        the loop, power-on and restarts
//! keys.rs                 PWRKEY, RESET and the supply
//! trouble.rs              faults at work
//! ```

mod agenda;
mod at;
mod board;
mod general;
mod keys;
mod mqtt;
mod network;
mod power;
mod quirks;
mod record;
mod run;
mod serial;
mod session;
mod settings;
mod trouble;

use core::time::Duration;

use at::{Reader, Writer};
use board::Board;
use general::Device;
use keys::Inputs;
pub use keys::Keys;
use mqtt::Mqtt;
pub use network::{NetworkEvent, NetworkRequest, OpenFailure};
pub use quirks::*;
pub use record::{Delivery, Fate, Spoiled};
use run::Phase;
use serial::{Matter, Wire};
pub use serial::{Noise, UnknownNoise};
pub use settings::{Delays, Identity, ModemSettings, Radio, Registration};
use trouble::Trouble;

/// A simulated modem.
///
/// ```
/// use core::time::Duration;
/// use nt35e_sim::modem::{Modem, ModemSettings};
///
/// let mut modem = Modem::new(ModemSettings::instant(), Duration::ZERO);
/// modem.write(b"AT+CSQ\r\n", Duration::ZERO);
/// assert_eq!(modem.read(Duration::ZERO), b"AT+CSQ\r\r\n+CSQ: 29,0\r\n\r\nOK\r\n");
/// ```
#[derive(Debug)]
pub struct Modem {
    settings: ModemSettings,
    board: Board,
    reader: Reader,
    from_host: Wire,
    to_host: Wire,
    device: Device,
    mqtt: Mqtt,
    phase: Phase,
    inputs: Inputs,
    /// Lines that wait for the end of a payload.
    held: Vec<(Vec<u8>, Matter)>,
    /// The first command after power-on or sleep is still to be lost.
    deaf_to_first_line: bool,
    last_input: Duration,
    trouble: Trouble,
    /// No step is taken before the one in front of it.
    clock: Duration,
}

impl Modem {
    /// Powers a modem on, unless it is to be off. `now` is, here and everywhere, the time since the start of the simulation.
    pub fn new(settings: ModemSettings, now: Duration) -> Self {
        let board = Board::new(settings.quirks.clone(), settings.delays.clone());
        let mut modem = Self {
            reader: Reader::new(),
            from_host: Wire::new(settings.baud_rate, &settings.input_noise),
            to_host: Wire::new(settings.baud_rate, &settings.noise),
            device: Device::new(&settings, settings.quirks.error_style, now),
            mqtt: Mqtt::default(),
            phase: Phase::Off,
            inputs: Inputs::new(),
            held: Vec::new(),
            deaf_to_first_line: false,
            last_input: now,
            trouble: Trouble::default(),
            clock: now,
            board,
            settings,
        };
        match (modem.settings.off, modem.settings.already_running) {
            (true, _) => {}
            (false, true) => modem.wake(now),
            (false, false) => modem.power_on(now),
        }
        modem.run(now);
        modem
    }

    /// Takes bytes from the host's TX line, in any chunks.
    pub fn write(&mut self, bytes: &[u8], now: Duration) {
        self.run(now);
        for byte in bytes {
            let matter = self.board.record.of_host(*byte);
            self.from_host.push(&[*byte], matter, now);
        }
        self.run(now);
    }

    /// Gives the bytes that have reached the host by now; each is given once.
    pub fn read(&mut self, now: Duration) -> Vec<u8> {
        self.run(now);
        let record = &mut self.board.record;
        let arrived = self.to_host.take_due(now).inspect(|byte| record.reached_host(*byte));
        arrived.map(|byte| byte.value).collect()
    }

    /// When [`read`](Self::read) or [`tick`](Self::tick) will next have something to do. Any other call may change it.
    pub fn next_due(&self) -> Option<Duration> {
        [self.to_host.next_due(), self.next_step()].into_iter().flatten().min()
    }

    /// Does what is due by now. Calling it too often is harmless.
    pub fn tick(&mut self, now: Duration) {
        self.run(now);
    }

    /// Gives what the modem asks of the network; each request is given once.
    pub fn network_requests(&mut self) -> Vec<NetworkRequest> {
        core::mem::take(&mut self.board.network)
    }

    /// Tells the modem what happened on its connection.
    pub fn network_event(&mut self, event: NetworkEvent, now: Duration) {
        self.run(now);
        self.mqtt.network_event(&mut self.board, event, now);
        self.run(now);
    }

    /// The quirks, which may be changed at any time.
    pub fn quirks(&mut self) -> &mut Quirks {
        &mut self.board.quirks
    }

    /// The delays, which may be changed at any time.
    pub fn delays(&mut self) -> &mut Delays {
        &mut self.board.delays
    }

    /// The radio's settings: signal, SIM and clock may be changed at any time.
    pub fn radio(&mut self) -> &mut Radio {
        &mut self.device.radio.settings
    }

    /// Spoils the bytes that the modem has yet to send.
    pub fn set_noise(&mut self, noise: &Noise) {
        self.to_host.set_noise(noise);
    }

    /// Spoils the bytes that the host has yet to send.
    pub fn set_input_noise(&mut self, noise: &Noise) {
        self.from_host.set_noise(noise);
    }

    /// Lets the network change its mind about the registration.
    pub fn set_registration(&mut self, registration: Registration, now: Duration) {
        self.run(now);
        self.device.radio.set_registration(&mut self.board, registration, now);
        self.notice_radio(now);
        self.run(now);
    }

    /// Sends bytes to the host as they are, framed by nothing.
    pub fn inject(&mut self, bytes: &[u8], now: Duration) {
        self.run(now);
        self.say(bytes, now);
    }

    /// Lets nothing reach the host before `until`; what was due by then comes late.
    pub fn mute(&mut self, until: Duration) {
        self.to_host.hold(0, until);
    }

    /// The messages that the broker has handed to the modem, and how far each has come.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.board.record.deliveries
    }

    /// How many lines the modem has put on the line to the host that were no message; the echo does not count.
    pub fn lines(&self) -> u32 {
        self.board.record.lines
    }

    /// How many bytes the line has lost, doubled or changed.
    pub fn spoiled(&self) -> Spoiled {
        self.board.record.spoiled()
    }

    fn writer(&self) -> Writer {
        Writer { blank_lines: self.board.quirks.blank_lines, error_style: self.device.error_style }
    }
}

#[cfg(test)]
mod tests;
