//! Who the device is in the cloud, and the topics that it uses: all of it is known when the firmware is built.

use nt35e::Triple;
use nt35e::aliyun::SignIn;

macro_rules! product_key {
    () => {
        env!("NT35E_PRODUCT_KEY", "set NT35E_PRODUCT_KEY to the ProductKey that the console shows for the device")
    };
}

macro_rules! device_name {
    () => {
        env!("NT35E_DEVICE_NAME", "set NT35E_DEVICE_NAME to the DeviceName that the console shows for the device")
    };
}

const DEVICE_SECRET: &str =
    env!("NT35E_DEVICE_SECRET", "set NT35E_DEVICE_SECRET to the DeviceSecret that the console shows for the device");

macro_rules! topic {
    ($rest:literal) => {
        concat!("/", product_key!(), "/", device_name!(), $rest)
    };
}

/// Where the device publishes.
pub const UPDATE: &str = topic!("/user/update");
/// What it listens to.
pub const GET: &str = topic!("/user/get");
/// What it says after each sign-in.
pub const GREETING: &[u8] = concat!("{\"start\":\"", env!("CARGO_PKG_NAME"), "\"}").as_bytes();
/// The longest payload that it sends back; longer ones are passed over.
pub const LONGEST_ECHO: usize = 512;

/// The cloud keeps what is sent at QoS 1 while the device is away.
pub const SIGN_IN: SignIn<'static> = SignIn::new(TRIPLE).clean_session(false);

/// Checked by the compiler.
const TRIPLE: Triple<'static> = match Triple::new(product_key!(), device_name!(), DEVICE_SECRET) {
    Ok(triple) => triple,
    Err(_) => panic!("NT35E_PRODUCT_KEY, NT35E_DEVICE_NAME or NT35E_DEVICE_SECRET is not what the console shows"),
};
