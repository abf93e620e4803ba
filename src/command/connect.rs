//! `AT+LMQTTCONN`: signing in to the broker, and the question whether one is.

use crate::at::{Answer, Command, Encoder, Fields, Malformed, Spec};
use crate::time::Duration;
use crate::value::{ClientId, ConnectionId, Password, UserName, codes};

codes! {
    /// The broker's answer to a sign-in, and the modem's own reasons (`protocol.md` §3.3).
    ReturnCode {
        0 Accepted "0: accepted.",
        1 ProtocolVersion "1: the broker does not take this protocol version.",
        2 ClientId "2: the broker rejects the client id. Aliyun: or a parameter in it, or the keep-alive interval.",
        3 ServerUnavailable "3: the broker is not available now.",
        4 BadCredentials "4: wrong user name or password. Aliyun: usually a wrong part of the triple.",
        5 NotAuthorized "5: not authorised. Aliyun: the device is disabled or deleted.",
        6 SendFailed "6: the modem could not send the packet.",
        7 Parameter "7: parameter error.",
    }
}

codes! {
    /// What `AT+LMQTTCONN?` says.
    ConnectionState {
        1 Initializing "1: initialising.",
        2 Connecting "2: connecting.",
        3 Connected "3: signed in.",
        4 Disconnecting "4: disconnecting, or closed.",
    }
}

/// Why a sign-in did not succeed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConnectFailure {
    /// The broker refused, or the modem for it.
    Refused(ReturnCode),
    /// The packet was sent again, and the modem does not say what the broker answered.
    Unconfirmed,
    /// The modem could not send the packet.
    SendFailed,
    /// A result that the manual does not name.
    Other(i32),
}

/// User name and, with it, a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Login<'a> {
    /// The user name.
    pub user_name: UserName<'a>,
    /// The password, if the broker wants one.
    pub password: Option<Password<'a>>,
}

/// `AT+LMQTTCONN=<id>,"<client id>"[,"<user name>"[,"<password>"]]`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connect<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The client identifier.
    pub client_id: ClientId<'a>,
    /// Who signs in; left out where the modem computes it.
    pub login: Option<Login<'a>>,
}

impl Command for Connect<'_> {
    const SPEC: Spec = Spec::named("+LMQTTCONN")
        .accepted_within(Duration::from_secs(5))
        .result_within(Duration::from_secs(30))
        .result_begins_era();
    type Response<'r> = Result<(), ConnectFailure>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.key(u16::from(self.connection.get())).checked(self.client_id.as_str());
        if let Some(login) = &self.login {
            line.checked(login.user_name.as_str());
            if let Some(password) = login.password {
                line.conceal().checked(password.expose());
            }
        }
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Result<(), ConnectFailure>, Malformed> {
        decode_sign_in(answer)
    }
}

/// What came of a sign-in, whoever computed what it says.
pub(crate) fn decode_sign_in(answer: Answer<'_>) -> Result<Result<(), ConnectFailure>, Malformed> {
    let (result, code) = answer.result()?;
    let code = code.map(ReturnCode::from_number);
    // A refused sign-in has the result 0 as well: the broker answered, and its answer was no (`protocol.md` §3.3).
    Ok(match (result, code) {
        (0, None) | (0 | 1, Some(ReturnCode::Accepted)) => Ok(()),
        (_, Some(code)) if code != ReturnCode::Accepted => Err(ConnectFailure::Refused(code)),
        (1, None) => Err(ConnectFailure::Unconfirmed),
        (2, _) => Err(ConnectFailure::SendFailed),
        (other, _) => Err(ConnectFailure::Other(other)),
    })
}

/// `AT+LMQTTCONN?`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConnectionQuery {
    /// The connection.
    pub connection: ConnectionId,
}

impl Command for ConnectionQuery {
    const SPEC: Spec = Spec::named("+LMQTTCONN");
    /// The state; none where the modem knows of no connection.
    type Response<'r> = Option<ConnectionState>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Option<ConnectionState>, Malformed> {
        let mut lines = answer.lines().filter_map(|line| Fields::after(line, b"+LMQTTCONN")).peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        // Three integers are the late result of an earlier sign-in, which has the same name.
        let state = lines.find_map(|mut fields| {
            let connection = fields.integer().ok()?;
            let state = fields.last_integer().ok()?;
            (connection == i32::from(self.connection.get())).then_some(state)
        });
        state.map(|state| Some(ConnectionState::from_number(state))).ok_or(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Connect, ConnectFailure, ConnectionQuery, ConnectionState, Login, ReturnCode};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use crate::value::{ClientId, ConnectionId, Password, UserName, check_codes};

    fn connect(client_id: &str) -> Connect<'_> {
        Connect { connection: ConnectionId::default(), client_id: ClientId::new(client_id).unwrap(), login: None }
    }

    #[test]
    fn the_line_of_the_article() {
        assert_eq!(line(&connect("NT35E")), "AT+LMQTTCONN=0,\"NT35E\"");
    }

    #[test]
    fn user_name_and_password_follow_if_there_are_any() {
        let user_name = UserName::new("u").unwrap();
        let alone = Login { user_name, password: None };
        assert_eq!(line(&Connect { login: Some(alone), ..connect("c") }), "AT+LMQTTCONN=0,\"c\",\"u\"");
        let both = Login { user_name, password: Some(Password::new("p,w").unwrap()) };
        assert_eq!(line(&Connect { login: Some(both), ..connect("c") }), "AT+LMQTTCONN=0,\"c\",\"u\",\"p,w\"");
    }

    #[test]
    fn every_code_has_a_name() {
        check_codes!(ReturnCode);
        check_codes!(ConnectionState);
    }

    #[test]
    fn promise_1_only_an_accepted_sign_in_is_success() {
        let refused = |code| Ok(Err(ConnectFailure::Refused(code)));
        for (answer, response) in [
            ("+LMQTTCONN: 0,0,0", Ok(Ok(()))),
            ("+LMQTTCONN: 0,0", Ok(Ok(()))),
            ("+LMQTTCONN: 0,1,0", Ok(Ok(()))),
            ("+LMQTTCONN: 0,1", Ok(Err(ConnectFailure::Unconfirmed))),
            ("+LMQTTCONN: 0,0,4", refused(ReturnCode::BadCredentials)),
            ("+LMQTTCONN: 0,0,2", refused(ReturnCode::ClientId)),
            ("+LMQTTCONN: 0,0,77", refused(ReturnCode::Other(77))),
            ("+LMQTTCONN: 0,2", Ok(Err(ConnectFailure::SendFailed))),
            ("+LMQTTCONN: 0,2,0", Ok(Err(ConnectFailure::SendFailed))),
            ("+LMQTTCONN: 0,3", Ok(Err(ConnectFailure::Other(3)))),
            ("+LMQTTCONN: 0", Err(Malformed)),
            ("+LMQTTCONN: 0,0,0,0", Err(Malformed)),
            ("+LMQTTCONN: 0,x", Err(Malformed)),
        ] {
            decoded(&connect("c"), &[answer], |decoded| assert_eq!(decoded, response, "{answer}"));
        }
    }

    #[test]
    fn the_query_reads_the_state_and_not_a_late_result() {
        let query = ConnectionQuery::default();
        assert_eq!(line(&query), "AT+LMQTTCONN?");
        let answers: [(&[&str], _); 5] = [
            (&["+LMQTTCONN: 0,3"], Ok(Some(ConnectionState::Connected))),
            (&["+LMQTTCONN:0,4"], Ok(Some(ConnectionState::Disconnecting))),
            (&["+LMQTTCONN: 0,0,0", "+LMQTTCONN: 0,2"], Ok(Some(ConnectionState::Connecting))),
            (&["+LMQTTCONN: 0,0,0"], Err(Malformed)),
            (&[], Ok(None)),
        ];
        for (lines, state) in answers {
            decoded(&query, lines, |response| assert_eq!(response, state));
        }
    }
}
