//! `ATI` and `AT+LGMR`: which modem this is, and which firmware it runs.

use crate::at::{Answer, Command, Encoder, Fields, Malformed, Spec};
use crate::time::Duration;

/// `ATI`: lines of free text, among them `Revision: Lierda618…` (`protocol.md` §5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Identity;

impl Command for Identity {
    const SPEC: Spec = Spec::named("I").accepted_within(Duration::from_secs(5)).answered_by_text();
    type Response<'r> = Answer<'r>;

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<Answer<'r>, Malformed> {
        answer.first_line().map(|_| answer)
    }
}

/// `AT+LGMR`: Lierda's name for the firmware, such as `NT26KCNA00NNA-L…` (`protocol.md` §5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FirmwareVersion;

impl Command for FirmwareVersion {
    const SPEC: Spec = Spec::named("+LGMR").accepted_within(Duration::from_secs(5)).answered_by_text();
    type Response<'r> = &'r [u8];

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<&'r [u8], Malformed> {
        let line = answer.first_line()?;
        Ok(Fields::after(line, b"+LGMR").map_or(line, |mut fields| fields.rest()))
    }
}

#[cfg(test)]
mod tests {
    use super::{FirmwareVersion, Identity};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};

    #[test]
    fn an_identity_is_all_lines_of_the_answer() {
        assert_eq!(line(&Identity), "ATI");
        decoded(&Identity, &["Lierda", "NT35E", "Revision: Lierda618"], |response| {
            assert_eq!(response.unwrap().lines().count(), 3);
        });
        decoded(&Identity, &[], |response| assert_eq!(response.unwrap_err(), Malformed));
    }

    #[test]
    fn a_firmware_version_comes_with_or_without_its_name() {
        assert_eq!(line(&FirmwareVersion), "AT+LGMR");
        for answer in ["NT26KCNA00NNA-L1234567", "+LGMR: NT26KCNA00NNA-L1234567"] {
            decoded(&FirmwareVersion, &[answer], |response| {
                assert_eq!(response, Ok(&b"NT26KCNA00NNA-L1234567"[..]));
            });
        }
        decoded(&FirmwareVersion, &[], |response| assert_eq!(response, Err(Malformed)));
    }
}
