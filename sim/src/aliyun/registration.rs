//! Dynamic registration (`aliyun.md` §4): a device signs in by the secret of its product, gets credentials of its own as a message that it
//! never subscribed to, and has to leave within 15 s.

use mqttbytes::QoS;
use mqttbytes::v4::{ConnAck, Connect, ConnectReturnCode, Packet, Publish};

use super::client_id::ClientId;
use super::cloud::{DeviceState, Standing};
use super::credentials::{self, SignMethod};
use super::{
    Channel, CloseReason, Cloud, ConnectionId, Device, DeviceId, EventKind, Refusal, RegistrationAnswer,
    RegistrationTopic,
};

/// Devices that may register under one name that was not created before. `[D]`
const MOST_OF_ONE_NAME: usize = 5;

/// What a registration asks for.
pub(super) struct Application {
    device: DeviceId,
    is_pre_registered: bool,
}

impl Cloud {
    /// The rules for the CONNECT of a registration: code 2 for its form, 4 for all that is wrong with product and device. `[D]`; that it
    /// is always 4, `[I]`. The keep-alive is not looked at.
    pub(super) fn judge_registration(
        &self,
        channel: Channel,
        connect: &Connect,
        client_id: &ClientId<'_>,
        is_pre_registered: bool,
    ) -> Result<Application, (ConnectReturnCode, Refusal)> {
        use ConnectReturnCode::{BadClientId, BadUserNamePassword, NotAuthorized};

        let open = &self.settings.open;
        if channel == Channel::Plain && !open.registration_on_plain {
            return Err((BadClientId, Refusal::PlainTcp));
        }
        if client_id.secure_mode == "3" {
            return Err((BadClientId, Refusal::ChannelMismatch));
        }
        let random = client_id.random.filter(|random| !random.is_empty());
        let random = random.ok_or_else(|| (BadClientId, Refusal::ClientId("no random".into())))?;
        if !is_pre_registered && self.settings.instance.is_some() {
            let is_named = client_id.instance_id == self.settings.instance.as_deref();
            if !is_named || client_id.secure_mode != "-2" {
                return Err((BadClientId, Refusal::Instance));
            }
        }
        let login = connect.login.as_ref().ok_or((BadUserNamePassword, Refusal::UserName))?;
        let (device_name, product_key) =
            login.username.split_once('&').ok_or((BadUserNamePassword, Refusal::UserName))?;
        let denied = |reason| (BadUserNamePassword, reason);
        let product = self.settings.products.iter().find(|product| product.product_key == product_key);
        let product = product.ok_or(denied(Refusal::UnknownProduct))?;
        let content = credentials::registration_content(device_name, product_key, random);
        if !credentials::verify(client_id.sign_method, &product.product_secret, &content, &login.password) {
            return Err(denied(Refusal::Password));
        }
        if !product.dynamic_registration {
            return Err(denied(Refusal::RegistrationOff));
        }
        let device = DeviceId::new(product_key, device_name);
        if is_pre_registered {
            let state = self.devices.get(&device).ok_or(denied(Refusal::UnknownDevice))?;
            match state.standing {
                Standing::Enabled if state.activated => return Err(denied(Refusal::Activated)),
                Standing::Enabled => {}
                Standing::Disabled => return Err((NotAuthorized, Refusal::Disabled)),
                Standing::Deleted => return Err((NotAuthorized, Refusal::Deleted)),
            }
        } else if self.devices.keys().filter(|known| known.is_token_of(&device)).count() >= MOST_OF_ONE_NAME {
            return Err(denied(Refusal::TooManyRegistrations));
        }
        Ok(Application { device, is_pre_registered })
    }

    /// Accepts a registration, and sends the credentials.
    pub(super) fn register(&mut self, connection: ConnectionId, application: Application) {
        let Application { device, is_pre_registered } = application;
        self.send(connection, Packet::ConnAck(ConnAck::new(ConnectReturnCode::Success, false)));
        let payload = if is_pre_registered { self.give_secret(&device) } else { self.give_token(&device) };
        self.note(Some(connection), EventKind::Registered { device, is_pre_registered });
        let ends_at = self.now + self.settings.limits.registration_kept;
        let state = self.connections.get_mut(&connection).expect("the CONNECT came on it");
        state.registering_until = Some(ends_at);
        let payload = match self.registration_answer.clone() {
            None => payload.into_bytes(),
            Some(RegistrationAnswer::Payload(payload)) => payload,
            Some(RegistrationAnswer::Silence) => return,
        };
        let open = &self.settings.open;
        let topic = match open.registration_topic {
            RegistrationTopic::OfKind if !is_pre_registered => "/ext/regnwl",
            RegistrationTopic::OfKind | RegistrationTopic::Register => "/ext/register",
        };
        let mut message = Publish::new(topic, open.registration_qos, payload);
        if message.qos != QoS::AtMostOnce {
            message.pkid = 1;
        }
        self.send(connection, Packet::Publish(message));
    }

    /// What a device may do on the connection on which it has registered: acknowledge, ask whether anybody is there, and leave.
    pub(super) fn take_from_registrant(&mut self, connection: ConnectionId, packet: &Packet) {
        match packet {
            Packet::PubAck(_) => {}
            Packet::PingReq => self.send(connection, Packet::PingResp),
            Packet::Disconnect => self.close(connection, CloseReason::Disconnect),
            _ => self.malformed(connection, "nothing else is taken from a device that registers"),
        }
    }

    /// Answers registrations otherwise than they deserve; `None` ends it.
    pub fn answer_registrations_with(&mut self, answer: Option<RegistrationAnswer>) {
        self.registration_answer = answer;
    }

    /// Resets a device, as the console does: it may register again. False if there is no such device.
    pub fn reset_device(&mut self, product_key: &str, device_name: &str) -> bool {
        let state = self.devices.get_mut(&DeviceId::new(product_key, device_name));
        state.map(|state| state.activated = false).is_some()
    }

    /// The secret that a device has now, be it from the start or from its last registration.
    pub fn device_secret(&self, product_key: &str, device_name: &str) -> Option<&str> {
        let state = self.devices.get(&DeviceId::new(product_key, device_name))?;
        Some(&state.device.device_secret)
    }

    /// Each registration gives another secret, and only the last counts. `[D]`
    fn give_secret(&mut self, device: &DeviceId) -> String {
        let secret = self.invent("secret").to_lowercase();
        let state = self.devices.get_mut(device).expect("it was judged");
        state.device.device_secret.clone_from(&secret);
        let DeviceId { product_key, device_name, .. } = device;
        format!(r#"{{"productKey":"{product_key}","deviceName":"{device_name}","deviceSecret":"{secret}"}}"#)
    }

    /// Each registration gives a client id with a token, and each of them counts. `[D]`
    fn give_token(&mut self, device: &DeviceId) -> String {
        let client_id = self.invent("client")[..20].to_owned();
        // The form of the tokens that the vendor's documents show in part.
        let secret = self.invent("token").to_lowercase();
        let token = format!("^1^{}^{secret}", self.settings.epoch);
        let DeviceId { product_key, device_name, .. } = device;
        let id = DeviceId { client_id: Some(client_id.clone()), ..device.clone() };
        let device = Device { id: id.clone(), device_secret: token.clone() };
        self.devices.insert(id, DeviceState::new(device));
        format!(
            r#"{{"productKey":"{product_key}","deviceName":"{device_name}","clientId":"{client_id}","deviceToken":"{token}"}}"#
        )
    }

    /// A text that was never given before, and is the same in the next run.
    fn invent(&mut self, kind: &str) -> String {
        self.given += 1;
        credentials::sign(SignMethod::HmacMd5, kind, &self.given.to_string())
    }
}
