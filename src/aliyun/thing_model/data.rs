//! What the platform's own messages are made of.

use serde::{Deserialize, Serialize};

/// The value of a property, and when it was so.
///
/// ```
/// use nt35e::aliyun::thing_model::Timed;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Properties {
///     temperature: Timed<i32>,
/// }
/// let properties = Properties { temperature: Timed { value: 21, time: 1_524_448_722_000 } };
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timed<T> {
    /// The value.
    pub value: T,
    /// Milliseconds since the start of 1970, UTC.
    pub time: u64,
}

/// The value that somebody wants a property to have.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Desired<T> {
    /// The value; none if it was cleared.
    #[serde(default = "none")]
    pub value: Option<T>,
    /// How often it was wanted otherwise: [`Version`] clears it.
    pub version: u32,
}

fn none<T>() -> Option<T> {
    None
}

/// Which desired value is cleared: that of this version, and no newer one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Version {
    /// As it came in [`Desired`].
    pub version: u32,
}

/// A tag of the device.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tag<'a> {
    /// Its key: up to 64 letters, digits and `_`, and no digit first (`aliyun.md` §5). The platform checks that.
    #[serde(rename = "attrKey")]
    pub key: &'a str,
    /// Its value.
    #[serde(rename = "attrValue")]
    pub value: &'a str,
}

/// The key of a tag that is to be removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TagKey<'a> {
    /// The key.
    #[serde(rename = "attrKey")]
    pub key: &'a str,
}

/// What is asked for with [`Thing::ask_config`](super::Thing::ask_config).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigQuery {
    config_scope: &'static str,
    get_type: &'static str,
}

impl ConfigQuery {
    pub(super) const PRODUCT_FILE: Self = Self { config_scope: "product", get_type: "file" };
}

/// A file with the configuration of the product, which the device fetches by HTTPS.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(rename_all = "camelCase")]
pub struct RemoteConfig<'m> {
    /// Which version of it.
    #[serde(borrow)]
    pub config_id: &'m str,
    /// Bytes in the file.
    pub config_size: u32,
    /// Its signature in hex.
    #[serde(borrow)]
    pub sign: &'m str,
    /// How it is signed: `Sha256`.
    #[serde(borrow)]
    pub sign_method: &'m str,
    /// Where it is.
    #[serde(borrow)]
    pub url: &'m str,
}
