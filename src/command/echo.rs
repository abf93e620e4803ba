//! `ATE`: whether the modem repeats what it is sent.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};

/// `ATE0` or `ATE1`. The modem echoes after power-up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Echo(
    /// Whether to echo.
    pub bool,
);

impl Command for Echo {
    const SPEC: Spec = Spec::named("E");
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(if self.0 { b"1" } else { b"0" });
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Echo;
    use crate::command::testing::line;

    #[test]
    fn echo_is_switched_by_a_digit() {
        assert_eq!(line(&Echo(false)), "ATE0");
        assert_eq!(line(&Echo(true)), "ATE1");
    }
}
