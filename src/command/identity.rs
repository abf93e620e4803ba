//! `ATI`, `AT+CGMM`, `AT+LGMR`, `AT+CGSN`: which modem this is, and which firmware it runs.

use crate::at::{Answer, Command, Encoder, Fields, Malformed, Spec};
use crate::time::Duration;
use core::ops::RangeInclusive;

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

/// `AT+CGMM`: the model, such as `NT35E` (`protocol.md` §5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Model;

impl Command for Model {
    const SPEC: Spec = Spec::named("+CGMM").accepted_within(Duration::from_secs(5)).answered_by_text();
    type Response<'r> = &'r [u8];

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<&'r [u8], Malformed> {
        text(answer, b"+CGMM")
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
        text(answer, b"+LGMR")
    }
}

/// `AT+CGSN=1`: the 15 digits of the IMEI, in quotes or without (`protocol.md` §5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Imei;

impl Command for Imei {
    const SPEC: Spec = Spec::named("+CGSN").accepted_within(Duration::from_secs(5)).answered_by_text();
    type Response<'r> = &'r [u8];

    fn encode(&self, line: &mut Encoder<'_>) {
        line.integer(1);
    }

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<&'r [u8], Malformed> {
        number(answer, b"+CGSN", 15..=15)
    }
}

/// A text that comes with or without the name of its command.
fn text<'r>(answer: Answer<'r>, name: &[u8]) -> Result<&'r [u8], Malformed> {
    let line = answer.first_line()?;
    Ok(Fields::after(line, name).map_or(line, |mut fields| fields.rest()))
}

/// The first line that is a number of so many digits, with or without its name and quotes. The last digit may be a letter.
pub(super) fn number<'r>(
    answer: Answer<'r>,
    name: &[u8],
    length: RangeInclusive<usize>,
) -> Result<&'r [u8], Malformed> {
    for line in answer.lines() {
        let mut fields = Fields::after(line, name).unwrap_or(Fields::new(line));
        if let Ok(number) = fields.text()
            && let [digits @ .., last] = number
            && length.contains(&number.len())
            && digits.iter().all(u8::is_ascii_digit)
            && last.is_ascii_alphanumeric()
            && fields.end().is_ok()
        {
            return Ok(number);
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use super::{FirmwareVersion, Identity, Imei, Model};
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

    #[test]
    fn a_model_is_free_text() {
        assert_eq!(line(&Model), "AT+CGMM");
        for answer in ["NT35E", "+CGMM: NT35E"] {
            decoded(&Model, &[answer], |response| assert_eq!(response, Ok(&b"NT35E"[..])));
        }
        decoded(&Model, &[], |response| assert_eq!(response, Err(Malformed)));
    }

    #[test]
    fn an_imei_is_fifteen_digits_however_it_is_dressed() {
        assert_eq!(line(&Imei), "AT+CGSN=1");
        for answer in ["860000000000017", "+CGSN: 860000000000017", "+CGSN: \"860000000000017\"", "\"860000000000017\""]
        {
            decoded(&Imei, &[answer], |response| assert_eq!(response, Ok(&b"860000000000017"[..]), "{answer}"));
        }
        decoded(&Imei, &["RDY", "860000000000017"], |response| assert_eq!(response, Ok(&b"860000000000017"[..])));
        for answer in [
            "86000000000001",
            "8600000000000177",
            "86000000000001x7",
            "860000000000017,1",
            "+CGSN: ",
            "+CGSN 860000000000017",
        ] {
            decoded(&Imei, &[answer], |response| assert_eq!(response, Err(Malformed), "{answer}"));
        }
        decoded(&Imei, &[], |response| assert_eq!(response, Err(Malformed)));
    }
}
