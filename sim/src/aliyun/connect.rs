//! Signing in: what a CONNECT must say, which code it gets otherwise, and what becomes of the device's last connection.

use core::time::Duration;

use mqttbytes::v4::{ConnAck, Connect, ConnectReturnCode, Packet};

use super::client_id::ClientId;
use super::cloud::{SignedIn, Standing};
use super::trouble::Obstacle;
use super::{Channel, CloseReason, Cloud, ConnectionId, DeviceId, EventKind, Refusal, credentials};

const MINUTE: Duration = Duration::from_secs(60);

/// What an accepted CONNECT asks for.
struct Admission {
    device: DeviceId,
    client_id: String,
    server_subscribed: bool,
    custom_rrpc: bool,
}

impl Cloud {
    /// Answers a CONNECT.
    pub(super) fn connect(&mut self, connection: ConnectionId, level: u8, connect: &Connect) {
        match self.trouble.before_sign_in(self.now) {
            None => {}
            Some(Obstacle::Refused(code, reason)) => return self.refuse(connection, code, reason),
            Some(Obstacle::Closed) => return self.close(connection, CloseReason::OnPurpose),
        }
        let admission = match self.judge(self.connections[&connection].channel, connect) {
            Ok(admission) => admission,
            Err((code, reason)) => return self.refuse(connection, code, reason),
        };
        let device = admission.device.clone();
        if !self.may_connect_again(&device) {
            return self.close(connection, CloseReason::TooManyConnects);
        }
        if let Some(old) = self.devices[&device].connection {
            // One connection per device: the old one is closed without a packet, whatever its client id. [D, I]
            self.close(old, CloseReason::Replaced);
        }

        let now = self.now;
        let keep_subscriptions = self.settings.open.subscriptions_outlive_clean_session;
        let state = self.devices.get_mut(&device).expect("its password was checked");
        let session_present = state.session.persistent && !connect.clean_session;
        if !session_present {
            state.session.clear(keep_subscriptions);
        }
        state.session.persistent = !connect.clean_session;
        state.session.server_subscribed = admission.server_subscribed;
        state.session.custom_rrpc = admission.custom_rrpc;
        state.connection = Some(connection);
        let patience = Duration::from_secs(u64::from(connect.keep_alive)).mul_f32(1.5);
        let state = self.connections.get_mut(&connection).expect("the CONNECT came on it");
        state.signed_in = Some(SignedIn { device: device.clone(), patience });
        state.last_heard = now;

        self.note(
            Some(connection),
            EventKind::ConnectAccepted {
                device: device.clone(),
                client_id: admission.client_id,
                clean_session: connect.clean_session,
                session_present,
                keep_alive: connect.keep_alive,
            },
        );
        // MQTT 3.1 reserves the byte in which 3.1.1 tells of the session.
        let told = session_present && level == 4;
        self.send(connection, Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, told)));
        self.resume(connection, &device);
    }

    /// Answers a CONNECT of another protocol level.
    pub(super) fn refuse_level(&mut self, connection: ConnectionId, level: u8) {
        self.refuse(connection, ConnectReturnCode::RefusedProtocolVersion, Refusal::ProtocolLevel(level));
    }

    /// Forgets a connection of a device, and its session unless that is to last.
    pub(super) fn sign_out(&mut self, device: &DeviceId) {
        let keep_subscriptions = self.settings.open.subscriptions_outlive_clean_session;
        let Some(state) = self.devices.get_mut(device) else {
            return;
        };
        state.connection = None;
        if !state.session.persistent {
            state.session.clear(keep_subscriptions);
        }
    }

    fn refuse(&mut self, connection: ConnectionId, code: ConnectReturnCode, reason: Refusal) {
        self.note(Some(connection), EventKind::ConnectRefused { code, reason });
        self.send(connection, Packet::ConnAck(ConnAck::new(code, false)));
        self.close(connection, CloseReason::Refused);
    }

    /// The rules for a CONNECT: code 2 for its form, 4 for who it says it is, 5 for a device that may not. `[D, C]`
    fn judge(&self, channel: Channel, connect: &Connect) -> Result<Admission, (ConnectReturnCode, Refusal)> {
        use ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized, ServiceUnavailable};

        if self.maintenance {
            return Err((ServiceUnavailable, Refusal::Maintenance));
        }
        let client_id = ClientId::parse(&connect.client_id).map_err(|fault| (BadClientId, Refusal::ClientId(fault)))?;
        // Seen in the field with a keep-alive of 15 s. [C]
        if !self.settings.limits.keep_alive.contains(&connect.keep_alive) {
            return Err((BadClientId, Refusal::KeepAlive(connect.keep_alive)));
        }
        if let Some(auth_type) = client_id.auth_type {
            return Err((BadClientId, Refusal::AuthType(auth_type.into())));
        }
        let expected = if client_id.secure_mode == "3" { Channel::Plain } else { Channel::Tls };
        if let Some(code) = self.settings.open.channel_mismatch
            && channel != expected
        {
            return Err((code, Refusal::ChannelMismatch));
        }
        if let Some(code) = self.settings.open.will
            && connect.last_will.is_some()
        {
            return Err((code, Refusal::Will));
        }

        let login = connect.login.as_ref().ok_or((BadUserNamePassword, Refusal::UserName))?;
        let (device_name, product_key) =
            login.username.split_once('&').ok_or((BadUserNamePassword, Refusal::UserName))?;
        let device = DeviceId::new(product_key, device_name);
        let state = self.devices.get(&device).ok_or((BadUserNamePassword, Refusal::UnknownDevice))?;
        let content = credentials::content(client_id.id, device_name, product_key, client_id.timestamp);
        let secret = &state.device.device_secret;
        let is_verified = credentials::verify(client_id.sign_method, secret, &content, &login.password);
        if !is_verified || self.trouble.is_secret_wrong(self.now) {
            return Err((BadUserNamePassword, Refusal::Password));
        }
        match state.standing {
            Standing::Enabled if self.trouble.is_disabled(self.now) => return Err((NotAuthorized, Refusal::Disabled)),
            Standing::Enabled => {}
            Standing::Disabled => return Err((NotAuthorized, Refusal::Disabled)),
            Standing::Deleted => return Err((NotAuthorized, Refusal::Deleted)),
        }
        // New accounts are refused without TLS [D]; that the code is 5 is [I].
        if channel == Channel::Plain && !self.settings.plain_tcp {
            return Err((NotAuthorized, Refusal::PlainTcp));
        }
        let (server_subscribed, custom_rrpc) = (client_id.server_subscribed, client_id.custom_rrpc);
        Ok(Admission { device, client_id: client_id.id.into(), server_subscribed, custom_rrpc })
    }

    /// Counts a connect against the limit per minute.
    fn may_connect_again(&mut self, device: &DeviceId) -> bool {
        let Some(limit) = self.settings.limits.connects_per_minute else {
            return true;
        };
        let now = self.now;
        let state = self.devices.get_mut(device).expect("its password was checked");
        while state.connects.front().is_some_and(|at| *at + MINUTE <= now) {
            state.connects.pop_front();
        }
        state.connects.push_back(now);
        state.connects.len() <= limit
    }
}
