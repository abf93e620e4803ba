//! What the host wishes of the network: an operator, and how long the modem may sleep.

use crate::modem::at::{Arguments, Command, Form, Refusal};
use crate::modem::board::{Board, Reply};
use crate::modem::quirks::Support;
use crate::modem::settings::Radio;

/// E-UTRAN, the only radio that this modem has.
const LTE: u32 = 7;
/// E-UTRAN as `AT+CEDRXS` counts.
const LTE_RECEPTION: u32 = 4;

#[derive(Debug, Default)]
pub(super) struct Wishes {
    /// The mode of `AT+COPS`, and the operator that it names.
    mode: u32,
    operator: String,
    /// Periodic update and active time of `AT+CPSMS`, as bits.
    sleep: Option<(String, String)>,
    /// The cycle of `AT+CEDRXS`, as bits.
    cycle: Option<String>,
}

impl Wishes {
    /// Whether the modem may register with the operator that is there.
    pub(super) fn allow(&self, radio: &Radio) -> bool {
        self.mode != 1 || self.operator == radio.operator
    }

    /// `None` if the command asks for something else; true if another operator was chosen.
    pub(super) fn execute(
        &mut self,
        radio: &Radio,
        is_attached: bool,
        board: &Board,
        command: &Command<'_>,
    ) -> Option<(Result<Reply, Refusal>, bool)> {
        let quirks = &board.quirks;
        let is_known = match command.name.as_str() {
            "+COPS" => quirks.operator_selection,
            "+CPSMS" | "+CEDRXS" => quirks.power_saving,
            _ => return None,
        };
        if is_known == Support::Unknown {
            return Some((Err(Refusal::Unknown), false));
        }
        let reply = match (command.name.as_str(), command.form) {
            ("+COPS", Form::Set(arguments)) => {
                let chosen = self.choose(arguments);
                let is_new = chosen.is_ok();
                return Some((chosen.map(|()| Reply::OK), is_new));
            }
            ("+COPS", Form::Read) if is_attached => {
                Ok(Reply::line(format!("+COPS: {},2,\"{}\",{LTE}", self.mode, radio.operator)))
            }
            ("+COPS", Form::Read) => Ok(Reply::line(format!("+COPS: {}", self.mode))),
            ("+CPSMS", Form::Set(arguments)) => self.set_sleep(arguments),
            ("+CPSMS", Form::Read) => Ok(Reply::line(match &self.sleep {
                Some((every, active)) => format!("+CPSMS: 1,,,\"{every}\",\"{active}\""),
                None => "+CPSMS: 0".to_owned(),
            })),
            ("+CEDRXS", Form::Set(arguments)) => self.set_cycle(arguments),
            ("+CEDRXS", Form::Read) => Ok(match &self.cycle {
                Some(cycle) => Reply::line(format!("+CEDRXS: {LTE_RECEPTION},\"{cycle}\"")),
                None => Reply::OK,
            }),
            _ => Err(Refusal::NotAllowed),
        };
        Some((reply, false))
    }

    fn choose(&mut self, arguments: &[u8]) -> Result<(), Refusal> {
        let mut arguments = Arguments::new(arguments);
        let mode = arguments.integer(0..=4)?;
        let operator = match mode {
            0 => String::new(),
            1 | 4 => {
                // Only the numeric form.
                arguments.integer(2..=2)?;
                let operator = arguments.text(6)?;
                if operator.len() < 5 || !operator.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(Refusal::NotAllowed);
                }
                operator.to_owned()
            }
            _ => return Err(Refusal::NotAllowed),
        };
        arguments.end()?;
        (self.mode, self.operator) = (mode, operator);
        Ok(())
    }

    fn set_sleep(&mut self, arguments: &[u8]) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        if arguments.integer(0..=1)? == 0 {
            arguments.end()?;
            self.sleep = None;
            return Ok(Reply::OK);
        }
        // Two timers of older networks, which must be left out.
        for _ in 0..2 {
            if !arguments.word(false)?.is_empty() {
                return Err(Refusal::NotAllowed);
            }
        }
        let (every, active) = (bits(&mut arguments, 8)?, bits(&mut arguments, 8)?);
        arguments.end()?;
        self.sleep = Some((every, active));
        Ok(Reply::OK)
    }

    fn set_cycle(&mut self, arguments: &[u8]) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        if arguments.integer(0..=3)? == 0 {
            self.cycle = None;
            return Ok(Reply::OK);
        }
        arguments.integer(LTE_RECEPTION..=LTE_RECEPTION)?;
        let cycle = bits(&mut arguments, 4)?;
        arguments.end()?;
        self.cycle = Some(cycle);
        Ok(Reply::OK)
    }
}

/// So many digits 0 and 1, in quotes.
fn bits(arguments: &mut Arguments<'_>, count: usize) -> Result<String, Refusal> {
    let text = arguments.text(count)?;
    let are_bits = text.len() == count && text.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    if are_bits { Ok(text.to_owned()) } else { Err(Refusal::NotAllowed) }
}
