//! The double of Alibaba Cloud IoT: a sans-IO core, [`Cloud`], and a thin TCP shell around it, [`CloudServer`].
//!
//! It judges sign-in, topics, sizes and keep-alive as the platform does, where a plain MQTT broker would let everything
//! pass. The tags in the comments tell how well a rule is known: `[D]` vendor's documentation, `[S]` source of a vendor's
//! SDK, `[C]` a capture, `[I]` inferred, `[U]` unverified; every `[U]` is a switch in [`OpenQuestions`] or [`Limits`].

mod alink;
mod calls;
mod client_id;
mod cloud;
mod connect;
mod control;
pub mod credentials;
mod device_data;
mod downlink;
mod framing;
mod named;
mod ota;
mod product_model;
mod record;
mod registration;
mod replies;
mod server;
mod session;
mod settings;
mod shadow;
mod subscribe;
mod topics;
mod trouble;
mod uplink;

pub use calls::{ApiError, Call, CallState, DeviceReply, Invocation};
pub use cloud::{Cloud, ConnectionId};
pub use mqttbytes::QoS;
pub use mqttbytes::v4::{ConnectReturnCode, Packet};
pub use named::NamedSetting;
pub use ota::{OtaHash, OtaImage, OtaQuestions, OtaTail};
pub use product_model::{DataType, ProductModel};
pub use record::{
    CloseReason, CloudEvent, EventKind, PublishOutcome, PublishRecord, Refusal, TopicRefusal, Undelivered,
};
pub use server::CloudServer;
pub use settings::{
    Channel, CloudSettings, CustomTopic, Device, DeviceId, ExactlyOncePublish, Limits, OpenQuestions, Product,
    RegistrationAnswer, RegistrationTopic, TopicRight, UnfitProperties,
};
pub use shadow::Shadow;
