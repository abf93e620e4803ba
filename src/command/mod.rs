//! The modem's commands: one file per chapter of its manual, each with its declaration, its encoding, its decoding and
//! its tests. Nothing about a command stands anywhere else.

mod attention;
mod clock;
mod close;
mod configure;
mod connect;
mod disconnect;
mod echo;
mod error_reports;
mod identity;
mod open;
mod operator;
mod packet;
mod power_saving;
mod publish;
mod radio;
mod raw;
mod registration;
mod signal;
mod sim;
mod subscribe;
#[cfg(test)]
mod testing;

pub use attention::Attention;
pub use clock::{ClockQuery, NetworkTime};
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
pub use identity::{FirmwareVersion, Identity, Imei, Model};
pub use open::{Open, OpenFailure};
pub use operator::{Operator, OperatorQuery, SelectOperator};
pub use packet::{AddressKind, AddressQuery, AttachmentQuery, ContextQuery, DefineContext};
pub use power_saving::{
    ActiveTime, ExtendedReception, PowerSaving, ReceptionCycle, SetExtendedReception, SetPowerSaving, UpdateInterval,
};
pub(crate) use publish::PublishAnswer;
pub use publish::{
    InlinePayload, LONGEST_PROMPTED_PAYLOAD, PublishHead, PublishInline, PublishOutcome, PublishPrompted, SendFailure,
};
pub use radio::Radio;
pub use raw::Raw;
pub use registration::{Registration, RegistrationQuery};
pub use signal::{Signal, SignalQuery};
pub use sim::{EnterPin, SimNumber, SimQuery, SimStatus, Subscriber};
pub use subscribe::{Subscribe, SubscribeFailure, Unsubscribe};
