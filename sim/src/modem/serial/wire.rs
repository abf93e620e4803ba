//! One direction of the serial line: bytes with the time when each has arrived, and what happens to them on the way.

use core::time::Duration;
use std::collections::VecDeque;

use super::noise::{Noise, NoiseAtWork};
use crate::fault::Harm;

/// Start bit, eight data bits, stop bit.
const BITS_PER_BYTE: u64 = 10;

/// Bytes on their way, in order.
#[derive(Debug)]
pub(crate) struct Wire {
    bytes: VecDeque<Byte>,
    /// How many have left it at its end.
    taken: u64,
    /// How long a byte occupies the line; zero when the line is not paced.
    byte_time: Duration,
    /// No byte arrives before the one in front of it, nor before the end of a delay.
    free_at: Duration,
    noise: NoiseAtWork,
    /// What happens to the next bytes that are put on the line.
    strikes: Vec<Strike>,
    /// Until then nothing passes.
    silent_until: Duration,
    /// Until then the two ends differ in their baud rate.
    garbled_until: Duration,
    garbled: u32,
    spoiled: Vec<Matter>,
}

/// A byte on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Byte {
    /// When it arrives.
    due: Duration,
    pub(crate) value: u8,
    pub(crate) matter: Matter,
}

/// What a byte is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    /// Nothing that anybody keeps books of.
    Other,
    /// The result of a command.
    Result,
    /// The message with this number.
    Message(usize),
    /// The line with this number, from the host.
    HostLine(usize),
}

/// What happens to bytes, and to how many more.
#[derive(Debug)]
struct Strike {
    harm: Harm,
    left: u32,
}

impl Wire {
    pub(crate) fn new(baud_rate: Option<u32>, noise: &Noise) -> Self {
        let byte_time = match baud_rate {
            None | Some(0) => Duration::ZERO,
            Some(rate) => Duration::from_nanos(BITS_PER_BYTE * 1_000_000_000 / u64::from(rate)),
        };
        Self {
            bytes: VecDeque::new(),
            taken: 0,
            byte_time,
            free_at: Duration::ZERO,
            noise: NoiseAtWork::new(noise),
            strikes: Vec::new(),
            silent_until: Duration::ZERO,
            garbled_until: Duration::ZERO,
            garbled: 0,
            spoiled: Vec::new(),
        }
    }

    pub(crate) fn set_noise(&mut self, noise: &Noise) {
        self.noise = NoiseAtWork::new(noise);
    }

    pub(crate) fn push(&mut self, bytes: &[u8], matter: Matter, from: Duration) {
        self.free_at = self.free_at.max(from);
        for &value in bytes {
            let (changed, times) = self.noise.pass(value);
            let gap = self.noise.gap();
            let mut passing = Passing { value: changed, times, gap, pause: Duration::ZERO };
            self.strikes.retain_mut(|strike| strike.act(&mut passing));
            let due = self.free_at + self.byte_time + gap;
            self.pass_troubles(&mut passing, due);
            self.judge(value, &passing, matter);
            // A byte that is lost takes its time as well.
            self.free_at += if passing.times == 0 { self.byte_time } else { Duration::ZERO };
            for _ in 0..passing.times {
                self.free_at += self.byte_time + passing.gap;
                self.bytes.push_back(Byte { due: self.free_at, value: passing.value, matter });
            }
            self.free_at += passing.pause;
        }
    }

    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.bytes.front().map(|byte| byte.due)
    }

    pub(crate) fn take_byte(&mut self) -> Option<Byte> {
        let byte = self.bytes.pop_front()?;
        self.taken += 1;
        Some(byte)
    }

    pub(crate) fn take_due(&mut self, now: Duration) -> impl Iterator<Item = Byte> {
        let due = self.arrived(now);
        self.taken += due as u64;
        self.bytes.drain(..due)
    }

    /// How many bytes have arrived and were not taken.
    pub(crate) fn arrived(&self, now: Duration) -> usize {
        self.bytes.partition_point(|byte| byte.due <= now)
    }

    /// How many bytes have left it at its end.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// When the byte with this number arrives, counted from the first one ever, and how many stand before and with it.
    pub(crate) fn arrival(&self, number: u64) -> Option<(Duration, usize)> {
        let ahead = usize::try_from(number.checked_sub(self.taken)?).ok()?;
        self.bytes.get(ahead.checked_sub(1)?).map(|byte| (byte.due, ahead))
    }

    /// Lets nothing arrive before `until`, but for the first `past` bytes.
    pub(crate) fn hold(&mut self, past: usize, until: Duration) {
        self.free_at = self.free_at.max(until);
        for byte in self.bytes.range_mut(past.min(self.bytes.len())..) {
            byte.due = byte.due.max(until);
        }
    }

    /// Does harm to the next `count` bytes behind the first `past`.
    pub(crate) fn strike(&mut self, past: usize, count: u32, harm: Harm) {
        let mut strike = Strike { harm, left: count };
        self.change(past, |passing, _| {
            if strike.left > 0 {
                strike.act(passing);
            }
        });
        if strike.left > 0 {
            self.strikes.push(strike);
        }
    }

    /// Does no more harm to the bytes that are yet to come.
    pub(crate) fn calm(&mut self) {
        self.strikes.clear();
    }

    /// Lets nothing through until then, but for the first `past` bytes.
    pub(crate) fn silence(&mut self, past: usize, until: Duration) {
        self.silent_until = self.silent_until.max(until);
        self.change(past, |passing, due| passing.times = if due < until { 0 } else { passing.times });
    }

    /// Makes garbage of what arrives until then, but for the first `past` bytes.
    pub(crate) fn garble(&mut self, past: usize, until: Duration) {
        self.garbled_until = self.garbled_until.max(until);
        let mut garbled = self.garbled;
        self.change(past, |passing, due| {
            if due < until {
                passing.garble(&mut garbled);
            }
        });
        self.garbled = garbled;
    }

    /// What the bytes were a part of that were lost, doubled or changed; each is given once.
    pub(crate) fn take_spoiled(&mut self) -> Vec<Matter> {
        core::mem::take(&mut self.spoiled)
    }

    /// When the last byte on its way arrives, or a delay ends.
    pub(crate) fn busy_until(&self) -> Duration {
        self.free_at
    }

    /// Loses everything, what has arrived too.
    pub(crate) fn clear(&mut self, now: Duration) {
        self.bytes.clear();
        self.free_at = now;
    }

    /// Loses what is behind the first `past` bytes.
    pub(crate) fn cut(&mut self, past: usize, now: Duration) {
        self.bytes.truncate(past);
        self.free_at = now;
    }

    /// Changes what is on its way, behind the first `past` bytes.
    fn change(&mut self, past: usize, mut change: impl FnMut(&mut Passing, Duration)) {
        let mut later = Duration::ZERO;
        for Byte { due, value, matter } in self.bytes.split_off(past.min(self.bytes.len())) {
            let mut passing = Passing { value, times: 1, gap: Duration::ZERO, pause: Duration::ZERO };
            change(&mut passing, due + later);
            self.judge(value, &passing, matter);
            for copy in 0..passing.times {
                later += if copy > 0 { self.byte_time } else { Duration::ZERO };
                self.bytes.push_back(Byte { due: due + later, value: passing.value, matter });
            }
            later += passing.pause;
        }
        self.free_at += later;
    }

    /// What lasts for a while, to a byte that arrives at that time.
    fn pass_troubles(&mut self, passing: &mut Passing, due: Duration) {
        if due < self.silent_until {
            passing.times = 0;
        } else if due < self.garbled_until {
            passing.garble(&mut self.garbled);
        }
    }

    /// Notes whether a byte was lost, doubled or changed.
    fn judge(&mut self, value: u8, passing: &Passing, matter: Matter) {
        if passing.times != 1 || passing.value != value {
            self.spoiled.push(matter);
        }
    }
}

/// A byte while it is decided what arrives of it.
#[derive(Debug)]
struct Passing {
    value: u8,
    times: u8,
    /// The pause before it.
    gap: Duration,
    /// The pause behind it.
    pause: Duration,
}

impl Passing {
    /// What a receiver at another baud rate makes of it: something else, and of some bytes nothing.
    fn garble(&mut self, garbled: &mut u32) {
        self.value = !self.value.rotate_left(3);
        *garbled = garbled.wrapping_add(1);
        if garbled.is_multiple_of(3) {
            self.times = 0;
        }
    }
}

impl Strike {
    /// Does its harm; false if that was the last time.
    fn act(&mut self, passing: &mut Passing) -> bool {
        match self.harm {
            Harm::Drop => passing.times = 0,
            Harm::Repeat => passing.times *= 2,
            Harm::Corrupt(mask) => passing.value ^= mask,
            Harm::Split(gap) => passing.pause += gap,
        }
        self.left -= 1;
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// A line on which a byte takes a millisecond, or none.
    fn wire(is_paced: bool) -> Wire {
        Wire::new(is_paced.then_some(10_000), &Noise::default())
    }

    fn put(wire: &mut Wire, bytes: &[u8], from: Duration) {
        wire.push(bytes, Matter::Other, from);
    }

    fn take(wire: &mut Wire, now: Duration) -> Vec<u8> {
        wire.take_due(now).map(|byte| byte.value).collect()
    }

    #[test]
    fn without_a_baud_rate_all_bytes_are_there_at_once() {
        let mut wire = wire(false);
        put(&mut wire, b"OK", ms(3));
        assert_eq!(wire.next_due(), Some(ms(3)));
        assert_eq!(take(&mut wire, ms(2)), b"");
        assert_eq!(take(&mut wire, ms(3)), b"OK");
        assert_eq!(wire.taken(), 2);
    }

    #[test]
    fn a_baud_rate_spreads_the_bytes() {
        let mut wire = wire(true);
        put(&mut wire, b"abc", ms(5));
        assert_eq!(wire.arrival(2), Some((ms(7), 2)));
        assert_eq!(take(&mut wire, ms(5)), b"");
        assert_eq!(take(&mut wire, ms(6)), b"a");
        assert_eq!(wire.arrival(2), Some((ms(7), 1)));
        assert_eq!(wire.arrival(1), None, "it has left");
        assert_eq!(wire.arrival(4), None, "it is not there yet");
        assert_eq!(take(&mut wire, ms(8)), b"bc");
    }

    #[test]
    fn a_held_line_delivers_afterwards() {
        let mut wire = wire(false);
        put(&mut wire, b"ab", ms(1));
        wire.hold(1, ms(9));
        put(&mut wire, b"c", ms(2));
        assert_eq!(take(&mut wire, ms(8)), b"a");
        assert_eq!(take(&mut wire, ms(9)), b"bc");
    }

    #[test]
    fn a_cut_line_keeps_what_is_past() {
        let mut wire = wire(true);
        put(&mut wire, b"abc", ms(0));
        wire.cut(2, ms(2));
        put(&mut wire, b"d", ms(2));
        assert_eq!(take(&mut wire, ms(9)), b"abd");
    }

    #[test]
    fn harm_is_done_to_what_is_on_its_way_and_to_what_follows() {
        let cases: [(Harm, &[u8]); 4] = [
            (Harm::Drop, b"aef"),
            (Harm::Repeat, b"abbccddef"),
            (Harm::Corrupt(0x20), b"aBCDef"),
            (Harm::Split(ms(5)), b"abcdef"),
        ];
        for (harm, expected) in cases {
            let mut wire = wire(true);
            put(&mut wire, b"abc", ms(0));
            wire.strike(1, 3, harm);
            put(&mut wire, b"def", ms(0));
            assert_eq!(take(&mut wire, ms(99)), expected, "{harm:?}");
            let spoiled = if matches!(harm, Harm::Split(_)) { 0 } else { 3 };
            assert_eq!(wire.take_spoiled().len(), spoiled, "{harm:?}");
        }
    }

    #[test]
    fn pauses_are_behind_the_bytes_that_they_are_meant_for() {
        let mut wire = wire(true);
        put(&mut wire, b"abc", ms(0));
        wire.strike(0, 2, Harm::Split(ms(10)));
        put(&mut wire, b"d", ms(0));
        let arrivals: Vec<_> = (1..=4).filter_map(|number| wire.arrival(number)).map(|(due, _)| due).collect();
        assert_eq!(arrivals, [ms(1), ms(12), ms(23), ms(24)]);
    }

    #[test]
    fn a_silent_line_keeps_nothing() {
        let mut wire = wire(true);
        put(&mut wire, b"abc", ms(0));
        wire.silence(1, ms(9));
        put(&mut wire, b"de", ms(7));
        assert_eq!(take(&mut wire, ms(99)), b"ae");
    }

    #[test]
    fn at_a_wrong_baud_rate_other_bytes_arrive_and_fewer() {
        let mut wire = wire(true);
        put(&mut wire, b"OK\r\n", ms(0));
        wire.garble(0, ms(7));
        put(&mut wire, b"OK\r\n", ms(4));
        let arrived = take(&mut wire, ms(99));
        assert!(arrived.ends_with(b"\r\n"), "{arrived:?}");
        assert_eq!(arrived.len(), 6);
        assert!(!arrived[..4].iter().any(|byte| b"OK\r\n".contains(byte)), "{arrived:?}");
    }
}
