//! `AT+CSQ`: how strong the signal is.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};

/// The strength of the received signal, and its bit errors (3GPP TS 27.007 §8.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Signal {
    level: Option<u8>,
    bit_errors: Option<u8>,
}

impl Signal {
    /// The strength in dBm: from -113, which means that or less, in steps of 2 to -51, which means that or more; none if
    /// the modem does not know it.
    pub const fn dbm(self) -> Option<i16> {
        match self.level {
            Some(level) => Some((level as i16).wrapping_mul(2).wrapping_sub(113)),
            None => None,
        }
    }

    /// The strength as the modem gives it, 0 to 31; none if it does not know it.
    pub const fn level(self) -> Option<u8> {
        self.level
    }

    /// The class of the bit error rate, 0 to 7, where less is better; none if the modem does not know it.
    pub const fn bit_errors(self) -> Option<u8> {
        self.bit_errors
    }
}

impl core::fmt::Display for Signal {
    /// The strength, as in `-55 dBm`, or `unknown`.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.dbm() {
            Some(dbm) => write!(formatter, "{dbm} dBm"),
            None => formatter.write_str("unknown"),
        }
    }
}

/// `AT+CSQ`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SignalQuery;

impl Command for SignalQuery {
    const SPEC: Spec = Spec::named("+CSQ");
    type Response<'r> = Signal;

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode(&self, answer: Answer<'_>) -> Result<Signal, Malformed> {
        let mut fields = answer.fields("+CSQ")?;
        let (level, bit_errors) = (fields.integer()?, fields.last_integer()?);
        Ok(Signal { level: known(level, 31)?, bit_errors: known(bit_errors, 7)? })
    }
}

/// A number up to `most`, or 99 for unknown.
fn known(number: i32, most: u8) -> Result<Option<u8>, Malformed> {
    match u8::try_from(number) {
        Ok(number) if number <= most => Ok(Some(number)),
        Ok(99) => Ok(None),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::SignalQuery;
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};

    #[test]
    fn a_level_is_a_strength_in_dbm() {
        assert_eq!(line(&SignalQuery), "AT+CSQ");
        for (answer, dbm, bit_errors) in [
            ("+CSQ: 0,0", Some(-113), Some(0)),
            ("+CSQ: 1,7", Some(-111), Some(7)),
            ("+CSQ:29,0", Some(-55), Some(0)),
            ("+CSQ: 30,99", Some(-53), None),
            ("+CSQ: 31,99", Some(-51), None),
            ("+CSQ: 99,99", None, None),
            ("+CSQ: 99,0", None, Some(0)),
        ] {
            decoded(&SignalQuery, &[answer], |response| {
                let signal = response.unwrap();
                assert_eq!((signal.dbm(), signal.bit_errors()), (dbm, bit_errors), "{answer}");
                assert_eq!(signal.level().is_some(), dbm.is_some());
                let shown = dbm.map_or("unknown".into(), |dbm| std::format!("{dbm} dBm"));
                assert_eq!(std::format!("{signal}"), shown);
            });
        }
    }

    #[test]
    fn what_is_in_no_table_is_malformed() {
        for answer in [
            "+CSQ: 32,0",
            "+CSQ: 98,0",
            "+CSQ: 100,0",
            "+CSQ: -1,0",
            "+CSQ: 355,0",
            "+CSQ: 10,8",
            "+CSQ: 10,98",
            "+CSQ: 10,-1",
            "+CSQ: 10",
            "+CSQ: 10,0,0",
            "+CSQ: ",
        ] {
            decoded(&SignalQuery, &[answer], |response| assert_eq!(response, Err(Malformed), "{answer}"));
        }
        decoded(&SignalQuery, &[], |response| assert_eq!(response, Err(Malformed)));
    }
}
