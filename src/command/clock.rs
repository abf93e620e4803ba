//! `AT+CCLK?`: the time that the network has told the modem.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};

/// A modem that was told no time counts from some year before this one, in which the first of these modems were sold.
const FIRST_YEAR: u16 = 2023;

/// A local time with its distance from UTC.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct NetworkTime {
    /// 1970 to 2069: the modem gives its last two digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
    /// How far local time is ahead of UTC, in quarters of an hour, -96 to 96; none if the modem does not say.
    pub zone: Option<i8>,
}

impl NetworkTime {
    /// Whether the modem was told the time: before, it counts from 1970, 1980 or 2000.
    pub const fn is_set(self) -> bool {
        self.year >= FIRST_YEAR
    }

    /// Seconds since 1970 in UTC; none if the modem was not told the time, or does not say the zone.
    pub fn unix_seconds(self) -> Option<u64> {
        let zone = self.zone.filter(|_| self.is_set())?;
        let years = u32::from(self.year).wrapping_sub(1970);
        // Every fourth year is a leap year from 1970 to 2069.
        let leap_days = years.wrapping_add(1) / 4;
        let before = DAYS_BEFORE.get(usize::from(self.month).wrapping_sub(1)).copied().unwrap_or_default();
        let leap_day = u32::from(is_leap_year(self.year) && self.month > 2);
        let days = years
            .wrapping_mul(365)
            .wrapping_add(leap_days)
            .wrapping_add(u32::from(before))
            .wrapping_add(leap_day)
            .wrapping_add(u32::from(self.day))
            .wrapping_sub(1);
        let hours = days.wrapping_mul(24).wrapping_add(u32::from(self.hour));
        let minutes = hours.wrapping_mul(60).wrapping_add(u32::from(self.minute));
        let seconds = u64::from(minutes).wrapping_mul(60).wrapping_add(u64::from(self.second));
        Some(seconds.wrapping_add_signed(i64::from(zone).wrapping_mul(-900)))
    }
}

impl core::fmt::Display for NetworkTime {
    /// As ISO 8601 has it: `2026-01-15T08:30:01+08:00`, or without the zone if it is not known.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { year, month, day, hour, minute, second, zone } = self;
        write!(formatter, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let Some(zone) = zone else { return Ok(()) };
        let sign = if *zone < 0 { '-' } else { '+' };
        let quarters = zone.unsigned_abs();
        write!(formatter, "{sign}{:02}:{:02}", quarters / 4, (quarters % 4).wrapping_mul(15))
    }
}

/// Days of the year before each month, but for the leap day.
const DAYS_BEFORE: [u16; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

const fn is_leap_year(year: u16) -> bool {
    year.is_multiple_of(4)
}

/// `AT+CCLK?`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ClockQuery;

impl Command for ClockQuery {
    const SPEC: Spec = Spec::named("+CCLK");
    type Response<'r> = NetworkTime;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<NetworkTime, Malformed> {
        let mut fields = answer.fields("+CCLK")?;
        let text = fields.quoted()?;
        fields.end()?;
        read(text).ok_or(Malformed)
    }
}

/// `yy/MM/dd,hh:mm:ss` and the zone: `±zz` in quarters of an hour, `GMT±h` in hours, or none (`protocol.md` §5.2).
fn read(text: &[u8]) -> Option<NetworkTime> {
    let (time, zone) = text.split_at_checked(17)?;
    let &[a, b, b'/', c, d, b'/', e, f, b',', g, h, b':', i, j, b':', k, l] = time else { return None };
    let [year, month, day] = [number(&[a, b])?, number(&[c, d])?, number(&[e, f])?];
    let [hour, minute, second] = [number(&[g, h])?, number(&[i, j])?, number(&[k, l])?];
    let year = u16::from(year).wrapping_add(if year < 70 { 2000 } else { 1900 });
    if hour > 23 || minute > 59 || second > 60 || day == 0 || day > days(year, month)? {
        return None;
    }
    Some(NetworkTime { year, month, day, hour, minute, second, zone: read_zone(zone)? })
}

/// How many days the month has; none if there is no such month.
fn days(year: u16, month: u8) -> Option<u8> {
    let month = usize::from(month);
    let before = DAYS_BEFORE.get(month.checked_sub(1)?)?;
    let length = DAYS_BEFORE.get(month)?.wrapping_sub(*before) as u8;
    Some(length.wrapping_add(u8::from(month == 2 && is_leap_year(year))))
}

fn read_zone(text: &[u8]) -> Option<Option<i8>> {
    let (text, unit) = match text {
        [] => return Some(None),
        [b'G', b'M', b'T', rest @ ..] => (rest, 4_u8),
        rest => (rest, 1),
    };
    let [sign @ (b'+' | b'-'), digits @ ..] = text else { return None };
    let quarters = number(digits)?.saturating_mul(unit);
    if quarters > 96 {
        return None;
    }
    let quarters = quarters.cast_signed();
    Some(Some(if *sign == b'-' { quarters.wrapping_neg() } else { quarters }))
}

/// A number of one or two digits.
fn number(digits: &[u8]) -> Option<u8> {
    let (tens, ones) = match *digits {
        [ones] => (b'0', ones),
        [tens, ones] => (tens, ones),
        _ => return None,
    };
    let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
    let value = tens.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0'));
    is_number.then_some(value)
}

#[cfg(test)]
mod tests {
    use super::{ClockQuery, NetworkTime};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use std::format;

    fn read(text: &str) -> Result<NetworkTime, Malformed> {
        let mut time = Err(Malformed);
        decoded(&ClockQuery, &[&format!("+CCLK: \"{text}\"")], |response| time = response);
        time
    }

    #[test]
    fn a_time_is_shown_as_iso_8601_has_it() {
        for (text, shown) in [
            ("26/01/15,08:30:01+32", "2026-01-15T08:30:01+08:00"),
            ("26/01/15,08:30:01-22", "2026-01-15T08:30:01-05:30"),
            ("70/01/01,00:00:09", "1970-01-01T00:00:09"),
        ] {
            assert_eq!(format!("{}", read(text).unwrap()), shown);
        }
    }

    #[test]
    fn the_zone_comes_in_quarters_or_in_hours_or_not_at_all() {
        assert_eq!(line(&ClockQuery), "AT+CCLK?");
        let time = read("26/01/15,08:30:01+32").unwrap();
        let expected = NetworkTime { year: 2026, month: 1, day: 15, hour: 8, minute: 30, second: 1, zone: Some(32) };
        assert_eq!(time, expected);
        assert_eq!(time.unix_seconds(), Some(1_768_437_001));
        assert_eq!(read("26/01/15,08:30:01GMT+8"), Ok(expected));
        assert_eq!(read("26/01/15,08:30:01"), Ok(NetworkTime { zone: None, ..expected }));
        assert_eq!(read("26/01/15,08:30:01").unwrap().unix_seconds(), None);
        for (zone, quarters) in
            [("+96", 96), ("-96", -96), ("-47", -47), ("+00", 0), ("-0", 0), ("GMT+24", 96), ("GMT-3", -12)]
        {
            assert_eq!(read(&format!("26/01/15,08:30:01{zone}")).unwrap().zone, Some(quarters), "{zone}");
        }
        for zone in ["+97", "-97", "32", "+", "+1x", "+123", "GMT", "GMT8", "GMT+25", "GMT+64", "UTC+8", " +32"] {
            assert_eq!(read(&format!("26/01/15,08:30:01{zone}")), Err(Malformed), "{zone}");
        }
    }

    #[test]
    fn there_is_no_such_time_as_is_not_in_the_calendar() {
        for text in [
            "24/02/29,23:59:60+00",
            "26/12/31,00:00:00+00",
            "69/01/01,00:00:00+00",
            "70/01/01,00:00:00+00",
            "00/02/29,00:00:00+00",
            "26/04/30,00:00:00+00",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
        for text in [
            "25/02/29,00:00:00+00",
            "26/00/10,00:00:00+00",
            "26/13/10,00:00:00+00",
            "26/04/31,00:00:00+00",
            "26/04/00,00:00:00+00",
            "26/01/32,00:00:00+00",
            "26/01/15,24:00:00+00",
            "26/01/15,00:60:00+00",
            "26/01/15,00:00:61+00",
            "26-01-15,00:00:00+00",
            "26/1/15,00:00:00+00",
            "2026/01/15,00:00:00+00",
            "26/01/15 00:00:00+00",
            "26/01/1x,00:00:00+00",
            "26/01/15,00:00",
            "",
            "+32",
        ] {
            assert_eq!(read(text), Err(Malformed), "{text}");
        }
        for answer in
            ["+CCLK: 26/01/15,08:30:01+32", "+CCLK: \"26/01/15,08:30:01+32\",1", "+CCLK: \"26/01/15", "+CCLK: "]
        {
            decoded(&ClockQuery, &[answer], |response| assert_eq!(response, Err(Malformed), "{answer}"));
        }
        decoded(&ClockQuery, &[], |response| assert_eq!(response, Err(Malformed)));
    }

    #[test]
    fn a_clock_that_was_not_set_has_no_time() {
        for text in ["70/01/01,00:00:05+00", "80/01/06,00:00:05+00", "00/01/01,00:00:05+00", "22/12/31,23:59:59+00"] {
            let time = read(text).unwrap();
            assert!(!time.is_set(), "{text}");
            assert_eq!(time.unix_seconds(), None, "{text}");
        }
        assert!(read("23/01/01,00:00:00+00").unwrap().is_set());
    }

    #[test]
    fn seconds_since_1970_are_right_around_leap_days_and_zones() {
        for (text, seconds) in [
            ("23/01/01,00:00:00+00", 1_672_531_200),
            ("24/02/28,23:59:59+00", 1_709_164_799),
            ("24/02/29,00:00:00+00", 1_709_164_800),
            ("24/03/01,00:00:00+00", 1_709_251_200),
            ("25/03/01,00:00:00+00", 1_740_787_200),
            ("24/03/01,08:00:00+32", 1_709_251_200),
            ("24/02/29,16:00:00-32", 1_709_251_200),
            ("69/12/31,23:59:59+00", 3_155_759_999),
        ] {
            assert_eq!(read(text).unwrap().unix_seconds(), Some(seconds), "{text}");
        }
    }
}
