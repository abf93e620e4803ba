//! Faults at work at the platform: sign-ins refused, devices signed out, a rival with the same triple, floods.

use core::time::Duration;

use bytes::BytesMut;
use mqttbytes::v4::{Connect, ConnectReturnCode, Login};
use mqttbytes::{Protocol, QoS};

use super::credentials::{self, SignMethod};
use super::{Channel, CloseReason, Cloud, ConnectionId, Device, DeviceId, Refusal};
use crate::fault::CloudFault;

/// What is wrong for a while, and since when it is not any more.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// Every sign-in gets this code, or no answer at all.
    refusing: Option<(Option<ConnectReturnCode>, Duration)>,
    disabled_until: Duration,
    wrong_secret_until: Duration,
    /// Connections of whoever signed in with a triple that is not theirs.
    rivals: Vec<ConnectionId>,
    floods: u32,
}

/// Why nobody, or not this device, may sign in now.
pub(super) enum Obstacle {
    Refused(ConnectReturnCode, Refusal),
    /// The connection ends without an answer.
    Closed,
}

impl Trouble {
    /// What stands in the way of every sign-in.
    pub(super) fn before_sign_in(&self, now: Duration) -> Option<Obstacle> {
        match self.refusing.filter(|(_, until)| now < *until)? {
            (Some(code), _) => Some(Obstacle::Refused(code, Refusal::OnPurpose)),
            (None, _) => Some(Obstacle::Closed),
        }
    }

    pub(super) fn is_secret_wrong(&self, now: Duration) -> bool {
        now < self.wrong_secret_until
    }

    pub(super) fn is_disabled(&self, now: Duration) -> bool {
        now < self.disabled_until
    }
}

impl Cloud {
    /// Lets a fault strike all devices now.
    pub fn strike(&mut self, fault: CloudFault, now: Duration) {
        self.tick(now);
        let now = self.now;
        match fault {
            CloudFault::Refuse { code, time } => self.trouble.refusing = Some((return_code(code), now + time)),
            CloudFault::Disable(time) => {
                self.trouble.disabled_until = self.trouble.disabled_until.max(now + time);
                self.kick_all();
            }
            CloudFault::WrongSecret(time) => {
                self.trouble.wrong_secret_until = self.trouble.wrong_secret_until.max(now + time);
            }
            CloudFault::Kick => self.kick_all(),
            CloudFault::SecondSignIn => {
                let devices: Vec<Device> = self.devices.values().map(|state| state.device.clone()).collect();
                devices.iter().for_each(|device| self.sign_in_elsewhere(device));
            }
            CloudFault::Flood { count, length } => self.flood(count, length),
        }
    }

    /// Forgets the rivals whose connections have ended.
    pub(super) fn tend_rivals(&mut self) {
        for rival in core::mem::take(&mut self.trouble.rivals) {
            if self.is_open(rival) {
                self.trouble.rivals.push(rival);
            } else {
                self.connections.remove(&rival);
            }
        }
    }

    fn kick_all(&mut self) {
        let connections: Vec<ConnectionId> = self.devices.values().filter_map(|state| state.connection).collect();
        for connection in connections {
            self.close(connection, CloseReason::Kicked);
        }
    }

    /// Whoever it is takes messages and acknowledges none, so that the device gets them when it is back.
    fn sign_in_elsewhere(&mut self, device: &Device) {
        let DeviceId { product_key, device_name, .. } = &device.id;
        let (channel, secure_mode) = if self.settings.plain_tcp { (Channel::Plain, 3) } else { (Channel::Tls, 2) };
        let content = credentials::content("elsewhere", device_name, product_key, None);
        let password = credentials::sign(SignMethod::HmacSha1, &device.device_secret, &content);
        let connect = Connect {
            protocol: Protocol::V4,
            keep_alive: 60,
            client_id: format!("elsewhere|securemode={secure_mode},signmethod=hmacsha1|"),
            clean_session: false,
            last_will: None,
            login: Some(Login::new(format!("{device_name}&{product_key}"), password)),
        };
        let mut packet = BytesMut::new();
        connect.write(&mut packet).expect("a short packet");
        let connection = self.accept(channel, self.now);
        self.trouble.rivals.push(connection);
        self.receive(connection, &packet, self.now);
        // What it is told is of no interest.
        self.transmit(connection);
    }

    /// To each filter that is a topic.
    fn flood(&mut self, count: u32, length: u32) {
        self.trouble.floods += 1;
        let flood = self.trouble.floods;
        let filters = self.devices.values().flat_map(|state| state.session.filters());
        let topics: Vec<String> = filters.filter(|filter| !filter.contains(['+', '#'])).map(str::to_owned).collect();
        for topic in topics {
            for number in 1..=count {
                let text = format!("flood {flood}, message {number} of {count}: ");
                let payload = format!("{text:x<width$}", width = length as usize);
                self.publish_to(&topic, payload.as_bytes(), QoS::AtLeastOnce);
            }
        }
    }
}

fn return_code(code: u8) -> Option<ConnectReturnCode> {
    Some(match code {
        0 => return None,
        1 => ConnectReturnCode::RefusedProtocolVersion,
        2 => ConnectReturnCode::BadClientId,
        3 => ConnectReturnCode::ServiceUnavailable,
        4 => ConnectReturnCode::BadUserNamePassword,
        _ => ConnectReturnCode::NotAuthorized,
    })
}
