//! `AT+CPSMS` and `AT+CEDRXS`: how long the modem may sleep.
//!
//! The network may grant other times than those asked for. While the modem sleeps, nothing reaches it, so that a broker
//! may take it for gone: the keep-alive interval has to be longer.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::value::{Field, InvalidField, Rule};

/// Power saving mode: the modem is off the air but for a while after it has shown itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum PowerSaving {
    /// Never.
    Off,
    /// As the network grants it.
    On {
        /// How often the modem shows itself.
        every: UpdateInterval,
        /// How long it can be reached then.
        active: ActiveTime,
    },
}

/// How often a modem shows itself: timer T3412 extended, coded as GPRS timer 3 (3GPP TS 24.008 §10.5.7.4a).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct UpdateInterval(u8);

impl UpdateInterval {
    /// The units of the timer in seconds, each with its code.
    const UNITS: [(u32, u8); 7] =
        [(2, 0b011), (30, 0b100), (60, 0b101), (600, 0b000), (3_600, 0b001), (36_000, 0b010), (1_152_000, 0b110)];

    /// The shortest interval that can be coded and is not shorter than `seconds`: 1 to 35 712 000.
    ///
    /// # Errors
    /// If it is out of that range.
    pub const fn at_least(seconds: u32) -> Result<Self, InvalidField> {
        match timer(&Self::UNITS, 1, seconds) {
            Ok(octet) => Ok(Self(octet)),
            Err(invalid) => Err(invalid),
        }
    }

    /// What it really is, in seconds.
    pub const fn as_secs(self) -> u32 {
        span(&Self::UNITS, self.0)
    }
}

/// How long a modem can be reached after it has shown itself: timer T3324, coded as GPRS timer 2 (3GPP TS 24.008 §10.5.7.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ActiveTime(u8);

impl ActiveTime {
    const UNITS: [(u32, u8); 3] = [(2, 0b000), (60, 0b001), (360, 0b010)];

    /// The shortest time that can be coded and is not shorter than `seconds`: 0 to 11 160.
    ///
    /// # Errors
    /// If it is out of that range.
    pub const fn at_least(seconds: u32) -> Result<Self, InvalidField> {
        match timer(&Self::UNITS, 0, seconds) {
            Ok(octet) => Ok(Self(octet)),
            Err(invalid) => Err(invalid),
        }
    }

    /// What it really is, in seconds.
    pub const fn as_secs(self) -> u32 {
        span(&Self::UNITS, self.0)
    }
}

/// The octet of a timer: its unit in the upper three bits, and how many of them in the lower five.
const fn timer(units: &[(u32, u8)], least: u32, seconds: u32) -> Result<u8, InvalidField> {
    let mut rest = units;
    let mut most = 0;
    while let [(unit, code), behind @ ..] = rest {
        let count = seconds.div_ceil(*unit);
        most = unit.wrapping_mul(31);
        if count <= 31 && seconds >= least {
            return Ok(code.wrapping_shl(5) | count as u8);
        }
        rest = behind;
    }
    Err(InvalidField::new(Field::Setting, Rule::Between { least, most, actual: seconds }))
}

const fn span(units: &[(u32, u8)], octet: u8) -> u32 {
    let mut rest = units;
    while let [(unit, code), behind @ ..] = rest {
        if *code == octet.wrapping_shr(5) {
            return unit.wrapping_mul((octet & 31) as u32);
        }
        rest = behind;
    }
    0
}

/// `AT+CPSMS=0`, or `AT+CPSMS=1,,,"<interval>","<active time>"`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetPowerSaving(
    /// What to ask for.
    pub PowerSaving,
);

impl Command for SetPowerSaving {
    const SPEC: Spec = Spec::named("+CPSMS");
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        match self.0 {
            PowerSaving::Off => _ = line.integer(0),
            PowerSaving::On { every, active } => {
                line.integer(1).raw(b",,,\"");
                bits(line, every.0, 8);
                line.raw(b"\",\"");
                bits(line, active.0, 8);
                line.raw(b"\"");
            }
        }
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// Extended discontinuous reception: how rarely the modem listens.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ExtendedReception {
    /// Not used.
    Off,
    /// As the network grants it.
    On(ReceptionCycle),
}

/// How rarely a modem listens, on LTE (3GPP TS 24.008 §10.5.5.32).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReceptionCycle(u8);

impl ReceptionCycle {
    /// The cycles in the order of their codes, in units of 5.12 s.
    const CYCLES: [u16; 14] = [1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512];

    /// The shortest cycle that there is and that is not shorter than `seconds`: 1 to 2 621.
    ///
    /// # Errors
    /// If it is out of that range.
    pub const fn at_least(seconds: u32) -> Result<Self, InvalidField> {
        let mut rest: &[u16] = &Self::CYCLES;
        let mut code: u8 = 0;
        while let [cycle, behind @ ..] = rest {
            if seconds >= 1 && seconds <= (*cycle as u32).wrapping_mul(512) / 100 {
                return Ok(Self(code));
            }
            rest = behind;
            code = code.wrapping_add(1);
        }
        Err(InvalidField::new(Field::Setting, Rule::Between { least: 1, most: 2_621, actual: seconds }))
    }

    /// What it really is, in milliseconds.
    pub const fn as_millis(self) -> u32 {
        let mut rest: &[u16] = &Self::CYCLES;
        let mut code = self.0;
        while let [cycle, behind @ ..] = rest {
            if code == 0 {
                return (*cycle as u32).wrapping_mul(5_120);
            }
            rest = behind;
            code = code.wrapping_sub(1);
        }
        0
    }
}

/// `AT+CEDRXS=0`, or `AT+CEDRXS=1,4,"<cycle>"`, where 4 is LTE (3GPP TS 27.007 §7.40).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetExtendedReception(
    /// What to ask for.
    pub ExtendedReception,
);

impl Command for SetExtendedReception {
    const SPEC: Spec = Spec::named("+CEDRXS");
    type Response<'r> = ();

    fn encode(&self, line: &mut Encoder<'_>) {
        match self.0 {
            ExtendedReception::Off => _ = line.integer(0),
            ExtendedReception::On(cycle) => {
                line.integer(1).integer(4).raw(b",\"");
                bits(line, cycle.0, 4);
                line.raw(b"\"");
            }
        }
    }

    fn decode(&self, _answer: Answer<'_>) -> Result<(), Malformed> {
        Ok(())
    }
}

/// Writes the lowest bits of `value` as digits, the highest of them first.
fn bits(line: &mut Encoder<'_>, value: u8, count: u32) {
    for place in (0..count).rev() {
        line.raw(if value.wrapping_shr(place) & 1 == 1 { b"1" } else { b"0" });
    }
}

#[cfg(test)]
mod tests {
    use super::{
        ActiveTime, ExtendedReception, PowerSaving, ReceptionCycle, SetExtendedReception, SetPowerSaving,
        UpdateInterval,
    };
    use crate::command::testing::line;
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn an_interval_is_the_shortest_that_can_be_coded() {
        for (asked, given) in [
            (1, 2),
            (2, 2),
            (3, 4),
            (62, 62),
            (63, 90),
            (91, 120),
            (930, 930),
            (931, 960),
            (1_860, 1_860),
            (1_861, 2_400),
            (18_600, 18_600),
            (18_601, 21_600),
            (111_600, 111_600),
            (111_601, 144_000),
            (1_116_000, 1_116_000),
            (1_116_001, 1_152_000),
            (35_712_000, 35_712_000),
        ] {
            assert_eq!(UpdateInterval::at_least(asked).unwrap().as_secs(), given, "{asked}");
        }
        for actual in [0, 35_712_001, u32::MAX] {
            let rule = Rule::Between { least: 1, most: 35_712_000, actual };
            assert_eq!(UpdateInterval::at_least(actual), Err(InvalidField::new(Field::Setting, rule)));
        }
    }

    #[test]
    fn an_active_time_is_the_shortest_that_can_be_coded() {
        for (asked, given) in [(0, 0), (1, 2), (62, 62), (63, 120), (1_860, 1_860), (1_861, 2_160), (11_160, 11_160)] {
            assert_eq!(ActiveTime::at_least(asked).unwrap().as_secs(), given, "{asked}");
        }
        let rule = Rule::Between { least: 0, most: 11_160, actual: 11_161 };
        assert_eq!(ActiveTime::at_least(11_161), Err(InvalidField::new(Field::Setting, rule)));
    }

    #[test]
    fn a_cycle_is_the_shortest_that_there_is() {
        for (asked, given) in
            [(1, 5_120), (5, 5_120), (6, 10_240), (20, 20_480), (21, 40_960), (164, 327_680), (2_621, 2_621_440)]
        {
            assert_eq!(ReceptionCycle::at_least(asked).unwrap().as_millis(), given, "{asked}");
        }
        for actual in [0, 2_622] {
            let rule = Rule::Between { least: 1, most: 2_621, actual };
            assert_eq!(ReceptionCycle::at_least(actual), Err(InvalidField::new(Field::Setting, rule)));
        }
    }

    #[test]
    fn timers_go_out_as_bits() {
        assert_eq!(line(&SetPowerSaving(PowerSaving::Off)), "AT+CPSMS=0");
        // A manual of another maker has this active time for 4 min.
        let (every, active) = (UpdateInterval::at_least(4 * 3_600).unwrap(), ActiveTime::at_least(240).unwrap());
        let saving = PowerSaving::On { every, active };
        assert_eq!(line(&SetPowerSaving(saving)), "AT+CPSMS=1,,,\"00011000\",\"00100100\"");
        assert_eq!(line(&SetExtendedReception(ExtendedReception::Off)), "AT+CEDRXS=0");
        let cycle = ReceptionCycle::at_least(82).unwrap();
        assert_eq!(line(&SetExtendedReception(ExtendedReception::On(cycle))), "AT+CEDRXS=1,4,\"0110\"");
    }
}
