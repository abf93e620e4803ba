//! `AT+LMQTTCONN` with credentials that are put together while the line is written, so that nothing has to keep them.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::command::{Connect, ConnectFailure, decode_sign_in};
use crate::value::ConnectionId;

/// The sign-in of a device whose credentials the host knows: from a signature, never with the DeviceSecret, or by a token.
///
/// The texts are in pieces, each of which was checked.
#[derive(Clone, Copy)]
pub(crate) struct PiecewiseConnect<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) client_id: &'a [&'a str],
    pub(crate) user_name: &'a [&'a str],
    pub(crate) password: &'a str,
}

impl Command for PiecewiseConnect<'_> {
    const SPEC: Spec = Connect::SPEC;
    type Response<'r> = Result<(), ConnectFailure>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.conceal()
            .key(u16::from(self.connection.get()))
            .pieces(self.client_id)
            .pieces(self.user_name)
            .pieces(&[self.password]);
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Result<(), ConnectFailure>, Malformed> {
        decode_sign_in(answer)
    }
}
