//! What the platform's console and API do, and the faults a test wants.

use core::fmt;

use mqttbytes::QoS;

use super::{Cloud, ConnectionId, Device};

/// Why a call of the platform's API failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ApiError {
    /// No such device.
    NoDevice,
    /// The device is disabled.
    Disabled,
    /// The device is offline; the call is not queued.
    Offline,
    /// The parameters are not a JSON object.
    Parameters,
}

impl ApiError {
    /// The platform's number for it. `[D]`
    pub fn code(self) -> u32 {
        match self {
            Self::NoDevice => 6100,
            Self::Disabled => 6204,
            Self::Offline => 9201,
            Self::Parameters => 460,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NoDevice => "no such device",
            Self::Disabled => "the device is disabled",
            Self::Offline => "the device is offline",
            Self::Parameters => "the parameters are not a JSON object",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl core::error::Error for ApiError {}

impl Cloud {
    /// Sets properties of a device, as the console does, and gives the id of the request. The device's answer appears
    /// in [`Cloud::property_replies`].
    ///
    /// A device that is online but has not subscribed to the topic never learns of it, and the call still succeeds.
    pub fn set_property(
        &mut self,
        _product_key: &str,
        _device_name: &str,
        _params_json: &str,
    ) -> Result<String, ApiError> {
        Err(ApiError::NoDevice)
    }

    /// Publishes to whoever subscribed to the topic; gives for how many devices it was sent or queued.
    pub fn publish_to(&mut self, _topic: &str, _payload: &[u8], _qos: QoS) -> usize {
        0
    }

    /// Ends a device's connection without a packet; false if it has none.
    pub fn kick(&mut self, _product_key: &str, _device_name: &str) -> bool {
        false
    }

    /// Registers a device, or gives a registered one a new secret.
    pub fn add_device(&mut self, _device: Device) {}

    /// Disables a device and ends its connection; false if there is no such device.
    pub fn disable_device(&mut self, _product_key: &str, _device_name: &str) -> bool {
        false
    }

    /// Enables a device again; false if there is no such device.
    pub fn enable_device(&mut self, _product_key: &str, _device_name: &str) -> bool {
        false
    }

    /// Deletes a device and ends its connection; false if there is no such device.
    pub fn delete_device(&mut self, _product_key: &str, _device_name: &str) -> bool {
        false
    }

    /// Refuses every CONNECT with code 3 while on.
    pub fn set_maintenance(&mut self, _on: bool) {}

    /// Answers the next posts with this code instead of the one they deserve; `None` ends it.
    pub fn answer_posts_with(&mut self, _code: Option<u32>) {}

    /// Ends a connection, mid-packet if it falls so, once this many more bytes were given by [`Cloud::transmit`], all
    /// connections counted together. With 0 the next bytes to any client are lost and its connection ends.
    pub fn drop_after(&mut self, _bytes: usize) {}

    /// While on, the double is deaf and dumb on connections that stay open; what arrives is read when it ends.
    pub fn stall(&mut self, _on: bool) {}

    /// Sends raw bytes to a device; false if it has no connection.
    pub fn inject(&mut self, _product_key: &str, _device_name: &str, _bytes: &[u8]) -> bool {
        false
    }

    /// The connection that a device is signed in on.
    pub fn connection_of(&self, _product_key: &str, _device_name: &str) -> Option<ConnectionId> {
        None
    }

    /// The filters that a device has subscribed to, in the order in which it did.
    pub fn subscriptions(&self, _product_key: &str, _device_name: &str) -> Vec<&str> {
        Vec::new()
    }
}
