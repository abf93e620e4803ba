//! `AT+LMQTTCLOSE`: closing the TCP connection.

use super::disconnect::{OPTIONAL, Teardown, decode};
use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::ConnectionId;

/// `AT+LMQTTCLOSE=<id>`. It also erases every setting of the connection (`protocol.md` §3.6).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Close {
    /// The connection.
    pub connection: ConnectionId,
}

impl Command for Close {
    const SPEC: Spec =
        Spec::named("+LMQTTCLOSE").accepted_within(Duration::from_secs(5)).optional_result_within(OPTIONAL);
    type Response<'r> = Teardown;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.key(u16::from(self.connection.get()));
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Teardown, Malformed> {
        decode(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::{Close, Teardown};
    use crate::command::testing::{decoded, line};

    #[test]
    fn a_close_is_done_failed_or_unreported() {
        assert_eq!(line(&Close::default()), "AT+LMQTTCLOSE=0");
        let answers: [(&[&str], _); 3] = [
            (&["+LMQTTCLOSE: 0,0"], Teardown::Done),
            (&["+LMQTTCLOSE: 0,1"], Teardown::Failed(1)),
            (&[], Teardown::Unreported),
        ];
        for (lines, outcome) in answers {
            decoded(&Close::default(), lines, |response| assert_eq!(response, Ok(outcome)));
        }
    }
}
