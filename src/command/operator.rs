//! `AT+COPS`: which operator to register with.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::Plmn;

/// Which operator to register with (3GPP TS 27.007 §7.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Operator<'a> {
    /// The modem chooses.
    Automatic,
    /// This one, and no other.
    Only(Plmn<'a>),
    /// This one, or else what the modem chooses.
    Preferred(Plmn<'a>),
}

/// `AT+COPS=0`, or `AT+COPS=<mode>,2,"<number>"`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SelectOperator<'a>(
    /// Which one.
    pub Operator<'a>,
);

impl Command for SelectOperator<'_> {
    /// The modem may look through every band before it answers.
    const SPEC: Spec = Spec::named("+COPS").accepted_within(Duration::from_secs(180));
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        let (mode, plmn) = match self.0 {
            Operator::Automatic => (0, None),
            Operator::Only(plmn) => (1, Some(plmn)),
            Operator::Preferred(plmn) => (4, Some(plmn)),
        };
        line.integer(mode);
        if let Some(plmn) = plmn {
            line.integer(2).checked(plmn.as_str());
        }
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// `AT+COPS?`: the operator that the modem is registered with, in the form that it was asked to use last; none if it is with
/// none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OperatorQuery;

impl Command for OperatorQuery {
    const SPEC: Spec = Spec::named("+COPS").accepted_within(Duration::from_secs(75));
    type Response<'r> = Option<&'r [u8]>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<Option<&'r [u8]>, Malformed> {
        let mut fields = answer.fields("+COPS")?;
        fields.any_integer()?;
        match fields.optional_integer()? {
            Some(_form) => fields.text().map(Some),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Operator, OperatorQuery, SelectOperator};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use crate::value::Plmn;

    #[test]
    fn an_operator_is_chosen_by_its_number() {
        let plmn = Plmn::new("46000").unwrap();
        assert_eq!(line(&SelectOperator(Operator::Automatic)), "AT+COPS=0");
        assert_eq!(line(&SelectOperator(Operator::Only(plmn))), "AT+COPS=1,2,\"46000\"");
        assert_eq!(line(&SelectOperator(Operator::Preferred(plmn))), "AT+COPS=4,2,\"46000\"");
    }

    #[test]
    fn the_operator_is_the_third_field() {
        assert_eq!(line(&OperatorQuery), "AT+COPS?");
        for (answer, operator) in [
            ("+COPS: 0", Ok(None)),
            ("+COPS: 0,2,\"46000\",7", Ok(Some(&b"46000"[..]))),
            ("+COPS:1,0,\"CHINA, MOBILE\"", Ok(Some(&b"CHINA, MOBILE"[..]))),
            ("+COPS: 0,2", Err(Malformed)),
            ("+COPS: 0,x", Err(Malformed)),
            ("+COPS: ", Err(Malformed)),
        ] {
            decoded(&OperatorQuery, &[answer], |response| assert_eq!(response, operator, "{answer}"));
        }
        decoded(&OperatorQuery, &[], |response| assert_eq!(response, Err(Malformed)));
    }
}
