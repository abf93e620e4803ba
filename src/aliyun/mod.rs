//! Alibaba Cloud IoT: where a device signs in and how, and which topics the platform takes.

mod host;
mod json;
pub mod ntp;
#[cfg(feature = "ota")]
pub mod ota;
#[cfg(feature = "registration")]
pub mod registration;
#[cfg(feature = "sign")]
pub mod sign;
mod sign_in;
#[cfg(feature = "thing-model")]
pub mod thing_model;
mod topic;
pub mod topics;

pub use crate::value::DeviceClientId;
pub use host::{Region, instance_host};
pub use sign_in::SignIn;
pub(crate) use topic::check;
