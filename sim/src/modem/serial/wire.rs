//! One direction of the serial line: bytes with the time when each has arrived.

use core::time::Duration;
use std::collections::VecDeque;

use super::faults::{Disturbance, Faults};

/// Start bit, eight data bits, stop bit.
const BITS_PER_BYTE: u64 = 10;

/// Bytes on their way, in order, each with the time of its arrival.
#[derive(Debug)]
pub(crate) struct Wire {
    bytes: VecDeque<(Duration, u8)>,
    /// How long a byte occupies the line; zero when the line is not paced.
    byte_time: Duration,
    /// No byte arrives before the one in front of it, nor before the end of a silence.
    free_at: Duration,
    disturbance: Disturbance,
}

impl Wire {
    pub(crate) fn new(baud_rate: Option<u32>, faults: &Faults) -> Self {
        let byte_time = match baud_rate {
            None | Some(0) => Duration::ZERO,
            Some(rate) => Duration::from_nanos(BITS_PER_BYTE * 1_000_000_000 / u64::from(rate)),
        };
        Self { bytes: VecDeque::new(), byte_time, free_at: Duration::ZERO, disturbance: Disturbance::new(faults) }
    }

    pub(crate) fn set_faults(&mut self, faults: &Faults) {
        self.disturbance = Disturbance::new(faults);
    }

    pub(crate) fn push(&mut self, bytes: &[u8], from: Duration) {
        self.free_at = self.free_at.max(from);
        for &byte in bytes {
            for byte in self.disturbance.pass(byte) {
                self.free_at += self.byte_time + self.disturbance.gap();
                self.bytes.push_back((self.free_at, byte));
            }
        }
    }

    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.bytes.front().map(|(due, _)| *due)
    }

    pub(crate) fn take_byte(&mut self) -> Option<u8> {
        self.bytes.pop_front().map(|(_, byte)| byte)
    }

    pub(crate) fn take_due(&mut self, now: Duration) -> Vec<u8> {
        let due = self.bytes.partition_point(|(due, _)| *due <= now);
        self.bytes.drain(..due).map(|(_, byte)| byte).collect()
    }

    /// Lets nothing arrive before `until`.
    pub(crate) fn hold(&mut self, until: Duration) {
        self.free_at = self.free_at.max(until);
        for (due, _) in &mut self.bytes {
            *due = (*due).max(until);
        }
    }

    /// When the last byte on its way arrives, or the silence ends.
    pub(crate) fn busy_until(&self) -> Duration {
        self.free_at
    }

    /// Loses everything, what has arrived too.
    pub(crate) fn clear(&mut self, now: Duration) {
        self.bytes.clear();
        self.free_at = now;
    }

    /// Loses what has not arrived by `now`.
    pub(crate) fn cut(&mut self, now: Duration) {
        self.bytes.retain(|(due, _)| *due <= now);
        self.free_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn without_a_baud_rate_all_bytes_are_there_at_once() {
        let mut wire = Wire::new(None, &Faults::default());
        wire.push(b"OK", ms(3));
        assert_eq!(wire.next_due(), Some(ms(3)));
        assert_eq!(wire.take_due(ms(2)), b"");
        assert_eq!(wire.take_due(ms(3)), b"OK");
    }

    #[test]
    fn a_baud_rate_spreads_the_bytes() {
        let mut wire = Wire::new(Some(10_000), &Faults::default());
        wire.push(b"abc", ms(5));
        assert_eq!(wire.take_due(ms(5)), b"");
        assert_eq!(wire.take_due(ms(6)), b"a");
        assert_eq!(wire.take_due(ms(8)), b"bc");
    }

    #[test]
    fn a_held_line_delivers_afterwards() {
        let mut wire = Wire::new(None, &Faults::default());
        wire.push(b"a", ms(1));
        wire.hold(ms(9));
        wire.push(b"b", ms(2));
        assert_eq!(wire.take_due(ms(8)), b"");
        assert_eq!(wire.take_due(ms(9)), b"ab");
    }

    #[test]
    fn a_cut_line_keeps_what_has_arrived() {
        let mut wire = Wire::new(Some(10_000), &Faults::default());
        wire.push(b"abc", ms(0));
        wire.cut(ms(2));
        wire.push(b"d", ms(2));
        assert_eq!(wire.take_due(ms(9)), b"abd");
    }
}
