//! A simulated Lierda NT35E modem and a double of Alibaba Cloud IoT.

pub mod aliyun;
pub mod modem;
pub mod transcript;
pub mod wire;
pub mod world;
