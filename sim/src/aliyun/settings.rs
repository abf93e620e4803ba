//! What a double is told before it starts: its devices, its limits, and a choice for every open question.

use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;
use std::collections::BTreeMap;

use mqttbytes::QoS;
use mqttbytes::v4::ConnectReturnCode;

use super::OtaQuestions;

/// How the bytes of a connection travel; the double never decrypts, it only has to know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel {
    /// Bare TCP, `securemode=3`.
    Plain,
    /// TLS, `securemode=2`.
    Tls,
}

/// The name of a device: unique on the whole platform.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeviceId {
    /// Which product it belongs to.
    pub product_key: String,
    /// Its name within the product.
    pub device_name: String,
}

impl DeviceId {
    /// Names a device.
    pub fn new(product_key: &str, device_name: &str) -> Self {
        Self { product_key: product_key.into(), device_name: device_name.into() }
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.product_key, self.device_name)
    }
}

/// A registered device: the triple of the console's device page.
#[derive(Clone, Eq, PartialEq)]
pub struct Device {
    /// ProductKey and DeviceName.
    pub id: DeviceId,
    /// DeviceSecret, the key of the HMAC; never printed.
    pub device_secret: String,
}

impl Device {
    /// A device from its triple.
    pub fn new(product_key: &str, device_name: &str, device_secret: &str) -> Self {
        Self { id: DeviceId::new(product_key, device_name), device_secret: device_secret.into() }
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a device may do with a custom topic.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TopicRight {
    /// Publish only.
    Publish,
    /// Subscribe only.
    Subscribe,
    /// Both: the device hears itself when it subscribes.
    Both,
}

/// A custom topic, as the console's list of a product defines it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CustomTopic {
    /// What follows `/{ProductKey}/{DeviceName}/`, wildcards allowed: `user/#`.
    pub filter: String,
    /// What the device may do with it.
    pub right: TopicRight,
}

impl CustomTopic {
    /// A custom topic with its right.
    pub fn new(filter: &str, right: TopicRight) -> Self {
        Self { filter: filter.into(), right }
    }
}

/// The platform's limits. `None` switches a limit off.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Seconds of keep-alive that are accepted. `[D]`
    pub keep_alive: RangeInclusive<u16>,
    /// Bytes of payload of one message; a longer one closes the connection. `[D]`
    pub payload: Option<usize>,
    /// Bytes of a topic. `[D]`
    pub topic_length: Option<usize>,
    /// Slashes in a custom topic; the platform's own topics have up to eight. `[D]`
    pub topic_slashes: Option<usize>,
    /// Filters in one SUBSCRIBE. `[D]`
    pub filters_per_subscribe: Option<usize>,
    /// Subscriptions of a device. `[D]`
    pub subscriptions: Option<usize>,
    /// Downlink messages at QoS 1 that await their PUBACK; more of them wait. `[D]`
    pub unacknowledged: usize,
    /// How long a message at QoS 1 is kept for an offline device with a persistent session. `[D]`
    pub offline_kept: Duration,
    /// How long a connection may stay without a CONNECT; that it is short is `[C]`, its length is `[U]`.
    pub connect_wait: Option<Duration>,
    /// Messages that a device may publish per second at QoS 0 and at QoS 1; more are dropped without an answer `[D]`.
    /// Off by default: a test on a host is faster than any device.
    pub uplink_per_second: Option<(usize, usize)>,
    /// Connects per minute and device; one more closes the connection `[U]`. The platform's number is 5 `[D]`.
    /// Off by default.
    pub connects_per_minute: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            keep_alive: 30..=1200,
            payload: Some(256 * 1024),
            topic_length: Some(128),
            topic_slashes: Some(7),
            filters_per_subscribe: Some(8),
            subscriptions: Some(100),
            unacknowledged: 100,
            offline_kept: Duration::from_secs(7 * 24 * 60 * 60),
            connect_wait: Some(Duration::from_secs(10)),
            uplink_per_second: None,
            connects_per_minute: None,
        }
    }
}

/// What a PUBLISH at QoS 2 does, which no source tells. `[U]`
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExactlyOncePublish {
    /// The connection is closed.
    Close,
    /// Nothing happens.
    Ignore,
    /// It is answered and delivered as if it came at QoS 1.
    AsAtLeastOnce,
}

/// A choice for every point that no source settles.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenQuestions {
    /// What a PUBLISH at QoS 2 does.
    pub exactly_once_publish: ExactlyOncePublish,
    /// Whether a QoS 1 PUBLISH to a topic that the device has no right to is acknowledged before it is dropped.
    pub acknowledge_refused_publish: bool,
    /// Whether a delivery to the publisher itself comes before the PUBACK of its PUBLISH.
    pub echo_before_acknowledgement: bool,
    /// The code for a `securemode` that does not fit the channel; `None` lets it pass.
    pub channel_mismatch: Option<ConnectReturnCode>,
    /// The code for a CONNECT with a will; `None` accepts it, and the will is never published.
    pub will: Option<ConnectReturnCode>,
    /// Whether any filter below `/sys/{ProductKey}/{DeviceName}/` may be subscribed to, as `/sys/../#`.
    pub own_wildcards: bool,
    /// Whether subscriptions outlive a clean session, as the platform's documentation suggests.
    pub subscriptions_outlive_clean_session: bool,
    /// After how long a message without PUBACK is sent again on the same connection; `None`: only after a reconnect.
    pub retry_after: Option<Duration>,
    /// The QoS of what the platform itself sends: replies, property settings.
    pub platform_qos: QoS,
    /// What is open about updates.
    pub ota: OtaQuestions,
}

impl Default for OpenQuestions {
    fn default() -> Self {
        Self {
            exactly_once_publish: ExactlyOncePublish::Close,
            acknowledge_refused_publish: true,
            echo_before_acknowledgement: false,
            channel_mismatch: Some(ConnectReturnCode::BadClientId),
            will: None,
            own_wildcards: false,
            subscriptions_outlive_clean_session: false,
            retry_after: None,
            // Captured replies and OTA downlinks came at QoS 0. [C]
            platform_qos: QoS::AtMostOnce,
            ota: OtaQuestions::default(),
        }
    }
}

/// Everything that a double is told before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudSettings {
    /// The registered devices.
    pub devices: Vec<Device>,
    /// The custom topics of every product that has no list of its own: `user/#` with both rights by default.
    pub custom_topics: Vec<CustomTopic>,
    /// The custom topics of a product, by ProductKey, in place of `custom_topics`.
    pub product_topics: BTreeMap<String, Vec<CustomTopic>>,
    /// How long after its SUBACK a subscription takes effect: up to 10 s on the platform `[D]`, none by default.
    pub subscribe_delay: Duration,
    /// Whether the instance takes connections without TLS at all.
    pub plain_tcp: bool,
    /// Milliseconds since 1970 at the start of the double, for NTP.
    pub epoch: u64,
    /// The time that an NTP request spends in the platform.
    pub ntp_turnaround: Duration,
    /// The id of the platform's first own message; each later one is one higher.
    pub first_id: u32,
    /// The platform's limits.
    pub limits: Limits,
    /// A choice for every point that no source settles.
    pub open: OpenQuestions,
}

impl Default for CloudSettings {
    fn default() -> Self {
        Self {
            devices: Vec::new(),
            custom_topics: vec![CustomTopic::new("user/#", TopicRight::Both)],
            product_topics: BTreeMap::new(),
            subscribe_delay: Duration::ZERO,
            plain_tcp: true,
            epoch: 1_700_000_000_000,
            ntp_turnaround: Duration::from_millis(5),
            first_id: 160_500_006,
            limits: Limits::default(),
            open: OpenQuestions::default(),
        }
    }
}

impl CloudSettings {
    /// The defaults, with one device.
    pub fn with_device(product_key: &str, device_name: &str, device_secret: &str) -> Self {
        Self { devices: vec![Device::new(product_key, device_name, device_secret)], ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let settings = CloudSettings::with_device("pk", "device", "0123456789abcdef0123456789abcdef");
        assert!(!format!("{settings:?}").contains("0123456789abcdef"));
    }
}
