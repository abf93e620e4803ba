//! What goes to the platform, put together without allocation.

use crate::aliyun::topics::TopicText;

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

    /// By subtraction: a division of 64 bits takes four times the code.
    pub(super) fn number(&mut self, number: u64) {
        let mut rest = number;
        let mut is_leading = true;
        for power in &POWERS {
            let mut digit = b'0';
            while rest >= *power {
                rest = rest.wrapping_sub(*power);
                digit = digit.wrapping_add(1);
            }
            is_leading &= digit == b'0' && *power != 1;
            if !is_leading {
                self.byte(digit);
            }
        }
    }

    fn byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length = self.length.wrapping_add(1);
        }
    }
}

/// The powers of ten, down to 1.
const POWERS: [u64; 20] = {
    let mut powers = [1_u64; 20];
    let mut rest: &mut [u64] = &mut powers;
    let mut power = 10_000_000_000_000_000_000;
    while let [first, behind @ ..] = rest {
        *first = power;
        power /= 10;
        rest = behind;
    }
    powers
};
