//! A bad line on purpose: bytes lost, doubled or damaged, and output that comes in fragments.

use core::fmt;
use core::time::Duration;

/// What one direction of the line does to the bytes. The same seed does the same to the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
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

impl Faults {
    /// Every name that [`set`](Self::set) knows, with its meaning.
    pub const NAMES: [(&'static str, &'static str); 6] = [
        ("fragment", "pause after every so many bytes"),
        ("gap", "milliseconds that such a pause lasts"),
        ("drop", "lose one byte in so many"),
        ("repeat", "double one byte in so many"),
        ("corrupt", "flip a bit in one byte in so many"),
        ("seed", "choose other bytes"),
    ];

    /// Sets one of [`NAMES`](Self::NAMES) to a number.
    pub fn set(&mut self, name: &str, value: u32) -> Result<(), UnknownFault> {
        match name {
            "fragment" => self.fragment = value,
            "gap" => self.gap = Duration::from_millis(value.into()),
            "drop" => self.drop = value,
            "repeat" => self.repeat = value,
            "corrupt" => self.corrupt = value,
            "seed" => self.seed = value.into(),
            _ => return Err(UnknownFault),
        }
        Ok(())
    }
}

/// The name is none of [`Faults::NAMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFault;

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such fault")
    }
}

impl core::error::Error for UnknownFault {}

/// [`Faults`] at work.
#[derive(Debug)]
pub(super) struct Disturbance {
    faults: Faults,
    random: u64,
    since_pause: u32,
}

impl Disturbance {
    pub(super) fn new(faults: &Faults) -> Self {
        // splitmix64 takes any seed, and its constant keeps seed 0 from being a fixed point.
        Self { faults: faults.clone(), random: faults.seed, since_pause: 0 }
    }

    /// What arrives for one byte: none, one or two.
    pub(super) fn pass(&mut self, byte: u8) -> impl Iterator<Item = u8> + use<> {
        let lost = self.strikes(self.faults.drop);
        let doubled = self.strikes(self.faults.repeat);
        let byte = if self.strikes(self.faults.corrupt) { byte ^ (1 << (self.next_random() % 8)) } else { byte };
        core::iter::repeat_n(byte, if lost { 0 } else { 1 + usize::from(doubled) })
    }

    /// The pause before the next byte.
    pub(super) fn gap(&mut self) -> Duration {
        self.since_pause += 1;
        if self.faults.fragment == 0 || self.since_pause <= self.faults.fragment {
            return Duration::ZERO;
        }
        self.since_pause = 1;
        self.faults.gap
    }

    fn strikes(&mut self, one_in: u32) -> bool {
        one_in != 0 && self.next_random().is_multiple_of(u64::from(one_in))
    }

    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(faults: &Faults, bytes: &[u8]) -> Vec<u8> {
        let mut disturbance = Disturbance::new(faults);
        bytes.iter().flat_map(|&byte| disturbance.pass(byte)).collect()
    }

    #[test]
    fn a_good_line_changes_nothing() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(through(&Faults::default(), &all), all);
    }

    #[test]
    fn each_fault_strikes_about_as_often_as_asked_and_the_same_way_each_time() {
        let bytes = [0x55; 10_000];
        let dropping = Faults { drop: 100, ..Faults::default() };
        assert!((9_800..9_990).contains(&through(&dropping, &bytes).len()));
        let doubling = Faults { repeat: 100, ..Faults::default() };
        assert!((10_010..10_200).contains(&through(&doubling, &bytes).len()));
        let damaging = Faults { corrupt: 100, ..Faults::default() };
        let damaged = through(&damaging, &bytes);
        let wrong = damaged.iter().filter(|&&byte| byte != 0x55).count();
        assert!((10..200).contains(&wrong));
        assert_eq!(damaged, through(&damaging, &bytes));
    }

    #[test]
    fn fragments_are_separated_by_the_gap() {
        let faults = Faults { fragment: 2, gap: Duration::from_millis(7), ..Faults::default() };
        let mut disturbance = Disturbance::new(&faults);
        let gaps: Vec<u128> = (0..5).map(|_| disturbance.gap().as_millis()).collect();
        assert_eq!(gaps, [0, 0, 7, 0, 7]);
    }

    #[test]
    fn every_listed_name_can_be_set() {
        for (name, _) in Faults::NAMES {
            assert_eq!(Faults::default().set(name, 3), Ok(()), "{name}");
        }
        assert_eq!(Faults::default().set("noise", 1), Err(UnknownFault));
    }
}
