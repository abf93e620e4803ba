//! Why the modem refused a command: `ERROR`, or `+CME ERROR` with a number or a text.

use super::fields::Fields;

/// A refusal as the modem expressed it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Refusal {
    /// `ERROR`, without a reason.
    Error,
    /// `+CME ERROR: <n>`, or the text that stands for it.
    Cme(CmeError),
}

macro_rules! cme_errors {
    ($($number:literal $name:ident $text:literal $doc:literal;)*) => {
        /// The reason in a `+CME ERROR`, by the numbers of 3GPP TS 27.007 §9.2.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum CmeError {
            $(#[doc = $doc] $name,)*
            /// A number that has no name here.
            Other(u16),
            /// A text (`AT+CMEE=2`) that is not one of those above.
            Text,
        }

        impl CmeError {
            /// The number on the wire; none for [`CmeError::Text`].
            pub const fn number(self) -> Option<u16> {
                match self {
                    $(Self::$name => Some($number),)*
                    Self::Other(number) => Some(number),
                    Self::Text => None,
                }
            }

            const fn from_number(number: u16) -> Self {
                match number {
                    $($number => Self::$name,)*
                    other => Self::Other(other),
                }
            }

            fn from_text(text: &[u8]) -> Self {
                $(if text.eq_ignore_ascii_case($text) { return Self::$name; })*
                Self::Text
            }
        }
    };
}

cme_errors! {
    3 OperationNotAllowed b"operation not allowed" "3: not allowed now. The ancestor of this modem answers this to every failure (`protocol.md` §3).";
    4 OperationNotSupported b"operation not supported" "4: not supported.";
    10 SimNotInserted b"SIM not inserted" "10: there is no SIM.";
    11 SimPinRequired b"SIM PIN required" "11: the SIM waits for its PIN.";
    13 SimFailure b"SIM failure" "13: the SIM failed.";
    14 SimBusy b"SIM busy" "14: the SIM is busy.";
    15 SimWrong b"SIM wrong" "15: wrong SIM.";
    30 NoNetworkService b"no network service" "30: no network service.";
    50 IncorrectParameters b"incorrect parameters" "50: incorrect parameters.";
    100 Unknown b"unknown" "100: unknown to the modem.";
}

impl Refusal {
    /// Reads a refusal from a whole line; none if the line is something else.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        if line == b"ERROR" {
            return Some(Self::Error);
        }
        let mut reason = Fields::after(line, b"+CME ERROR")?;
        let text = reason.rest();
        let number = Fields::new(text).last_integer();
        Some(Self::Cme(match number.map(u16::try_from) {
            Ok(Ok(number)) => CmeError::from_number(number),
            _ => CmeError::from_text(text),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::{CmeError, Refusal};

    #[test]
    fn a_refusal_is_read_as_word_number_or_text() {
        assert_eq!(Refusal::parse(b"ERROR"), Some(Refusal::Error));
        assert_eq!(Refusal::parse(b"+CME ERROR: 3"), Some(Refusal::Cme(CmeError::OperationNotAllowed)));
        assert_eq!(Refusal::parse(b"+CME ERROR:10"), Some(Refusal::Cme(CmeError::SimNotInserted)));
        assert_eq!(Refusal::parse(b"+CME ERROR: SIM busy"), Some(Refusal::Cme(CmeError::SimBusy)));
    }

    #[test]
    fn an_unknown_reason_keeps_its_number() {
        assert_eq!(Refusal::parse(b"+CME ERROR: 577"), Some(Refusal::Cme(CmeError::Other(577))));
        assert_eq!(CmeError::Other(577).number(), Some(577));
        assert_eq!(Refusal::parse(b"+CME ERROR: 70000"), Some(Refusal::Cme(CmeError::Text)));
        assert_eq!(Refusal::parse(b"+CME ERROR: out of tea"), Some(Refusal::Cme(CmeError::Text)));
    }

    #[test]
    fn other_lines_are_no_refusal() {
        for line in [&b"OK"[..], b"ERRORS", b" ERROR", b"+CME", b"+CMEE: 1", b""] {
            assert_eq!(Refusal::parse(line), None);
        }
    }

    #[test]
    fn every_named_code_has_its_number_and_text() {
        for number in [3, 4, 10, 11, 13, 14, 15, 30, 50, 100] {
            let named = CmeError::from_number(number);
            assert_ne!(named, CmeError::Other(number));
            assert_eq!(named.number(), Some(number));
        }
    }
}
