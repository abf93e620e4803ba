//! What goes wrong, and when.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use super::read::{directed, number};
use super::{Direction, Fault, WrongFault, read_span, write_span};

/// Faults with their times, in the order of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// What happens, the earliest first.
    pub incidents: Vec<Incident>,
}

/// A fault, and when it strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incident {
    /// When, since the start of the schedule.
    pub at: Duration,
    /// Where among the bytes that arrive from then on; at once without it.
    pub place: Option<Place>,
    /// What.
    pub fault: Fault,
}

/// A place among the bytes of one direction: behind so many of them, as they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which way they go.
    pub direction: Direction,
    /// How many; at least one.
    pub behind: u32,
}

impl Schedule {
    /// When the last fault is over. One that waits for its place among the bytes may come later.
    pub fn ends_at(&self) -> Duration {
        self.incidents.iter().map(|incident| incident.at + incident.fault.lasts()).max().unwrap_or_default()
    }
}

impl From<Vec<Incident>> for Schedule {
    /// Those that happen at the same time stay in their order.
    fn from(mut incidents: Vec<Incident>) -> Self {
        incidents.sort_by_key(|incident| incident.at);
        Self { incidents }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, incident) in self.incidents.iter().enumerate() {
            write!(f, "{}{incident}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = WrongFault;

    /// Incidents with `;` or line ends between them.
    fn from_str(text: &str) -> Result<Self, WrongFault> {
        let parts = text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::parse).collect::<Result<Vec<Incident>, _>>().map(Self::from)
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", write_span(self.at))?;
        if let Some(place) = self.place {
            write!(f, "{place} ")?;
        }
        self.fault.fmt(f)
    }
}

impl FromStr for Incident {
    type Err = WrongFault;

    fn from_str(text: &str) -> Result<Self, WrongFault> {
        let (time, rest) = text.split_once(' ').unwrap_or((text, ""));
        let at = read_span(time)
            .ok_or_else(|| WrongFault(format!("`{time}` is no time, as in `12.5s restart` or `500ms <17 cut`")))?;
        let (place, fault) = Place::before(rest)?;
        Ok(Self { at, place, fault: fault.parse()? })
    }
}

impl Place {
    /// The place at the beginning of a text, if there is one, and what stands behind it.
    pub fn before(text: &str) -> Result<(Option<Self>, &str), WrongFault> {
        let text = text.trim_start();
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let Some((direction, behind)) = directed(word) else { return Ok((None, text)) };
        let behind = number(behind).ok_or_else(|| WrongFault(format!("`{word}` is no place, as in `<17`")))?;
        Ok((Some(Self { direction, behind }), rest))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.direction.mark(), self.behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_sorted_and_read_again_as_it_was_written() {
        let text = "9s <17 restart; 0s >4 drop >2\n\n2.5s kick;\n2.5s cut";
        let schedule: Schedule = text.parse().unwrap();
        assert_eq!(schedule.to_string(), "0s >4 drop >2; 2.5s kick; 2.5s cut; 9s <17 restart");
        assert_eq!(schedule.to_string().parse(), Ok(schedule));
        assert_eq!("".parse(), Ok(Schedule::default()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| text.parse::<Schedule>().unwrap_err().to_string();
        assert_eq!(error("restart"), "`restart` is no time, as in `12.5s restart` or `500ms <17 cut`");
        assert_eq!(error("5s <0 cut"), "`<0` is no place, as in `<17`");
        assert_eq!(error("5s cut; 6s"), "no fault is called ``");
    }

    #[test]
    fn it_ends_with_the_longest_fault() {
        let schedule: Schedule = "1s silence 1h; 9s kick".parse().unwrap();
        assert_eq!(schedule.ends_at(), Duration::from_secs(3_601));
        assert_eq!(Schedule::default().ends_at(), Duration::ZERO);
    }
}
