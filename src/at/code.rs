//! Why the modem refused a command: `ERROR`, or `+CME ERROR` with a number or a text.

use super::bytes::is;
use super::fields::Fields;

/// A refusal as the modem expressed it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Refusal {
    /// `ERROR`, without a reason.
    Error,
    /// `+CME ERROR: <n>`.
    Cme(CmeError),
    /// `+CME ERROR: <text>`, after `AT+CMEE=2`. [`SetErrorReports`](crate::command::SetErrorReports) chooses numbers.
    CmeText,
}

/// The reason in a `+CME ERROR`, by the numbers of 3GPP TS 27.007 §9.2.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CmeError(
    /// The number.
    pub u16,
);

impl CmeError {
    /// 3: not allowed now. The ancestor of this modem answers this to every failure (`protocol.md` §3).
    pub const OPERATION_NOT_ALLOWED: Self = Self(3);
    /// 4: not supported.
    pub const OPERATION_NOT_SUPPORTED: Self = Self(4);
    /// 10: there is no SIM.
    pub const SIM_NOT_INSERTED: Self = Self(10);
    /// 11: the SIM waits for its PIN.
    pub const SIM_PIN_REQUIRED: Self = Self(11);
    /// 13: the SIM failed.
    pub const SIM_FAILURE: Self = Self(13);
    /// 14: the SIM is busy.
    pub const SIM_BUSY: Self = Self(14);
    /// 15: wrong SIM.
    pub const SIM_WRONG: Self = Self(15);
    /// 30: no network service.
    pub const NO_NETWORK_SERVICE: Self = Self(30);
    /// 50: incorrect parameters.
    pub const INCORRECT_PARAMETERS: Self = Self(50);
    /// 100: unknown to the modem.
    pub const UNKNOWN: Self = Self(100);
}

impl Refusal {
    /// Reads a refusal from a whole line; none if the line is something else.
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        if is(line, b"ERROR") {
            return Some(Self::Error);
        }
        if line.get(4) != Some(&b' ') {
            return None;
        }
        let number = Fields::after(line, b"+CME ERROR")?.last_integer();
        Some(match number.map(u16::try_from) {
            Ok(Ok(number)) => Self::Cme(CmeError(number)),
            _ => Self::CmeText,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CmeError, Refusal};

    #[test]
    fn a_refusal_is_read_as_word_or_number() {
        assert_eq!(Refusal::parse(b"ERROR"), Some(Refusal::Error));
        assert_eq!(Refusal::parse(b"+CME ERROR: 3"), Some(Refusal::Cme(CmeError::OPERATION_NOT_ALLOWED)));
        assert_eq!(Refusal::parse(b"+CME ERROR:10"), Some(Refusal::Cme(CmeError::SIM_NOT_INSERTED)));
        assert_eq!(Refusal::parse(b"+CME ERROR: 577"), Some(Refusal::Cme(CmeError(577))));
    }

    #[test]
    fn a_reason_in_words_is_a_refusal_too() {
        for line in [&b"+CME ERROR: SIM busy"[..], b"+CME ERROR: 70000", b"+CME ERROR:"] {
            assert_eq!(Refusal::parse(line), Some(Refusal::CmeText));
        }
    }

    #[test]
    fn other_lines_are_no_refusal() {
        for line in [&b"OK"[..], b"ERRORS", b" ERROR", b"+CME", b"+CMEE: 1", b""] {
            assert_eq!(Refusal::parse(line), None);
        }
    }
}
