//! The commands of every modem: identity, SIM, signal, registration, packet service, clock, echo and errors.

mod card;
mod clock;
mod identity;
mod packet;
mod radio;
mod wishes;

use core::time::Duration;

use super::at::{Arguments, Command, Form, Refusal};
use super::board::{Board, Reply, Task};
use super::quirks::{ErrorStyle, Support};
use super::settings::{Identity, ModemSettings};
use radio::RadioState;

/// Everything about the modem that is not MQTT.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) echo: bool,
    pub(crate) error_style: ErrorStyle,
    pub(crate) radio: RadioState,
    identity: Identity,
}

impl Device {
    /// The device right after power-on.
    pub(crate) fn new(settings: &ModemSettings, error_style: ErrorStyle, powered_on_at: Duration) -> Self {
        Self {
            echo: true,
            error_style,
            radio: RadioState::new(&settings.radio, powered_on_at),
            identity: settings.identity.clone(),
        }
    }

    pub(crate) fn execute(
        &mut self,
        board: &mut Board,
        command: &Command<'_>,
        now: Duration,
    ) -> Result<Reply, Refusal> {
        if let Some(answer) = identity::execute(&self.identity, &self.radio, &board.quirks, command, now) {
            return answer;
        }
        if let Some(answer) = self.radio.execute(board, command, now) {
            return answer;
        }
        match (command.name.as_str(), command.form) {
            ("" | "E0" | "E" | "E1", Form::Execute) => {
                match command.name.as_str() {
                    "" => {}
                    "E1" => self.echo = true,
                    _ => self.echo = false,
                }
                Ok(Reply::OK)
            }
            ("+CMEE", form) => self.error_reporting(form),
            ("+IPR", Form::Set(rate)) => {
                const RATES: [u32; 9] = [0, 4800, 9600, 19200, 38400, 57600, 115_200, 230_400, 921_600];
                let rate = Arguments::new(rate).integer(0..=921_600)?;
                if RATES.contains(&rate) { Ok(Reply::OK) } else { Err(Refusal::NotAllowed) }
            }
            // Unverified: the reset command's name is not known (`protocol.md` §5.1).
            ("+RESET" | "+ECRST", Form::Execute) => {
                board.agenda.add(now, Task::Restart);
                Ok(Reply::OK)
            }
            (name, _) if is_socket_or_tls(name) && board.quirks.sockets_and_tls == Support::Accepted => Ok(Reply::OK),
            _ => Err(Refusal::Unknown),
        }
    }

    fn error_reporting(&mut self, form: Form<'_>) -> Result<Reply, Refusal> {
        const STYLES: [ErrorStyle; 3] = [ErrorStyle::Plain, ErrorStyle::Numeric, ErrorStyle::Text];
        match form {
            Form::Set(value) => {
                let number = Arguments::new(value).integer(0..=2)?;
                self.error_style = STYLES[number as usize];
                Ok(Reply::OK)
            }
            Form::Read => {
                let number = STYLES.iter().position(|style| *style == self.error_style).unwrap_or_default();
                Ok(Reply::line(format!("+CMEE: {number}")))
            }
            Form::Test => Ok(Reply::line("+CMEE: (0-2)")),
            Form::Execute => Err(Refusal::NotAllowed),
        }
    }
}

fn is_socket_or_tls(name: &str) -> bool {
    name.starts_with("+LIP") || name.starts_with("+LSSL")
}
