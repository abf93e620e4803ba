//! `AT+LMQTTCONN` with credentials that are computed while the line is written, so that nothing has to keep them.

use super::credentials::user_name;
use super::{SecureMode, Signing};
use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::command::{Connect, ConnectFailure, decode_sign_in};
use crate::value::{ConnectionId, DeviceClientId, Triple};

/// The sign-in of a device that the host signs for. What goes out is the signature, never the DeviceSecret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignedConnect<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) triple: Triple<'a>,
    pub(crate) client_id: DeviceClientId<'a>,
    pub(crate) signing: Signing<'a>,
    pub(crate) secure_mode: SecureMode,
}

impl Command for SignedConnect<'_> {
    const SPEC: Spec = Connect::SPEC;
    type Response<'r> = Result<(), ConnectFailure>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.conceal()
            .key(u16::from(self.connection.get()))
            .pieces(&self.signing.client_id(self.client_id, self.secure_mode))
            .pieces(&user_name(self.triple));
        let password = self.signing.signature(self.triple, self.client_id);
        line.raw(b",\"").raw(password.expose_bytes()).raw(b"\"");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Result<(), ConnectFailure>, Malformed> {
        decode_sign_in(answer)
    }
}
