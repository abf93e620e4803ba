//! Signing on the host: from a device's triple to MQTT client id, user name and password.
//!
//! It needs no modem and no memory but what is returned, so it serves any other MQTT client as well:
//!
//! ```
//! # #[cfg(feature = "sign-sha256")]
//! # fn main() -> Result<(), nt35e::InvalidField> {
//! use nt35e::Triple;
//! use nt35e::aliyun::sign::{SecureMode, SignMethod, Signing};
//! use nt35e::aliyun::{DeviceClientId, Region};
//!
//! let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?;
//! let signing = Signing::new(SignMethod::HMAC_SHA256);
//! let credentials = signing.credentials(triple, DeviceClientId::new("NT35E")?, SecureMode::Tls);
//! assert_eq!(credentials.client_id(), "NT35E|securemode=2,signmethod=hmacsha256|");
//! assert_eq!(credentials.user_name(), "NT35E_06011&a1JszCpjS61");
//! assert_eq!(credentials.expose_password(), "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2");
//! assert_eq!(Region::Tokyo.host(triple).to_string(), "a1JszCpjS61.iot-as-mqtt.ap-northeast-1.aliyuncs.com");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sign-sha256"))]
//! # fn main() {}
//! ```
//!
//! Through the modem, [`SignIn::signed_by_host`](super::SignIn::signed_by_host) does all of that.
//!
//! | feature | method | remark |
//! |---|---|---|
//! | `sign-sha256` | `SignMethod::HMAC_SHA256` | the one to choose |
//! | `sign-sha1` | `SignMethod::HMAC_SHA1` | for credentials that have to match others' |
//! | `sign-md5` | `SignMethod::HMAC_MD5` | the platform's default where a client id names none; likewise |
//!
//! The hash of SHA-256 comes from the crate `sha2`, which unrolls its rounds unless the firmware's `rustflags` say
//! `--cfg sha2_backend_soft="compact"`: then it takes less than a third of the flash.

mod connect;
mod credentials;
mod method;

pub use crate::value::{Parameters, SignMethod, Signature, Signing, Timestamp};
pub(crate) use connect::PiecewiseConnect;
pub(crate) use credentials::user_name;
pub use credentials::{Credentials, SecureMode};
