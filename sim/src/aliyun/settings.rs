//! What a double is told before it starts: its devices, its limits, and a choice for every open question.

use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;
use std::collections::BTreeMap;

use mqttbytes::QoS;
use mqttbytes::v4::ConnectReturnCode;

use super::{OtaQuestions, ProductModel};

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
    /// What the platform gave it by which to sign in with a token: up to five devices that do so share one name. `[D]`
    pub client_id: Option<String>,
}

impl DeviceId {
    /// Names a device.
    pub fn new(product_key: &str, device_name: &str) -> Self {
        Self { product_key: product_key.into(), device_name: device_name.into(), client_id: None }
    }

    /// Whether it is one of the devices that share this name.
    pub(super) fn is_token_of(&self, other: &Self) -> bool {
        self.client_id.is_some() && self.has_name_of(other)
    }

    /// Whether both have the same names, however they sign in.
    pub(super) fn has_name_of(&self, other: &Self) -> bool {
        self.product_key == other.product_key && self.device_name == other.device_name
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

/// A product whose devices can register by its secret (`aliyun.md` §4).
#[derive(Clone, Eq, PartialEq)]
pub struct Product {
    /// ProductKey.
    pub product_key: String,
    /// ProductSecret, the key of the HMAC; never printed.
    pub product_secret: String,
    /// The console's switch for dynamic registration.
    pub dynamic_registration: bool,
}

impl Product {
    /// A product whose switch is on.
    pub fn new(product_key: &str, product_secret: &str) -> Self {
        Self { product_key: product_key.into(), product_secret: product_secret.into(), dynamic_registration: true }
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { product_key, dynamic_registration, .. } = self;
        f.debug_struct("Product")
            .field("product_key", product_key)
            .field("dynamic_registration", dynamic_registration)
            .finish_non_exhaustive()
    }
}

/// Where the message with the credentials goes. `[U]`
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RegistrationTopic {
    /// `/ext/register` or `/ext/regnwl`, as the vendor's SDKs have it. `[S]`
    OfKind,
    /// `/ext/register` for both, as its documents have it. `[D]`
    Register,
}

/// What is sent to a device that registers, in place of its credentials.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RegistrationAnswer {
    /// Nothing.
    Silence,
    /// This.
    Payload(Vec<u8>),
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
    /// How long a call by RRPC waits for its answer. `[D]`
    pub rrpc_wait: Duration,
    /// Bytes of a broadcast. `[D]`
    pub broadcast: Option<usize>,
    /// How long a connection lasts on which a device has registered. `[D]`
    pub registration_kept: Duration,
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
            rrpc_wait: Duration::from_secs(8),
            broadcast: Some(64 * 1024),
            registration_kept: Duration::from_secs(15),
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

/// What becomes of a post with a property that does not fit the product's model. `[U]`
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnfitProperties {
    /// It is left out, and the answer is 200.
    Filter,
    /// The whole post is refused with the code of the first one.
    Refuse,
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
    /// Whether a request without `method`, such as the vendor's own SDK sends `[S]`, gets code 6300.
    pub method_required: bool,
    /// What becomes of a post with a property that does not fit the product's model.
    pub unfit_properties: UnfitProperties,
    /// Whether a desired value is deleted whatever version the device gives; otherwise one with another version stays.
    pub delete_desired_of_any_version: bool,
    /// Whether a device may write its shadow with version 0 whatever the shadow's version is, as an application may.
    pub shadow_version_0_is_unchecked: bool,
    /// Whether an answer by RRPC counts at another QoS than 0.
    pub rrpc_answer_at_any_qos: bool,
    /// Whether `_ss=1` covers `/ext/rrpc/+/sys/..`: the vendor's own SDK does not subscribe to it. `[S]`
    pub server_subscribes_custom_rrpc: bool,
    /// The QoS of the message with the credentials of a device that registers.
    pub registration_qos: QoS,
    /// Where that message goes.
    pub registration_topic: RegistrationTopic,
    /// Whether registrations, and sign-ins by the tokens that they give, are taken without TLS, which the platform does not.
    pub registration_on_plain: bool,
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
            method_required: false,
            unfit_properties: UnfitProperties::Filter,
            delete_desired_of_any_version: false,
            shadow_version_0_is_unchecked: false,
            rrpc_answer_at_any_qos: false,
            server_subscribes_custom_rrpc: true,
            registration_qos: QoS::AtMostOnce,
            registration_topic: RegistrationTopic::OfKind,
            registration_on_plain: false,
            ota: OtaQuestions::default(),
        }
    }
}

/// Everything that a double is told before it starts.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudSettings {
    /// The registered devices.
    pub devices: Vec<Device>,
    /// The products whose devices can register.
    pub products: Vec<Product>,
    /// The identifier of the instance, if it has one: a device that is not pre-registered has to name it. `[D]`
    pub instance: Option<String>,
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
    /// The id of the first call by RRPC or broadcast, longer than a u32; each later one is one higher.
    pub first_rrpc_id: u64,
    /// The thing model of a product, by ProductKey; a product without one takes every property.
    pub models: BTreeMap<String, ProductModel>,
    /// The platform's limits.
    pub limits: Limits,
    /// A choice for every point that no source settles.
    pub open: OpenQuestions,
}

impl Default for CloudSettings {
    fn default() -> Self {
        Self {
            devices: Vec::new(),
            products: Vec::new(),
            instance: None,
            custom_topics: vec![CustomTopic::new("user/#", TopicRight::Both)],
            product_topics: BTreeMap::new(),
            subscribe_delay: Duration::ZERO,
            plain_tcp: true,
            epoch: 1_700_000_000_000,
            ntp_turnaround: Duration::from_millis(5),
            first_id: 160_500_006,
            first_rrpc_id: 1_150_274_536_127_025_152,
            models: BTreeMap::new(),
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
