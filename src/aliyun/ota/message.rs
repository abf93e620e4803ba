//! What goes to the platform, put together without allocation.

use crate::aliyun::topics::TopicText;
use crate::at::bytes::after;

/// A message to publish at QoS 0.
#[derive(Clone, Debug)]
pub struct Outgoing {
    topic: TopicText,
    payload: Payload,
}

impl Outgoing {
    pub(super) fn new(topic: TopicText, payload: Payload) -> Self {
        Self { topic, payload }
    }

    /// Where it goes.
    pub fn topic(&self) -> &str {
        self.topic.as_str()
    }

    /// What it says.
    pub fn payload(&self) -> &[u8] {
        self.payload.bytes.get(..self.payload.length).unwrap_or_default()
    }
}

/// A payload that grows. The longest is less than 240 bytes.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    bytes: [u8; 256],
    length: usize,
}

impl Payload {
    pub(super) fn new(id: u32) -> Self {
        let mut payload = Self { bytes: [0; 256], length: 0 };
        payload.text("{\"id\":\"");
        payload.number(id.into());
        payload.text("\",");
        payload
    }

    pub(super) fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            self.byte(byte);
        }
    }

    /// `,"module":"…"`, with what goes in front of it.
    pub(super) fn module(&mut self, front: &str, module: Option<&str>) {
        if let Some(module) = module {
            self.text(front);
            self.text("\"module\":\"");
            self.text(module);
            self.byte(b'"');
        }
    }

    /// In parts of 16 bits, which 32 bits divide: a division of 64 bits takes four times the code.
    pub(super) fn number(&mut self, number: u64) {
        let mut parts = [(number >> 48) as u16, (number >> 32) as u16, (number >> 16) as u16, number as u16];
        let mut digits = [0; 20];
        for digit in digits.iter_mut().rev() {
            let mut rest = 0;
            for part in &mut parts {
                let dividend = rest << 16 | u32::from(*part);
                *part = (dividend / 10) as u16;
                rest = dividend % 10;
            }
            *digit = rest as u8;
        }
        let zeros = digits.iter().take(19).take_while(|digit| **digit == 0).count();
        for digit in after(&digits, zeros) {
            self.byte(b'0' | digit);
        }
    }

    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length = self.length.wrapping_add(1);
        }
    }
}
