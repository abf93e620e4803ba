//! `AT+LMQTTDISC`: signing off.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::ConnectionId;

/// How long to wait for a URC that some firmware does not print (`protocol.md` §8, point 9).
pub(super) const OPTIONAL: Duration = Duration::from_millis(500);

/// How an orderly end went.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Teardown {
    /// Done.
    Done,
    /// The modem accepted the command and did not report the result.
    Unreported,
    /// The modem reports a failure with this number.
    Failed(i32),
}

/// `AT+LMQTTDISC=<id>`. Refused when there is nothing to sign off from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Disconnect {
    /// The connection.
    pub connection: ConnectionId,
}

impl Command for Disconnect {
    const SPEC: Spec =
        Spec::named("+LMQTTDISC").accepted_within(Duration::from_secs(5)).optional_result_within(OPTIONAL);
    type Response<'r> = Teardown;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.key(u16::from(self.connection.get()));
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Teardown, Malformed> {
        decode(answer)
    }
}

#[inline(always)]
pub(super) fn decode(answer: Answer<'_>) -> Result<Teardown, Malformed> {
    if answer.is_empty() {
        return Ok(Teardown::Unreported);
    }
    let (result, extend) = answer.result()?;
    Ok(if result == 0 { Teardown::Done } else { Teardown::Failed(extend.unwrap_or(result)) })
}

#[cfg(test)]
mod tests {
    use super::{Disconnect, Teardown};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};

    #[test]
    fn the_result_is_optional_but_not_its_form() {
        assert_eq!(line(&Disconnect::default()), "AT+LMQTTDISC=0");
        let answers: [(&[&str], _); 5] = [
            (&["+LMQTTDISC: 0,0"], Ok(Teardown::Done)),
            (&["+LMQTTDISC: 0,-1"], Ok(Teardown::Failed(-1))),
            (&["+LMQTTDISC: 0,1,7"], Ok(Teardown::Failed(7))),
            (&[], Ok(Teardown::Unreported)),
            (&["+LMQTTDISC: 0"], Err(Malformed)),
        ];
        for (lines, outcome) in answers {
            decoded(&Disconnect::default(), lines, |response| assert_eq!(response, outcome));
        }
    }
}
