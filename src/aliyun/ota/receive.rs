//! What a message changes: an offer is noted, a block that was asked for is written.

use super::block::{self, Answer, Block};
use super::offer::{self, Said};
use super::{Failure, Ota, Phase, Received, Refusal, store};
use crate::aliyun::topics::Downlink;
use crate::value::ReceivedTopic;
use embedded_storage::nor_flash::NorFlash;

impl Ota<'_> {
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
}
