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
mod record;
mod store;

use crate::aliyun::topics::{Downlink, Uplink};
use crate::time::{Duration, Instant};
use crate::value::{Field, InvalidField, ReceivedTopic, Rule, Triple, check_text};
use block::{Answer, Block};
use embedded_storage::nor_flash::NorFlash;
use hash::Hasher;
pub use message::Outgoing;
use message::Payload;
use offer::{Image, Said};
pub use outcome::{Failure, Received, Refusal, Settings, State, Step};
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

/// What is to be published, most urgent first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Inform,
    Ask,
    Report(i8),
    Block,
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

    /// The message that [`poll`](Self::poll) gave last was published.
    pub fn published(&mut self, now: Instant) {
        match self.offered.take() {
            Some(Kind::Inform) => self.inform = false,
            Some(Kind::Ask) => self.ask = false,
            Some(Kind::Report(step)) if self.report == Some(step) => self.report = None,
            Some(Kind::Block) => {
                let patience = self.settings.patience.as_millis();
                let longer = patience.saturating_mul(1 << self.attempts.min(4));
                self.due = Some(now + Duration::from_millis(longer));
                self.attempts = self.attempts.saturating_add(1);
            }
            Some(Kind::Report(_)) => {}
            None => return,
        }
        self.id = self.id.wrapping_add(1);
        self.paced = Some(now + self.settings.pace);
    }

    /// What to do next: at most 4 KB of the flash are read, and nothing is written.
    pub fn poll<F: NorFlash>(&mut self, flash: &mut F, now: Instant) -> Step {
        if self.phase == Phase::Fetching {
            if self.hashed < self.offset {
                match store::hash(flash, &mut self.hasher, self.hashed, self.offset) {
                    Some(hashed) => self.hashed = hashed,
                    None => self.fail(Failure::Flash),
                }
            }
            if self.phase == Phase::Fetching && self.hashed == self.offset && self.offset == self.size() {
                self.verify();
            }
        }
        let step = self.next(now);
        match step {
            Step::Wait(_) if self.phase == Phase::Fetching && self.hashed < self.offset => Step::Again,
            _ => step,
        }
    }

    /// Takes a message, of whatever topic. A block that was asked for is written.
    pub fn receive<'p, F: NorFlash>(
        &mut self,
        topic: ReceivedTopic<'_>,
        payload: &'p [u8],
        flash: &mut F,
    ) -> Received<'p> {
        // Compared with the three alone: to recognize any topic would take three times the code.
        let triple = self.triple;
        if Downlink::OtaUpgrade.is(topic, triple) || Downlink::OtaGetReply.is(topic, triple) {
            return self.take_offer(payload, store::capacity(flash));
        }
        if !Downlink::FileDownloadReply.is(topic, triple) {
            return Received::Other;
        }
        let block = match self.judge(payload) {
            Ok(block) => block,
            Err(received) => return received,
        };
        if store::write(flash, self.offset, block.bytes, &mut self.erased).is_none() {
            self.fail(Failure::Flash);
            return Received::FlashFailed;
        }
        self.written(block.bytes.len() as u32);
        Received::Written
    }

    fn take_offer<'p>(&mut self, payload: &'p [u8], capacity: u32) -> Received<'p> {
        let (image, version) = match offer::read(payload, self.module) {
            Err(refusal) => return Received::Refused(refusal),
            Ok(Said::Nothing) => return Received::NoUpdate,
            Ok(Said::AnotherModule) => return Received::AnotherModule,
            Ok(Said::Update { image, version }) => (image, version),
        };
        if image.size > capacity {
            return Received::Refused(Refusal::TooLarge);
        }
        let size = image.size;
        let is_same = self.image.as_ref().is_some_and(|known| known.is_same(&image));
        match self.phase {
            Phase::Ready if is_same => return Received::Repeated,
            Phase::Fetching if !is_same => return Received::Busy,
            Phase::Fetching => {
                // The same bytes may come by another stream from now on.
                if !self.image.as_ref().is_some_and(|known| known.is_of_stream(&image)) {
                    self.first_id = self.id;
                    self.due = None;
                    self.record_due = true;
                }
            }
            Phase::Idle | Phase::Offered | Phase::Ready | Phase::Failed(_) => self.phase = Phase::Offered,
        }
        self.image = Some(image);
        if self.phase == Phase::Fetching { Received::Repeated } else { Received::Offered { version, size } }
    }

    /// The block, if it is the one that was asked for.
    fn judge<'p>(&self, payload: &'p [u8]) -> Result<Block<'p>, Received<'p>> {
        let answer = block::read(payload).ok_or(Received::Garbled)?;
        let (Answer::Denied { id, .. } | Answer::Block(Block { id, .. })) = answer;
        // An answer that is late, to a question that was put again since, is as good as one in time.
        let asked = self.id.wrapping_sub(self.first_id);
        let is_ours = self.phase == Phase::Fetching && self.attempts > 0 && id.wrapping_sub(self.first_id) < asked;
        match answer {
            _ if !is_ours => Err(Received::Stray),
            Answer::Denied { code, .. } => Err(Received::Denied(code)),
            Answer::Block(block) => {
                let length = block.bytes.len() as u32;
                let left = self.size().saturating_sub(self.offset);
                let is_next = block.offset == self.offset && block.file_length == self.size();
                let is_whole = length == left || length.is_multiple_of(64);
                if !is_next || length == 0 || length > left.min(self.block()) || !is_whole {
                    return Err(Received::Stray);
                }
                Ok(block)
            }
        }
    }

    fn written(&mut self, length: u32) {
        self.offset = self.offset.saturating_add(length);
        self.attempts = 0;
        self.due = None;
        let whole_pages = self.offset.saturating_sub(self.offset.checked_rem(self.page).unwrap_or(0));
        if whole_pages.saturating_sub(self.recorded) >= self.settings.record_every.max(1) {
            self.recorded = whole_pages;
            self.record_due = true;
        }
        let percent = self.offset.checked_div((self.size() / 100).max(1)).unwrap_or(0).min(99);
        let since = percent.saturating_sub(self.reported);
        if since >= u32::from(self.settings.report_every.max(1)) {
            self.reported = percent;
            self.report = Some(percent as i8);
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

    fn verify(&mut self) {
        if self.image.as_ref().is_some_and(|image| self.hasher.gives(&image.digest)) {
            self.phase = Phase::Ready;
            self.report = Some(100);
            self.record_due = true;
        } else {
            self.fail(Failure::Verify);
        }
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

    fn next(&mut self, now: Instant) -> Step {
        if let Some(at) = self.due
            && at <= now
        {
            self.due = None;
            if self.phase == Phase::Fetching && self.attempts >= self.settings.attempts.max(1) {
                self.fail(Failure::Download);
            }
        }
        let is_wanting = self.phase == Phase::Fetching && self.offset < self.size() && self.due.is_none();
        let kind = match self.report {
            _ if self.inform => Kind::Inform,
            _ if self.ask => Kind::Ask,
            Some(step) => Kind::Report(step),
            None if is_wanting => Kind::Block,
            None => return self.rest(now),
        };
        if let Some(at) = self.paced
            && now < at
        {
            return Step::Wait(at - now);
        }
        match self.message(kind) {
            Some(message) => {
                self.offered = Some(kind);
                Step::Publish(message)
            }
            None => Step::Wait(Duration::from_secs(3_600)),
        }
    }

    /// There is nothing to be published.
    fn rest(&self, now: Instant) -> Step {
        match self.phase {
            Phase::Ready => Step::Ready,
            Phase::Failed(failure) => Step::Failed(failure),
            _ => Step::Wait(self.due.map_or(Duration::from_secs(3_600), |at| at - now)),
        }
    }

    fn message(&self, kind: Kind) -> Option<Outgoing> {
        let mut payload = Payload::new(self.id);
        let topic = match kind {
            Kind::Inform => {
                payload.text("\"params\":{\"version\":\"");
                payload.text(self.version);
                payload.text("\"");
                payload.module(",", self.module);
                Uplink::OtaInform.topic(self.triple)
            }
            Kind::Ask => {
                payload.text("\"version\":\"1.0\",\"method\":\"thing.ota.firmware.get\",\"params\":{");
                payload.module("", self.module);
                Uplink::OtaGet.topic(self.triple)
            }
            Kind::Report(step) => {
                payload.text("\"params\":{\"step\":\"");
                payload.text(if step < 0 { "-" } else { "" });
                payload.number(step.unsigned_abs().into());
                payload.text("\",\"desc\":\"\"");
                payload.module(",", self.module);
                Uplink::OtaProgress.topic(self.triple)
            }
            Kind::Block => {
                let image = self.image.as_ref()?;
                payload.text("\"version\":\"1.0\",\"params\":{\"fileToken\":\"1\",\"fileInfo\":{\"streamId\":");
                payload.number(image.stream_id);
                payload.text(",\"fileId\":");
                payload.number(image.file_id);
                payload.text("},\"fileBlock\":{\"size\":");
                payload.number(self.block().min(image.size.saturating_sub(self.offset)).into());
                payload.text(",\"offset\":");
                payload.number(self.offset.into());
                payload.text("}");
                Uplink::FileDownload.topic(self.triple)
            }
        };
        payload.text("}}");
        // Names and fixed levels: it always fits.
        Some(Outgoing::new(topic.ok()?, payload))
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
