//! `AT+CMEE`: how the modem says why it refused.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};

/// The form of refusals (3GPP TS 27.007 §9.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum ErrorReports {
    /// `ERROR` alone.
    Plain = 0,
    /// `+CME ERROR: <number>`.
    Numeric = 1,
    /// `+CME ERROR: <text>`.
    Text = 2,
}

/// `AT+CMEE=<n>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetErrorReports(
    /// The form to use from now on.
    pub ErrorReports,
);

impl Command for SetErrorReports {
    const SPEC: Spec = Spec::named("+CMEE");
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        line.integer(self.0 as u32);
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorReports, SetErrorReports};
    use crate::command::testing::line;

    #[test]
    fn each_form_has_its_number() {
        assert_eq!(line(&SetErrorReports(ErrorReports::Plain)), "AT+CMEE=0");
        assert_eq!(line(&SetErrorReports(ErrorReports::Numeric)), "AT+CMEE=1");
        assert_eq!(line(&SetErrorReports(ErrorReports::Text)), "AT+CMEE=2");
    }
}
