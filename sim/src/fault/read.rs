//! Faults from text.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

use super::{CloudFault, Direction, Fault, Harm, LIST, ModemFault, NetworkFault, read_span};

/// A text is no fault, incident or schedule; what is wrong with it stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongFault(pub(super) String);

impl fmt::Display for WrongFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for WrongFault {}

impl FromStr for Fault {
    type Err = WrongFault;

    fn from_str(text: &str) -> Result<Self, WrongFault> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let Some(entry) = LIST.iter().find(|entry| entry.name == name) else {
            return Err(WrongFault(format!("no fault is called `{name}`")));
        };
        let arguments: Vec<&str> = words.collect();
        read(name, &arguments).ok_or_else(|| {
            let takes = if entry.arguments.is_empty() { "nothing" } else { entry.arguments };
            let example = if entry.arguments.is_empty() { String::new() } else { format!(" {}", entry.example) };
            WrongFault(format!("`{name}` takes {takes}, as in `{name}{example}`"))
        })
    }
}

fn read(name: &str, arguments: &[&str]) -> Option<Fault> {
    let fault = match (name, arguments) {
        ("drop", [bytes]) => harm(bytes, Harm::Drop)?,
        ("repeat", [bytes]) => harm(bytes, Harm::Repeat)?,
        ("corrupt", [bytes, mask]) => harm(bytes, Harm::Corrupt(mask.parse().ok().filter(|mask| *mask > 0)?))?,
        ("split", [bytes, gap]) => harm(bytes, Harm::Split(read_span(gap)?))?,
        ("hold", [held]) => {
            let (direction, time) = directed(held)?;
            Fault::Modem(ModemFault::Hold { direction, time: read_span(time)? })
        }
        ("storm", [count, gap]) => Fault::Modem(ModemFault::Storm { count: number(count)?, gap: read_span(gap)? }),
        ("lose-answers", [count]) => Fault::Modem(ModemFault::LoseAnswers(number(count)?)),
        ("lose-oks", [count]) => Fault::Modem(ModemFault::LoseOks(number(count)?)),
        ("lose-results", [count]) => Fault::Modem(ModemFault::LoseResults(number(count)?)),
        ("restart", []) => Fault::RESTART,
        ("power-down", []) => Fault::Modem(ModemFault::PowerDown(None)),
        ("cut", []) => Fault::CUT,
        ("broker-slow", [latency, time]) => {
            Fault::Network(NetworkFault::BrokerSlow { latency: read_span(latency)?, time: read_span(time)? })
        }
        ("refuse", [code, time]) => {
            let code = code.parse().ok().filter(|code| *code <= 5)?;
            Fault::Cloud(CloudFault::Refuse { code, time: read_span(time)? })
        }
        ("kick", []) => Fault::Cloud(CloudFault::Kick),
        ("second-sign-in", []) => Fault::Cloud(CloudFault::SecondSignIn),
        ("flood", [count, length]) => {
            Fault::Cloud(CloudFault::Flood { count: number(count)?, length: length.parse().ok()? })
        }
        (name, [time]) => lasting(name, read_span(time)?)?,
        _ => return None,
    };
    Some(fault)
}

/// The faults that take nothing but how long they last.
fn lasting(name: &str, time: Duration) -> Option<Fault> {
    Some(match name {
        "wrong-baud" => Fault::Modem(ModemFault::WrongBaud(time)),
        "silence" => Fault::Modem(ModemFault::Silence(time)),
        "power-down" => Fault::Modem(ModemFault::PowerDown(Some(time))),
        "pull-sim" => Fault::Modem(ModemFault::PullSim(time)),
        "deregister" => Fault::Modem(ModemFault::Deregister(time)),
        "broker-gone" => Fault::Network(NetworkFault::BrokerGone(time)),
        "broker-silent" => Fault::Network(NetworkFault::BrokerSilent(time)),
        "no-names" => Fault::Network(NetworkFault::NoNames(time)),
        "disable" => Fault::Cloud(CloudFault::Disable(time)),
        "wrong-secret" => Fault::Cloud(CloudFault::WrongSecret(time)),
        _ => return None,
    })
}

fn harm(bytes: &str, harm: Harm) -> Option<Fault> {
    let (direction, count) = directed(bytes)?;
    Some(Fault::Modem(ModemFault::Bytes { direction, count: number(count)?, harm }))
}

/// What stands behind the mark of a direction.
pub(super) fn directed(text: &str) -> Option<(Direction, &str)> {
    let mut rest = text.chars();
    Some((Direction::from_mark(rest.next()?)?, rest.as_str()))
}

/// A number of things of which there is at least one.
pub(super) fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_fault_is_read_and_written_as_it_stands_there() {
        for entry in LIST {
            let text = format!("{} {}", entry.name, entry.example);
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text.trim_end().to_owned());
        }
        assert_eq!("power-down".parse(), Ok(Fault::Modem(ModemFault::PowerDown(None))));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert_eq!(error("lunch 1h"), "no fault is called `lunch`");
        assert_eq!(error(""), "no fault is called ``");
        assert_eq!(error("drop 3"), "`drop` takes <N or >N, as in `drop <3`");
        assert_eq!(error("restart 5s"), "`restart` takes nothing, as in `restart`");
        for text in ["drop <0", "drop <x", "corrupt <1 0", "corrupt <1 256", "refuse 6 1s", "silence 5", "flood 0 9"] {
            assert!(error(text).contains("takes"), "{text}");
        }
    }
}
