//! What to do next: most urgent first a message, or more of the flash to be hashed, or to wait.

use super::message::{Outgoing, Payload};
use super::{Failure, Ota, Phase, Step, store};
use crate::aliyun::topics::Uplink;
use crate::time::{Duration, Instant};
use embedded_storage::nor_flash::NorFlash;

/// What is to be published, most urgent first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Inform,
    Ask,
    Report(i8),
    Block,
}

impl Ota<'_> {
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

    fn verify(&mut self) {
        if self.image.as_ref().is_some_and(|image| self.hasher.gives(&image.digest)) {
            self.phase = Phase::Ready;
            self.report = Some(100);
            self.record_due = true;
        } else {
            self.fail(Failure::Verify);
        }
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
}
