//! Alibaba Cloud IoT: where a device signs in, and which topics the platform takes.

mod sign_in;
mod topic;

pub use sign_in::{Region, SignIn};
pub(crate) use topic::check;
