//! Power-on, restart and power-down, with what the modem prints then (`protocol.md` §5.1).

use core::time::Duration;

use super::Modem;
use super::at::Reader;
use super::board::Task;
use super::general::Device;
use super::quirks::{BootBanner, Contexts, EchoAfterRestart, PowerDownNotice};
use super::run::Phase;
use super::settings::ModemSettings;

/// The ROM's banner: no line end of its own, and a backslash and `n` that some captures show.
const ROM_BANNER: &[u8] = b"^boot.rom'v\x01\x00\x82'!\\n";

/// The firmware's banner. That it holds this word is known, its text is not.
const FIRMWARE_BANNER: &[u8] = b"Lierda NT35E";

/// What sister firmwares print after it.
const BOOT_LINES: [&[u8]; 3] = [b"RDY", b"^MODE: 17,17", b"+CPIN: READY"];

/// What a line picks up while the supply rises.
const NOISE: &[u8] = &[0x00, 0xFF, 0xFE, 0x80, 0x00, 0xE3];

impl Modem {
    /// Restarts the modem at once, whatever it is doing: everything set by commands is lost, and so is what it still had
    /// to say.
    pub fn restart(&mut self, now: Duration) {
        self.forget_everything(now);
        self.power_on(now);
    }

    /// Says `NORMAL POWER DOWN` and stops. [`restart`](Self::restart) powers the modem on again.
    pub fn power_down(&mut self, now: Duration) {
        self.run(now);
        self.switch_off(now);
    }

    pub(super) fn switch_off(&mut self, now: Duration) {
        self.forget_everything(now);
        if self.board.quirks.power_down_notice == PowerDownNotice::Printed {
            self.say(&self.writer().line(b"NORMAL POWER DOWN"), now);
        }
    }

    /// Stops without a word.
    pub(super) fn die(&mut self, now: Duration) {
        self.forget_everything(now);
    }

    /// Restarts because a command said so: the answer to it still goes out.
    pub(super) fn restart_after_answer(&mut self, now: Duration) {
        let answered = self.to_host.busy_until();
        if answered > now {
            self.board.agenda.add(answered, Task::Restart);
        } else {
            self.restart(now);
        }
    }

    /// Starts to boot.
    pub(super) fn power_on(&mut self, now: Duration) {
        self.power_is_back();
        self.phase = Phase::Booting;
        self.device.radio.powered_on(now);
        if self.board.quirks.power_on_noise {
            self.say(NOISE, now);
        }
        self.deaf_to_first_line = self.board.quirks.first_line_lost;
        if self.board.quirks.boot_banner != BootBanner::Silent {
            self.say(ROM_BANNER, now);
        }
        self.board.agenda.add(now + self.board.delays.boot, Task::Booted);
    }

    /// The firmware has started.
    pub(super) fn booted(&mut self, now: Duration) {
        self.phase = Phase::Idle;
        self.last_input = now;
        let writer = self.writer();
        match self.board.quirks.boot_banner {
            BootBanner::Separate => self.say(&writer.line(FIRMWARE_BANNER), now),
            BootBanner::Glued => self.say(&[FIRMWARE_BANNER, b"\r\n"].concat(), now),
            BootBanner::RomOnly | BootBanner::Silent => {}
        }
        if self.board.quirks.boot_lines {
            for line in BOOT_LINES {
                self.say(&writer.line(line), now);
            }
        }
        self.device.radio.search(&mut self.board, now);
    }

    /// Is as a modem that started long ago.
    pub(super) fn wake(&mut self, now: Duration) {
        self.phase = Phase::Idle;
        self.device.radio.search(&mut self.board, now);
        self.device.radio.register(&mut self.board, now);
    }

    fn forget_everything(&mut self, now: Duration) {
        self.phase = Phase::Off;
        self.to_host.cut(self.to_host.arrived(now), now);
        self.from_host.clear(now);
        self.reader = Reader::new();
        self.held.clear();
        self.mqtt.reset(&mut self.board);
        // What is done to its pins goes on.
        self.board.agenda.retain(|task| matches!(task, Task::KeyHeld | Task::ResetHeld | Task::Discharged));
        let radio = self.device.radio.settings.clone();
        let settings = ModemSettings { radio, ..self.settings.clone() };
        let device = Device::new(&settings, self.board.quirks.error_style, now);
        let before = core::mem::replace(&mut self.device, device);
        if self.board.quirks.contexts == Contexts::Kept {
            self.device.radio.keep_contexts(before.radio.contexts());
        }
        if self.board.quirks.echo_after_restart == EchoAfterRestart::Kept {
            self.device.echo = before.echo;
        }
    }
}
