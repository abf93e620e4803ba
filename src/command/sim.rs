//! `AT+CPIN`, `AT+LCCID`, `AT+CIMI`: the SIM, whether it can be used, and whose it is.

use super::identity::number;
use crate::at::{Answer, CmeError, Command, Encoder, Fields, Malformed, Refusal, Spec};
use crate::time::Duration;
use crate::value::SimPin;

/// How long the modem may take to look at its SIM; a product waits so long (`protocol.md` §5.2).
const LOOK: Duration = Duration::from_secs(25);

/// Whether the SIM can be used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SimStatus {
    /// It can be used.
    Ready,
    /// It waits for its PIN.
    PinNeeded,
    /// It is locked, after three wrong PINs, and waits for its PUK.
    PukNeeded,
    /// There is none, or it was not found yet.
    Absent,
    /// It is being read.
    Busy,
    /// It failed, or is not one that this modem takes.
    Failed,
    /// Anything else, such as a lock of the modem to one operator.
    Other,
}

impl SimStatus {
    /// What a refusal of [`SimQuery`] says of the SIM, by the numbers of 3GPP TS 27.007 §9.2.
    pub const fn from_refusal(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Cme(CmeError::SIM_NOT_INSERTED) => Self::Absent,
            Refusal::Cme(CmeError::SIM_PIN_REQUIRED) => Self::PinNeeded,
            Refusal::Cme(CmeError(12)) => Self::PukNeeded,
            Refusal::Cme(CmeError::SIM_FAILURE | CmeError::SIM_WRONG) => Self::Failed,
            Refusal::Cme(CmeError::SIM_BUSY) => Self::Busy,
            _ => Self::Other,
        }
    }

    /// What stands behind `+CPIN: `. A second PIN is for no more than the settings of the SIM.
    fn from_text(text: &[u8]) -> Self {
        match text {
            b"READY" | b"SIM PIN2" | b"SIM PUK2" => Self::Ready,
            b"SIM PIN" => Self::PinNeeded,
            b"SIM PUK" => Self::PukNeeded,
            _ => Self::Other,
        }
    }
}

/// `AT+CPIN?`. Where there is no SIM, or it is busy, the modem refuses; [`SimStatus::from_refusal`] says what that means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SimQuery;

impl Command for SimQuery {
    const SPEC: Spec = Spec::named("+CPIN").accepted_within(LOOK);
    type Response<'r> = SimStatus;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<SimStatus, Malformed> {
        // A URC of the same name may come before it.
        let states = answer.lines().filter_map(|line| Fields::after(line, b"+CPIN")?.text().ok());
        states.last().map(SimStatus::from_text).ok_or(Malformed)
    }
}

/// `AT+CPIN="<pin>"`. Three wrong ones lock the SIM.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EnterPin<'a>(
    /// The PIN.
    pub SimPin<'a>,
);

impl Command for EnterPin<'_> {
    const SPEC: Spec = Spec::named("+CPIN").accepted_within(LOOK);
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        line.conceal().checked(self.0.expose());
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// `AT+LCCID`: the number of the SIM (ICCID), 19 or 20 digits, of which the last may be a letter (`protocol.md` §5.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SimNumber;

impl Command for SimNumber {
    const SPEC: Spec = Spec::named("+LCCID").answered_by_text();
    type Response<'r> = &'r [u8];

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<&'r [u8], Malformed> {
        number(answer, b"+LCCID", 19..=20)
    }
}

/// `AT+CIMI`: the number of the subscriber (IMSI), at most 15 digits (3GPP TS 23.003 §2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Subscriber;

impl Command for Subscriber {
    const SPEC: Spec = Spec::named("+CIMI").answered_by_text();
    type Response<'r> = &'r [u8];

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<&'r [u8], Malformed> {
        number(answer, b"+CIMI", 6..=15)
    }
}

#[cfg(test)]
mod tests {
    use super::{EnterPin, SimNumber, SimQuery, SimStatus, Subscriber};
    use crate::at::{CmeError, Malformed, Refusal};
    use crate::command::testing::{decoded, line};
    use crate::value::SimPin;

    #[test]
    fn a_sim_is_ready_or_says_what_it_waits_for() {
        assert_eq!(line(&SimQuery), "AT+CPIN?");
        let answers: [(&[&str], _); 10] = [
            (&["+CPIN: READY"], Ok(SimStatus::Ready)),
            (&["+CPIN:\"READY\""], Ok(SimStatus::Ready)),
            (&["+CPIN: SIM PIN2"], Ok(SimStatus::Ready)),
            (&["+CPIN: SIM PIN"], Ok(SimStatus::PinNeeded)),
            (&["+CPIN: SIM PUK"], Ok(SimStatus::PukNeeded)),
            (&["+CPIN: PH-NET PIN"], Ok(SimStatus::Other)),
            (&["+CPIN: NOT READY", "+CPIN: READY"], Ok(SimStatus::Ready)),
            (&["+CPIN: ready"], Ok(SimStatus::Other)),
            (&["+CPIN: "], Err(Malformed)),
            (&[], Err(Malformed)),
        ];
        for (lines, status) in answers {
            decoded(&SimQuery, lines, |response| assert_eq!(response, status, "{lines:?}"));
        }
    }

    #[test]
    fn a_refusal_says_what_is_wrong_with_the_sim() {
        for (number, status) in [
            (9, SimStatus::Other),
            (10, SimStatus::Absent),
            (11, SimStatus::PinNeeded),
            (12, SimStatus::PukNeeded),
            (13, SimStatus::Failed),
            (14, SimStatus::Busy),
            (15, SimStatus::Failed),
            (16, SimStatus::Other),
        ] {
            assert_eq!(SimStatus::from_refusal(Refusal::Cme(CmeError(number))), status, "{number}");
        }
        for refusal in [Refusal::Error, Refusal::CmeText] {
            assert_eq!(SimStatus::from_refusal(refusal), SimStatus::Other);
        }
    }

    #[test]
    fn a_pin_goes_out_in_quotes() {
        assert_eq!(line(&EnterPin(SimPin::new("0123").unwrap())), "AT+CPIN=\"0123\"");
    }

    #[test]
    fn a_sim_number_may_end_in_a_letter() {
        assert_eq!(line(&SimNumber), "AT+LCCID");
        for number in ["8986000000000000017D", "89860000000000000171", "8986000000000000017"] {
            for answer in [std::format!("+LCCID: {number}"), number.into(), std::format!("+LCCID: \"{number}\"")] {
                decoded(&SimNumber, &[&answer], |response| assert_eq!(response, Ok(number.as_bytes())));
            }
        }
        for answer in
            ["898600000000000001", "89860000000000000171D", "898600000000000001D7", "8986000000000000017-", ""]
        {
            decoded(&SimNumber, &[answer], |response| assert_eq!(response, Err(Malformed), "{answer}"));
        }
    }

    #[test]
    fn a_subscriber_is_at_most_fifteen_digits() {
        assert_eq!(line(&Subscriber), "AT+CIMI");
        for number in ["460000000000017", "460000"] {
            decoded(&Subscriber, &[number], |response| assert_eq!(response, Ok(number.as_bytes())));
        }
        for number in ["4600000000000171", "46000"] {
            decoded(&Subscriber, &[number], |response| assert_eq!(response, Err(Malformed)));
        }
    }
}
