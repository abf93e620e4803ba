//! A simulated Lierda NT35E modem and a double of Alibaba Cloud IoT.

pub mod aliyun;
mod direction;
pub mod fault;
pub mod modem;
mod path;
pub mod random;
#[cfg(feature = "tls")]
pub mod tls;
pub mod transcript;
pub mod wire;
pub mod world;
