//! The modem's commands: one file per chapter of its manual, each with its declaration, its encoding, its decoding and
//! its tests. Nothing about a command stands anywhere else.

mod attention;
mod close;
mod configure;
mod connect;
mod disconnect;
mod echo;
mod error_reports;
mod identity;
mod open;
mod publish;
mod raw;
mod registration;
mod subscribe;
#[cfg(test)]
mod testing;

pub use attention::Attention;
pub use close::Close;
pub use configure::{
    Aliyun, Cache, Cloud, Configure, MessageRetry, PayloadFormat, ProtocolVersion, Setting, Tls, TlsContext,
};
#[cfg(feature = "sign")]
pub(crate) use connect::decode_sign_in;
pub use connect::{Connect, ConnectFailure, ConnectionQuery, ConnectionState, Login, ReturnCode};
pub use disconnect::{Disconnect, Teardown};
pub use echo::Echo;
pub use error_reports::{ErrorReports, SetErrorReports};
pub use identity::{FirmwareVersion, Identity};
pub use open::{Open, OpenFailure};
pub(crate) use publish::PublishAnswer;
pub use publish::{
    InlinePayload, LONGEST_PROMPTED_PAYLOAD, PublishHead, PublishInline, PublishOutcome, PublishPrompted, SendFailure,
};
pub use raw::Raw;
pub use registration::{Registration, RegistrationQuery};
pub use subscribe::{Subscribe, SubscribeFailure, Unsubscribe};
