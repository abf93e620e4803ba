//! `AT+LMQTTOPEN`: the TCP or TLS connection to the broker.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::{ConnectionId, Host, codes};

codes! {
    /// Why the broker could not be reached (`protocol.md` §3.2).
    OpenFailure {
        1 Parameter "1: parameter error.",
        2 ConnectionInUse "2: the connection id is in use.",
        3 PdpActivation "3: the data bearer could not be activated.",
        4 Dns "4: the host's name could not be resolved.",
        5 NetworkDown "5: the network is down.",
    }
}

/// `AT+LMQTTOPEN=<id>,"<host>",<port>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Open<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The broker's host.
    pub host: Host<'a>,
    /// The broker's port.
    pub port: core::num::NonZeroU16,
}

impl Command for Open<'_> {
    const SPEC: Spec =
        Spec::named("+LMQTTOPEN").accepted_within(Duration::from_secs(5)).result_within(Duration::from_secs(160));
    type Response<'r> = Result<(), OpenFailure>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.key(u16::from(self.connection.get())).pieces(self.host.pieces()).integer(u32::from(self.port.get()));
    }

    #[inline(always)]
    fn decode(&self, answer: Answer<'_>) -> Result<Result<(), OpenFailure>, Malformed> {
        let (result, extend) = answer.result()?;
        // A firmware that follows Quectel gives the reason as the result itself, so anything but 0 is a failure.
        Ok(if result == 0 { Ok(()) } else { Err(OpenFailure::from_number(extend.unwrap_or(result))) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Open, OpenFailure};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use crate::value::{ConnectionId, Host, check_codes};
    use core::num::NonZeroU16;

    fn open(host: &str) -> Open<'_> {
        let port = NonZeroU16::new(1883).unwrap();
        Open { connection: ConnectionId::default(), host: Host::new(host).unwrap(), port }
    }

    #[test]
    fn the_line_of_the_article() {
        let host = "a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com";
        let expected = "AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883";
        assert_eq!(line(&open(host)), expected);
        let pieces = Host::from_pieces(["a1JszCpjS61", ".iot-as-mqtt.", "cn-shanghai", ".aliyuncs.com"]).unwrap();
        assert_eq!(line(&Open { host: pieces, ..open(host) }), expected);
    }

    #[test]
    fn every_failure_has_a_name() {
        check_codes!(OpenFailure);
    }

    #[test]
    fn only_0_is_open() {
        for (answer, response) in [
            ("+LMQTTOPEN: 0,0", Ok(Ok(()))),
            ("+LMQTTOPEN: 0,-1,4", Ok(Err(OpenFailure::Dns))),
            ("+LMQTTOPEN: 0,-1", Ok(Err(OpenFailure::Other(-1)))),
            ("+LMQTTOPEN: 0,3", Ok(Err(OpenFailure::PdpActivation))),
            ("+LMQTTOPEN: 0,-1,9", Ok(Err(OpenFailure::Other(9)))),
            ("+LMQTTOPEN: 0", Err(Malformed)),
            ("+LMQTTOPEN: 0,0,0,0", Err(Malformed)),
            ("+LMQTTOPEN: 0,", Err(Malformed)),
        ] {
            decoded(&open("h"), &[answer], |decoded| assert_eq!(decoded, response, "{answer}"));
        }
    }
}
