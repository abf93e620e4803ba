//! `AT`: is the modem there?

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;

/// `AT`, which the modem answers by `OK` if it is awake and listens at this baud rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Attention;

impl Command for Attention {
    const SPEC: Spec = Spec::named("").accepted_within(Duration::from_secs(1));
    type Response<'r> = ();

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Attention;
    use crate::command::testing::{decoded, line};

    #[test]
    fn it_is_two_letters() {
        assert_eq!(line(&Attention), "AT");
        decoded(&Attention, &[], |response| assert_eq!(response, Ok(())));
    }
}
