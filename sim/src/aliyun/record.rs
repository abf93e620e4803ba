//! The log of a double: every packet in both directions, and every decision with its reason.

use core::time::Duration;

use mqttbytes::QoS;
use mqttbytes::v4::{ConnectReturnCode, Packet};
use serde_json::{Map, Value};

use super::{CallState, Channel, Cloud, ConnectionId, DeviceId, DeviceReply};

/// One entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudEvent {
    /// When, since the start.
    pub at: Duration,
    /// On which connection, if on one.
    pub connection: Option<ConnectionId>,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// A client opened a connection.
    Opened(Channel),
    /// A complete packet arrived.
    Received(Packet),
    /// A packet was put on its way.
    Sent(Packet),
    /// Bytes were put on their way by [`Cloud::inject`].
    Injected(Vec<u8>),
    /// A CONNECT was answered with code 0.
    ConnectAccepted {
        /// Who signed in.
        device: DeviceId,
        /// The client id before the first `|`.
        client_id: String,
        /// Whether it asked for a clean session.
        clean_session: bool,
        /// Whether a session was resumed.
        session_present: bool,
        /// In seconds.
        keep_alive: u16,
    },
    /// A CONNECT was answered with another code.
    ConnectRefused {
        /// The code of the CONNACK.
        code: ConnectReturnCode,
        /// Why.
        reason: Refusal,
    },
    /// A filter was granted.
    Subscribed {
        /// To whom.
        device: DeviceId,
        /// The filter.
        filter: String,
        /// The QoS asked for, which the platform ignores.
        requested: QoS,
    },
    /// A filter was answered with 0x80.
    SubscribeRefused {
        /// Who asked.
        device: DeviceId,
        /// The filter.
        filter: String,
        /// Why.
        reason: TopicRefusal,
    },
    /// A filter was given up.
    Unsubscribed {
        /// By whom.
        device: DeviceId,
        /// The filter.
        filter: String,
    },
    /// A device published.
    Published(PublishRecord),
    /// A device acknowledged a message.
    Acknowledged {
        /// Who.
        device: DeviceId,
        /// The message.
        packet_id: u16,
        /// Whether a message with this id was waiting for it.
        expected: bool,
    },
    /// A message waits for its device: offline, or with too many messages unacknowledged.
    Queued {
        /// For whom.
        device: DeviceId,
        /// The message's topic.
        topic: String,
    },
    /// A message did not go to a device, and never will.
    NotDelivered {
        /// To whom.
        device: DeviceId,
        /// The message's topic.
        topic: String,
        /// Why.
        reason: Undelivered,
    },
    /// A device posted properties; those that do not fit the product's model are left out.
    PropertiesPosted {
        /// Who.
        device: DeviceId,
        /// The values, by identifier.
        properties: Map<String, Value>,
    },
    /// A device posted an event of its thing model.
    EventPosted {
        /// Who.
        device: DeviceId,
        /// Which event.
        identifier: String,
        /// The parameters, as they came.
        params: Map<String, Value>,
    },
    /// A device answered a call.
    Replied {
        /// Where it published the answer.
        topic: String,
        /// The answer.
        reply: DeviceReply,
        /// Whether a call was waiting for it: a late answer is the platform's log code 1904. `[D]`
        expected: bool,
    },
    /// A device did not answer a call in time.
    CallTimedOut {
        /// Who was called.
        device: DeviceId,
        /// The call.
        id: String,
    },
    /// A connection ended.
    Closed(CloseReason),
}

/// Why a CONNECT was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The protocol level is neither 3 (MQTT 3.1) nor 4 (MQTT 3.1.1).
    ProtocolLevel(u8),
    /// The service is under maintenance.
    Maintenance,
    /// The client id is not `{id}|key=value,..|`; the text says where.
    ClientId(String),
    /// Fewer or more seconds of keep-alive than the platform takes.
    KeepAlive(u16),
    /// `securemode` does not fit the channel.
    ChannelMismatch,
    /// A will where the settings forbid it.
    Will,
    /// A way to sign in that the double does not know.
    AuthType(String),
    /// The user name is missing or not `{DeviceName}&{ProductKey}`.
    UserName,
    /// No such device.
    UnknownDevice,
    /// The password is not the HMAC of the content.
    Password,
    /// The device is disabled.
    Disabled,
    /// The device was deleted.
    Deleted,
    /// The instance takes TLS only.
    PlainTcp,
    /// [`CloudFault::Refuse`](crate::fault::CloudFault::Refuse).
    OnPurpose,
}

/// Why a topic or a filter was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TopicRefusal {
    /// Not a filter at all: empty, or a wildcard out of place.
    Malformed,
    /// More than 128 bytes.
    TooLong,
    /// More than 7 slashes.
    TooManySlashes,
    /// A level of a custom topic is empty or holds something else than `A-Z a-z 0-9 _`.
    Level,
    /// Not a topic of this device, or not with this right: the platform's log code 9236.
    NotAllowed,
    /// More than 8 filters in one SUBSCRIBE.
    TooManyFilters,
    /// More than 100 subscriptions.
    TooManySubscriptions,
}

/// Why a message did not go to a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Undelivered {
    /// The device has no subscription that matches, or none that has taken effect.
    NotSubscribed,
    /// The device is offline and the message or the session is not of the kind that is kept.
    Offline,
    /// The message was kept for as long as the platform keeps one.
    Expired,
}

/// A message that a device published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublishRecord {
    /// Who published.
    pub device: DeviceId,
    /// The topic.
    pub topic: String,
    /// The payload.
    pub payload: Vec<u8>,
    /// The QoS.
    pub qos: QoS,
    /// The retain flag, which the platform ignores.
    pub retain: bool,
    /// The DUP flag.
    pub dup: bool,
    /// The packet id; 0 at QoS 0.
    pub packet_id: u16,
    /// What became of it.
    pub outcome: PublishOutcome,
}

/// What became of a message that a device published.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PublishOutcome {
    /// The platform took it.
    Accepted,
    /// Dropped for its topic.
    Topic(TopicRefusal),
    /// Dropped for coming too fast.
    Rate,
    /// Too large: the connection was closed.
    TooLarge,
    /// QoS 2, which the platform does not know.
    ExactlyOnce,
}

/// Why a connection ended.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CloseReason {
    /// The client sent DISCONNECT.
    Disconnect,
    /// The client's side of the connection went away.
    PeerGone,
    /// A CONNECT was refused.
    Refused,
    /// No CONNECT came in time.
    NoConnect,
    /// Nothing came for one and a half times the keep-alive.
    KeepAlive,
    /// The device signed in on another connection.
    Replaced,
    /// The device connected too often.
    TooManyConnects,
    /// The bytes are not MQTT, or not what a client may send now; the text says what.
    Malformed(String),
    /// A message was too large.
    TooLarge,
    /// A message came at QoS 2.
    ExactlyOnce,
    /// [`Cloud::kick`], [`Cloud::disable_device`] or [`Cloud::delete_device`], or a fault that does the same.
    Kicked,
    /// [`CloudFault::Refuse`](crate::fault::CloudFault::Refuse) without a code.
    OnPurpose,
    /// [`Cloud::drop_after`].
    Dropped,
}

impl Cloud {
    /// Everything that happened, oldest first.
    pub fn events(&self) -> &[CloudEvent] {
        &self.log
    }

    /// Forgets everything that happened, and the calls that are over.
    pub fn clear_events(&mut self) {
        self.log.clear();
        self.calls.retain(|_, call| call.state == CallState::Waiting);
    }

    /// What a device published, refused messages included.
    pub fn publishes_from(&self, product_key: &str, device_name: &str) -> Vec<&PublishRecord> {
        let device = DeviceId::new(product_key, device_name);
        self.log
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Published(record) if record.device == device => Some(record),
                _ => None,
            })
            .collect()
    }

    /// Why each connection ended that did, oldest first.
    pub fn close_reasons(&self) -> Vec<&CloseReason> {
        self.log
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Closed(reason) => Some(reason),
                _ => None,
            })
            .collect()
    }

    pub(super) fn note(&mut self, connection: Option<ConnectionId>, kind: EventKind) {
        self.log.push(CloudEvent { at: self.now, connection, kind });
    }
}
