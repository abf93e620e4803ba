//! Seconds since 1970 as `AT+CCLK?` writes them.

use crate::modem::quirks::{ClockEpoch, ClockFormat};

/// China has one zone, eight hours before UTC.
const ZONE_HOURS: u64 = 8;

/// Where the clock begins to count at power-on.
pub(super) fn epoch(epoch: ClockEpoch) -> u64 {
    match epoch {
        ClockEpoch::Unix => 0,
        ClockEpoch::Gps => 315_964_800,
        ClockEpoch::Millennium => 946_684_800,
    }
}

/// The text after `+CCLK: `, in quotes; `zone` is false as long as the network has not told the time.
pub(super) fn format(seconds: u64, zone: bool, style: ClockFormat) -> String {
    let hours = if zone { ZONE_HOURS } else { 0 };
    let local = seconds + hours * 3600;
    let (year, month, day) = date(local / 86_400);
    let (hour, minute, second) = (local / 3600 % 24, local / 60 % 60, local % 60);
    let zone = match style {
        ClockFormat::Quarters => format!("+{:02}", hours * 4),
        ClockFormat::Gmt => format!("GMT+{hours}"),
    };
    format!("\"{:02}/{month:02}/{day:02},{hour:02}:{minute:02}:{second:02}{zone}\"", year % 100)
}

/// Year, month and day of a day since 1970, by counting from March of year 0 in eras of 400 years.
fn date(day_since_1970: u64) -> (u64, u64, u64) {
    let days = day_since_1970 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_around_leap_days() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(11_017), (2000, 3, 1));
        assert_eq!(date(20_454), (2026, 1, 1));
    }

    #[test]
    fn a_clock_that_was_not_set_counts_from_long_ago() {
        let written = |begin| format(epoch(begin), false, ClockFormat::Quarters);
        assert_eq!(written(ClockEpoch::Unix), "\"70/01/01,00:00:00+00\"");
        assert_eq!(written(ClockEpoch::Gps), "\"80/01/06,00:00:00+00\"");
        assert_eq!(written(ClockEpoch::Millennium), "\"00/01/01,00:00:00+00\"");
    }

    #[test]
    fn the_zone_is_in_quarters_of_an_hour_or_in_hours() {
        assert_eq!(format(1_768_437_000, true, ClockFormat::Quarters), "\"26/01/15,08:30:00+32\"");
        assert_eq!(format(1_768_437_000, true, ClockFormat::Gmt), "\"26/01/15,08:30:00GMT+8\"");
        assert_eq!(format(5, false, ClockFormat::Quarters), "\"70/01/01,00:00:05+00\"");
    }
}
