//! The job that all do: who signs in where, and what the modem, a script in memory, answers.

/// The device.
pub const PRODUCT_KEY: &str = "a1JszCpjS61";
/// The device.
pub const DEVICE_NAME: &str = "NT35E_06011";
/// The device; made up.
pub const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The broker.
pub const HOST: &str = "a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com";
/// The broker's port.
pub const PORT: core::num::NonZeroU16 = core::num::NonZeroU16::new(1883).unwrap();
/// The topic that is subscribed to and published on.
pub const TOPIC: &str = "/a1JszCpjS61/NT35E_06011/user/COMMUTEST";
/// What is published.
pub const PAYLOAD: &[u8] = b"1122334455";
/// How often the message is received.
pub const MESSAGES: usize = 64;
/// The topic of the message that is received.
pub const MESSAGE_TOPIC: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set";
/// A message as nt35e asks for it: with the length of its payload.
pub const COUNTED_MESSAGE: &[u8] = b"\r\n+LMQTTURC: RECV,0,1,\"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set\",136,{\"method\":\"thing.service.property.set\",\"id\":\"1234567890\",\"params\":{\"LightSwitch\":1,\"Brightness\":80,\"Color\":\"#ff8800\"},\"version\":\"1.0.0\"}\r\n";
/// The same without the length, for a driver that cannot use it.
pub const PLAIN_MESSAGE: &[u8] = b"\r\n+LMQTTURC: RECV,0,1,\"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set\",{\"method\":\"thing.service.property.set\",\"id\":\"1234567890\",\"params\":{\"LightSwitch\":1,\"Brightness\":80,\"Color\":\"#ff8800\"},\"version\":\"1.0.0\"}\r\n";

/// `OK`.
pub const OK: &[u8] = b"\r\nOK\r\n";
/// The answer to the query by which nt35e gets in step.
pub const IN_STEP: &[u8] = b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n";
/// The answer to `AT+LMQTTOPEN`.
pub const OPENED: &[u8] = b"\r\nOK\r\n\r\n+LMQTTOPEN: 0,0\r\n";
/// The answer to `AT+LMQTTCONN`.
pub const CONNECTED: &[u8] = b"\r\nOK\r\n\r\n+LMQTTCONN: 0,0,0\r\n";
/// The answer to the subscription, which has message id 1.
pub const SUBSCRIBED: &[u8] = b"\r\nOK\r\n\r\n+LMQTTSUBUNSUB: 0,1,0,1\r\n";
/// The answer to the publication, which has message id 2.
pub const PUBLISHED: &[u8] = b"\r\nOK\r\n\r\n+LMQTTPUB: 0,2,0\r\n";
