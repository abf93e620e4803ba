//! The double of Alibaba Cloud IoT.
