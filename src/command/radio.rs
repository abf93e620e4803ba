//! `AT+CFUN`: the radio on and off.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;

/// `AT+CFUN=0` or `AT+CFUN=1`. Without its radio the modem is in no network, and its SIM may have to be unlocked again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Radio(
    /// Whether it is to be on.
    pub bool,
);

impl Command for Radio {
    /// No source says how long it takes; leaving the network takes some seconds.
    const SPEC: Spec = Spec::named("+CFUN").accepted_within(Duration::from_secs(15));
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        line.integer(u32::from(self.0));
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Radio;
    use crate::command::testing::line;

    #[test]
    fn the_radio_is_switched_by_a_digit() {
        assert_eq!(line(&Radio(true)), "AT+CFUN=1");
        assert_eq!(line(&Radio(false)), "AT+CFUN=0");
    }
}
