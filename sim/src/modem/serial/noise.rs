//! A bad line: all the time some bytes are lost, doubled or damaged, and output comes in fragments.

use core::fmt;
use core::time::Duration;

use crate::random::Random;

/// What one direction of the line does to the bytes. The same seed does the same to the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noise {
    /// After this many bytes the line pauses for [`gap`](Self::gap); zero for never.
    pub fragment: u32,
    /// How long the pause between two fragments is.
    pub gap: Duration,
    /// One byte in this many is lost; zero for none.
    pub drop: u32,
    /// One byte in this many comes twice; zero for none.
    pub repeat: u32,
    /// One byte in this many has one bit flipped; zero for none.
    pub corrupt: u32,
    /// Where the choice of the bytes starts.
    pub seed: u64,
}

impl Noise {
    /// Every name that [`set`](Self::set) knows, with its meaning.
    pub const NAMES: [(&'static str, &'static str); 5] = [
        ("fragment", "pause after every so many bytes"),
        ("gap", "milliseconds that such a pause lasts"),
        ("drop", "lose one byte in so many"),
        ("repeat", "double one byte in so many"),
        ("corrupt", "flip a bit in one byte in so many"),
    ];

    /// Sets one of [`NAMES`](Self::NAMES) to a number.
    pub fn set(&mut self, name: &str, value: u32) -> Result<(), UnknownNoise> {
        match name {
            "fragment" => self.fragment = value,
            "gap" => self.gap = Duration::from_millis(value.into()),
            "drop" => self.drop = value,
            "repeat" => self.repeat = value,
            "corrupt" => self.corrupt = value,
            _ => return Err(UnknownNoise),
        }
        Ok(())
    }
}

/// The name is none of [`Noise::NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownNoise;

impl fmt::Display for UnknownNoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such noise")
    }
}

impl core::error::Error for UnknownNoise {}

/// [`Noise`] at work.
#[derive(Debug)]
pub(super) struct NoiseAtWork {
    noise: Noise,
    random: Random,
    since_pause: u32,
}

impl NoiseAtWork {
    pub(super) fn new(noise: &Noise) -> Self {
        Self { noise: noise.clone(), random: Random::new(noise.seed), since_pause: 0 }
    }

    /// What arrives for one byte: what becomes of it, and how often it comes.
    pub(super) fn pass(&mut self, byte: u8) -> (u8, u8) {
        let is_lost = self.random.one_in(self.noise.drop.into());
        let is_doubled = self.random.one_in(self.noise.repeat.into());
        let is_damaged = self.random.one_in(self.noise.corrupt.into());
        let byte = if is_damaged { byte ^ (1 << self.random.below(8)) } else { byte };
        (byte, if is_lost { 0 } else { 1 + u8::from(is_doubled) })
    }

    /// The pause before the next byte.
    pub(super) fn gap(&mut self) -> Duration {
        self.since_pause += 1;
        if self.noise.fragment == 0 || self.since_pause <= self.noise.fragment {
            return Duration::ZERO;
        }
        self.since_pause = 1;
        self.noise.gap
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(noise: &Noise, bytes: &[u8]) -> Vec<u8> {
        let mut noise = NoiseAtWork::new(noise);
        let pass = |&byte: &u8| {
            let (byte, times) = noise.pass(byte);
            core::iter::repeat_n(byte, times.into())
        };
        bytes.iter().flat_map(pass).collect()
    }

    #[test]
    fn a_good_line_changes_nothing() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(through(&Noise::default(), &all), all);
    }

    #[test]
    fn each_kind_strikes_about_as_often_as_asked_and_the_same_way_each_time() {
        let bytes = [0x55; 10_000];
        let dropping = Noise { drop: 100, ..Noise::default() };
        assert!((9_800..9_990).contains(&through(&dropping, &bytes).len()));
        let doubling = Noise { repeat: 100, ..Noise::default() };
        assert!((10_010..10_200).contains(&through(&doubling, &bytes).len()));
        let damaging = Noise { corrupt: 100, ..Noise::default() };
        let damaged = through(&damaging, &bytes);
        let wrong = damaged.iter().filter(|&&byte| byte != 0x55).count();
        assert!((10..200).contains(&wrong));
        assert_eq!(damaged, through(&damaging, &bytes));
    }

    #[test]
    fn fragments_are_separated_by_the_gap() {
        let noise = Noise { fragment: 2, gap: Duration::from_millis(7), ..Noise::default() };
        let mut noise = NoiseAtWork::new(&noise);
        let gaps: Vec<u128> = (0..5).map(|_| noise.gap().as_millis()).collect();
        assert_eq!(gaps, [0, 0, 7, 0, 7]);
    }

    #[test]
    fn every_listed_name_can_be_set() {
        for (name, _) in Noise::NAMES {
            assert_eq!(Noise::default().set(name, 3), Ok(()), "{name}");
        }
        assert_eq!(Noise::default().set("rust", 1), Err(UnknownNoise));
    }
}
