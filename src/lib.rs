#![no_std]
#![forbid(unsafe_code)]
// What a feature adds is only there to link to with that feature; `cargo xtask test` checks the links with all of them.
#![cfg_attr(
    not(all(
        feature = "async",
        feature = "embedded-io-06",
        feature = "mock",
        feature = "nb",
        feature = "ota",
        feature = "power",
        feature = "registration",
        feature = "sign",
        feature = "supervisor",
        feature = "thing-model"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]
// Nothing that comes from the wire or from the caller may panic. These lints are here and not in the workspace table,
// because tests and host tools may.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
#![cfg_attr(
    not(any(feature = "async", feature = "embedded-io", feature = "nb")),
    allow(dead_code, unused_imports, reason = "without a front-end nothing runs the plans")
)]
//! An MQTT client for bare-metal firmware, on a Lierda NT35E or NT26E cellular modem, first of all for Alibaba Cloud IoT.
//!
//! The driver needs a UART, a clock and three buffers. It allocates nothing, has no `unsafe`, and does not panic.
//!
//! ```
//! # #[cfg(feature = "embedded-io")]
//! # mod example {
//! use embedded_io::{Read, ReadReady, Write};
//! use nt35e::{Buffers, Duration, Error, Event, Instant, Network, Publish, QoS, Triple, blocking};
//!
//! fn run<U: Read + ReadReady + Write>(
//!     uart: U,
//!     clock: impl FnMut() -> Instant,
//!     device_secret: &str,
//! ) -> Result<(), Error<U::Error>> {
//!     let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
//!     let mut client = blocking::Client::new(uart, clock, Buffers::new(&mut rx, &mut tx, &mut inbox));
//!     client.bring_up(&Network::default())?;
//!     client.connect_aliyun(Triple::new("a1JszCpjS61", "NT35E_06011", device_secret)?)?;
//!     client.subscribe("/a1JszCpjS61/NT35E_06011/user/get", QoS::AtLeastOnce)?;
//!     let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", b"{\"t\":21}");
//!     client.publish(&message.qos(QoS::AtLeastOnce))?;
//!     while let Some(event) = client.next_event(Duration::from_secs(60))? {
//!         match event {
//!             Event::Message { topic, payload, .. } if topic == "/a1JszCpjS61/NT35E_06011/user/get" => {
//!                 let _ = payload;
//!             }
//!             Event::Restarted(_) | Event::Disconnected(_) => {
//!                 // It may be the news of a start that was waited for.
//!                 if !client.is_connected() {
//!                     break; // bring up and connect again
//!                 }
//!             }
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//! # }
//! ```
//!
//! # Layers
//!
//! A layer uses only those above it in this list.
//!
//! | layer | what it holds |
//! |---|---|
//! | `time` | [`Instant`], [`Duration`], [`Clock`]: there is no clock inside |
//! | `value` | [`Topic`], [`QoS`], [`Triple`] and the like: checked once, when they are made |
//! | [`at`] | bytes, frames, and the one command in flight; knows no command by name; pure |
//! | [`command`] | one file per chapter of the modem's manual |
//! | `urc` | [`Event`]: every unsolicited line |
//! | `network` | [`Network`], [`BringUp`]: what bringing the modem up waits for, and what it sets |
//! | `mqtt` | [`Broker`], and the session |
//! | [`aliyun`] | hosts, regions, topics and time of the platform, and its rules |
//! | [`power`] | PWRKEY, RESET and the supply, behind a feature of this name |
//! | `client` | the front-ends, each a short loop, and the plans that they run |
//! | [`supervisor`] | what keeps a device signed in by itself: decisions without IO, and clients over the front-ends |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `embedded-io` | yes | [`blocking`]: the blocking front-end over embedded-io 0.7 |
//! | `embedded-io-06` | no | [`FromEmbeddedIo06`]: a UART of embedded-io 0.6 for the blocking front-end |
//! | `nb` | no | [`nonblocking`]: the front-end over embedded-hal-nb 1.0, for super-loops and RTIC |
//! | `async` | no | [`asynch`]: the front-end over embedded-io-async 0.7, for any executor |
//! | `supervisor` | no | [`supervisor`]: keeps a device signed in by itself, over any of the front-ends that are on |
//! | `embassy-time` | no | a timer for it from embassy-time 0.5; turns `async` on |
//! | `defmt` | no | `defmt::Format` for the public types, and log messages through defmt |
//! | `mock` | no | [`mock`]: a UART that follows a script, to test an application without a board |
//! | `power` | no | [`power`]: PWRKEY, RESET and the supply through embedded-hal 1.0 pins |
//! | `log` | no | log messages through the `log` crate |
//! | `sign-sha256` | no | [`aliyun::sign`]: credentials of Alibaba Cloud IoT, signed by the host with HMAC-SHA256 |
//! | `sign-sha1`, `sign-md5` | no | the same with HMAC-SHA1 and HMAC-MD5 |
//! | `registration` | no | [`aliyun::registration`]: one secret per product type; needs one of the three before |
//! | `thing-model` | no | [`aliyun::thing_model`]: properties, events and services of Alibaba Cloud IoT as types with serde's derive |
//! | `ota` | no | [`aliyun::ota`]: firmware updates over MQTT into a flash of embedded-storage, verified by SHA-256 |
//! | `ota-md5` | no | the same, verified by MD5 where the platform says so |
//!
//! `sign` is what the three that sign share, and is of no use alone. None of them is on by default: where the modem signs, which is
//! the default of [`aliyun::SignIn`], nothing has to be paid for it.
//!
//! Log messages are the traffic at trace, the stages of each command at debug, restarts and losses at warn. Command lines
//! with a secret in them, and what may be their echo, are logged by name alone. With both features on, both get them.
//!
//! Without any feature there is the engine, [`at::Engine`], for those who bring their own front-end.

#[cfg(test)]
extern crate std;

/// The examples of the README are compiled as well.
#[cfg(all(
    doctest,
    feature = "embedded-io",
    feature = "async",
    feature = "nb",
    feature = "power",
    feature = "registration",
    feature = "sign-sha256",
    feature = "supervisor",
    feature = "thing-model"
))]
#[doc = include_str!("../README.md")]
mod readme {}

/// And those of its Chinese sister.
#[cfg(all(
    doctest,
    feature = "embedded-io",
    feature = "async",
    feature = "nb",
    feature = "power",
    feature = "registration",
    feature = "sign-sha256",
    feature = "supervisor",
    feature = "thing-model"
))]
#[doc = include_str!("../README.zh-CN.md")]
mod readme_in_chinese {}

/// So are those of the page on dropping.
#[cfg(all(doctest, feature = "nb"))]
#[doc = include_str!("../docs/dropping.md")]
mod dropping {}

/// And the device of the guide to Aliyun, in both languages.
#[cfg(all(doctest, feature = "embedded-io"))]
#[doc = include_str!("../docs/aliyun-guide.md")]
mod aliyun_guide {}

#[cfg(all(doctest, feature = "embedded-io"))]
#[doc = include_str!("../docs/aliyun-guide.zh-CN.md")]
mod aliyun_guide_in_chinese {}

#[macro_use]
mod fmt; // first, since the macros are known only below it

pub mod aliyun;
pub mod at;
mod client;
pub mod command;
#[cfg(feature = "mock")]
pub mod mock;
mod mqtt;
mod network;
#[cfg(feature = "power")]
pub mod power;
#[cfg(feature = "supervisor")]
pub mod supervisor;
mod time;
mod urc;
mod value;

pub use at::{Buffers, Loss, Restart};
#[cfg(feature = "registration")]
pub use client::RegisterError;
#[cfg(feature = "async")]
pub use client::asynch;
#[cfg(feature = "embedded-io")]
pub use client::blocking;
#[cfg(feature = "nb")]
pub use client::nonblocking;
pub use client::{BringUpFailure, Connection, Counters, Error, Progress, Publish};
#[cfg(feature = "embedded-io-06")]
pub use client::{Error06, FromEmbeddedIo06};
pub use mqtt::{Broker, SignOn};
pub use network::{BringUp, Network};
pub use time::{Clock, Duration, Instant};
pub use urc::{ConnectionStatus, DIALECT, Event, StatusReport};
pub use value::{
    Apn, ClientId, ConnectionId, Delivery, Field, Host, InvalidField, KeepAlive, MessageId, Password, Plmn, QoS,
    ReceivedTopic, Rule, SimPin, Topic, TopicFilter, Triple, UserName, Will,
};
