//! What an update is told before it starts, and what comes of it.

use super::Outgoing;
use crate::time::Duration;

/// How an image is fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Bytes of a block: 64 to 5 120, rounded down to a multiple of 64. The inbox has to hold about 250 bytes more.
    pub block: u16,
    /// The time between two messages; the platform drops what is more than 30 a second at QoS 0, and others publish as well.
    pub pace: Duration,
    /// How long to wait for a block before it is asked for again; each further time is twice as long, up to 16 times this.
    pub patience: Duration,
    /// How often a block is asked for before the update has failed. Each sign-in starts over.
    pub attempts: u8,
    /// Per cent between two reports, 1 to 100.
    pub report_every: u8,
    /// Bytes between two records.
    pub record_every: u32,
}

impl Default for Settings {
    /// Blocks of 256 bytes for an inbox of 512, 10 messages a second, 5 attempts from 10 s, reports of 10 %, records of 32 KB.
    fn default() -> Self {
        Self {
            block: 256,
            pace: Duration::from_millis(100),
            patience: Duration::from_secs(10),
            attempts: 5,
            report_every: 10,
            record_every: 32 * 1024,
        }
    }
}

/// What to do next.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is no heap, and it lives shortly")]
pub enum Step {
    /// To publish this at QoS 0, and to call [`Ota::published`](super::Ota::published) when that succeeded. Otherwise it is offered again.
    Publish(Outgoing),
    /// To call [`Ota::poll`](super::Ota::poll) again soon: there is more to be read from the flash.
    Again,
    /// Nothing until a message arrives, or this time has passed.
    Wait(Duration),
    /// The image is in the flash, verified and reported: to boot it.
    Ready,
    /// The update has failed, and the platform was told. Another one may be offered.
    Failed(Failure),
}

/// What came of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Received<'p> {
    /// It is none of these topics.
    Other,
    /// There is an update, for [`Ota::begin`](super::Ota::begin) or [`Ota::decline`](super::Ota::decline).
    Offered {
        /// Its version.
        version: &'p [u8],
        /// Its bytes.
        size: u32,
    },
    /// The update that is being fetched, or is ready, was offered once more.
    Repeated,
    /// Another update was offered while one is being fetched. The platform offers it again after the next sign-in.
    Busy,
    /// An update for another module of the device.
    AnotherModule,
    /// There is no update.
    NoUpdate,
    /// An update that cannot be taken.
    Refused(Refusal),
    /// A block was written.
    Written,
    /// A block that was not asked for, or is there already, or belongs elsewhere: nothing was written.
    Stray,
    /// Not the form of a block: nothing was written.
    Garbled,
    /// The platform does not give the block, by this code. It is asked again after a while.
    Denied(u32),
    /// The flash failed, and with it the update.
    FlashFailed,
}

/// Why an offer cannot be taken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refusal {
    /// It is no JSON object of the known form, or has another code than 1000 and 200.
    Malformed,
    /// It can be fetched by HTTPS only.
    NotByMqtt,
    /// Its hash is of a method that is unknown or behind a feature that is off.
    UnknownMethod,
    /// It is larger than the flash.
    TooLarge,
}

/// Why an update has failed, as the platform is told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Failure {
    /// −1: the image could not be installed, by [`Ota::install_failed`](super::Ota::install_failed).
    Upgrade,
    /// −2: a block did not come, however often it was asked for.
    Download,
    /// −3: the hash is wrong.
    Verify,
    /// −4: the flash could not be erased, written or read.
    Flash,
}

/// How far an update is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// There is none.
    Idle,
    /// It waits for [`Ota::begin`](super::Ota::begin).
    Offered,
    /// It is being fetched and verified.
    Fetching {
        /// Bytes in the flash.
        offset: u32,
        /// Bytes in all.
        size: u32,
    },
    /// It is in the flash and verified.
    Ready,
    /// It failed.
    Failed(Failure),
}
