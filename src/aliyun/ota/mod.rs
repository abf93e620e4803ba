//! Firmware updates over MQTT (`aliyun.md` §6): a state machine that says what to publish, takes what arrives, and writes the image into a
//! flash of embedded-storage. The image is never in memory, only the block that arrives.
//!
//! ```text
//!             push, or answer to `ask`          `begin`, `resume`
//!   Idle ─────────────────────────────► Offered ─────────────────► Fetching ◄─┐ block: erase, write,
//!    ▲ ▲                                  │ `decline`               │ │ │     │ hash what the flash holds
//!    │ └──────────────────────────────────┘                         │ │ └─────┘
//!    │        no block in spite of asking, wrong hash, flash fails  │ │ all there, and the hash is right
//!    │      Failed ◄────────────────────────────────────────────────┘ ▼
//!    └──── a new push leads to Offered from here ──────────────── Ready ──► the application boots it
//! ```
//!
//! It asks for nothing but the time, so that it works with every client and under the supervisor:
//!
//! ```
//! # #[cfg(feature = "embedded-io")]
//! # mod example {
//! use embedded_io::{Read, ReadReady, Write};
//! use embedded_storage::nor_flash::NorFlash;
//! use nt35e::aliyun::ota::{FILTERS, Ota, Received, Settings, Step};
//! use nt35e::{Clock, Duration, Error, Event, Publish, QoS, Triple, blocking};
//!
//! /// Runs until an update is in the flash and right, or has failed.
//! fn update<U: Read + ReadReady + Write, C: Clock>(
//!     client: &mut blocking::Client<'_, U, C>,
//!     clock: &mut C,
//!     triple: Triple<'_>,
//!     flash: &mut impl NorFlash,
//! ) -> Result<(), Error<U::Error>> {
//!     let mut ota = Ota::new(triple, "1.0.0", None, Settings::default())?;
//!     for filter in FILTERS {
//!         client.subscribe(&filter.filter(triple)?, QoS::AtMostOnce)?;
//!     }
//!     ota.connected(); // after each sign-in
//!     loop {
//!         let wait = match ota.poll(flash, clock.now()) {
//!             Step::Publish(message) => {
//!                 client.publish(&Publish::new(message.topic(), message.payload()))?;
//!                 ota.published(clock.now());
//!                 continue;
//!             }
//!             Step::Again => Duration::from_millis(0),
//!             Step::Wait(time) => time,
//!             Step::Ready | Step::Failed(_) => return Ok(()),
//!         };
//!         if let Some(Event::Message { topic, payload, .. }) = client.next_event(wait)? {
//!             if let Received::Offered { .. } = ota.receive(topic, payload, flash) {
//!                 ota.begin(flash);
//!             }
//!         }
//!     }
//! }
//! # }
//! ```
//!
//! What is hashed is read back from the flash, so that a resumed image and a fresh one are verified in the same way, and a bit that
//! the flash lost is noticed. Each page is erased once, when the first block for it arrives; after a reset of the device, the one that was
//! being filled once more. Whether an update has succeeded is decided by the version that is reported after it was booted.

mod block;
mod hash;
mod message;
mod offer;
mod outcome;
mod poll;
mod receive;
mod record;
mod store;

use crate::aliyun::topics::Downlink;
use crate::time::Instant;
use crate::value::{Field, InvalidField, Rule, Triple, check_text};
use embedded_storage::nor_flash::NorFlash;
use hash::Hasher;
pub use message::Outgoing;
use offer::Image;
pub use outcome::{Failure, Received, Refusal, Settings, State, Step};
use poll::Kind;
pub use record::RECORD_BYTES;

/// What has to be subscribed to.
pub const FILTERS: [Downlink<'static>; 3] = [Downlink::OtaUpgrade, Downlink::OtaGetReply, Downlink::FileDownloadReply];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Idle,
    Offered,
    Fetching,
    Ready,
    Failed(Failure),
}

/// The updates of a device, or of one of its modules.
#[derive(Clone, Debug)]
pub struct Ota<'a> {
    triple: Triple<'a>,
    version: &'a str,
    module: Option<&'a str>,
    settings: Settings,
    phase: Phase,
    image: Option<Image>,
    /// Bytes that are in the flash, that were read back and hashed, and of pages that were erased.
    offset: u32,
    hashed: u32,
    erased: u32,
    hasher: Hasher,
    /// Bytes of a page.
    page: u32,
    recorded: u32,
    record_due: bool,
    /// The id of the next message; answers to this stream have at least the first.
    id: u32,
    first_id: u32,
    inform: bool,
    ask: bool,
    report: Option<i8>,
    reported: u32,
    offered: Option<Kind>,
    attempts: u8,
    /// When the next message may go, and when the block is asked for again.
    paced: Option<Instant>,
    due: Option<Instant>,
}

impl<'a> Ota<'a> {
    /// Updates for the device, or for one module of it.
    ///
    /// # Errors
    /// If version or module is empty, longer than 64 bytes, or has a character that JSON would escape.
    pub fn new(
        triple: Triple<'a>,
        version: &'a str,
        module: Option<&'a str>,
        settings: Settings,
    ) -> Result<Self, InvalidField> {
        check(Field::Version, version)?;
        if let Some(module) = module {
            check(Field::Module, module)?;
        }
        Ok(Self {
            triple,
            version,
            module,
            settings,
            phase: Phase::Idle,
            image: None,
            offset: 0,
            hashed: 0,
            erased: 0,
            hasher: Hasher::of(None),
            page: 1,
            recorded: 0,
            record_due: false,
            id: 1,
            first_id: 1,
            inform: false,
            ask: false,
            report: None,
            reported: 0,
            offered: None,
            attempts: 0,
            paced: None,
            due: None,
        })
    }

    /// To be called after each sign-in: the version is reported, whereupon the platform pushes an update that is pending, and the
    /// block that was awaited is asked for again.
    pub fn connected(&mut self) {
        self.inform = true;
        self.attempts = 0;
        self.due = None;
    }

    /// Asks whether there is an update.
    pub fn ask(&mut self) {
        self.ask = true;
    }

    /// How far the update is.
    pub fn state(&self) -> State {
        match self.phase {
            Phase::Idle => State::Idle,
            Phase::Offered => State::Offered,
            Phase::Fetching => State::Fetching { offset: self.offset, size: self.size() },
            Phase::Ready => State::Ready,
            Phase::Failed(failure) => State::Failed(failure),
        }
    }

    /// Starts to fetch the update that was offered; false if there is none.
    pub fn begin<F: NorFlash>(&mut self, flash: &F) -> bool {
        let is_offered = self.phase == Phase::Offered;
        if is_offered {
            self.start(0, store::page(flash));
            self.record_due = true;
        }
        is_offered
    }

    /// Does not take the update that was offered.
    pub fn decline(&mut self) {
        if self.phase == Phase::Offered {
            self.phase = Phase::Idle;
        }
    }

    /// Goes on with an update after a reset of the device, from the last record that was stored; false if it is torn, or of none, or does not
    /// fit the flash.
    pub fn resume<F: NorFlash>(&mut self, record: &[u8; RECORD_BYTES], flash: &F) -> bool {
        let page = store::page(flash);
        match record::read(record) {
            Some((image, offset))
                if offset <= image.size
                    && image.size <= store::capacity(flash)
                    && offset.checked_rem(page) == Some(0) =>
            {
                self.image = Some(image);
                self.start(offset, page);
                true
            }
            _ => false,
        }
    }

    /// A record that is to be stored now, in place of the one before: given once. One that is all zeros ends the matter.
    pub fn record(&mut self) -> Option<[u8; RECORD_BYTES]> {
        if !core::mem::take(&mut self.record_due) {
            return None;
        }
        Some(match &self.image {
            Some(image) if self.phase == Phase::Fetching => record::write(image, self.recorded),
            _ => [0; RECORD_BYTES],
        })
    }

    /// Tells the platform that the image, which was ready, could not be installed.
    pub fn install_failed(&mut self) {
        if self.phase == Phase::Ready {
            self.fail(Failure::Upgrade);
        }
    }

    fn start(&mut self, offset: u32, page: u32) {
        let Some(image) = &self.image else { return };
        // After a reset, ids of another stream that may still be on their way are others.
        let seed = (image.stream_id as u32).rotate_left(16) ^ image.file_id as u32;
        self.id = self.id.wrapping_add(seed);
        self.first_id = self.id;
        self.phase = Phase::Fetching;
        self.offset = offset;
        self.hashed = 0;
        self.erased = offset;
        self.recorded = offset;
        self.page = page;
        self.hasher = Hasher::of(Some(&image.digest));
        self.report = None;
        self.reported = 0;
        self.attempts = 0;
        self.due = None;
    }

    fn fail(&mut self, failure: Failure) {
        self.phase = Phase::Failed(failure);
        self.report = Some(match failure {
            Failure::Upgrade => -1,
            Failure::Download => -2,
            Failure::Verify => -3,
            Failure::Flash => -4,
        });
        self.record_due = true;
    }

    fn size(&self) -> u32 {
        self.image.as_ref().map_or(0, |image| image.size)
    }

    fn block(&self) -> u32 {
        u32::from(self.settings.block.clamp(64, 5_120) & !0x3f)
    }
}

fn check(field: Field, text: &str) -> Result<(), InvalidField> {
    check_text(field, text, 64)?;
    match text.bytes().position(|byte| byte < b' ' || byte == b'\\') {
        Some(position) => Err(InvalidField::new(field, Rule::IllegalCharacter { position })),
        None => Ok(()),
    }
}
