//! Faults as text.

use core::fmt;

use super::{CloudFault, Fault, Harm, ModemFault, NetworkFault, write_span};

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Modem(fault) => fault.fmt(f),
            Self::Network(fault) => fault.fmt(f),
            Self::Cloud(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for ModemFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Bytes { direction, count, harm } => {
                let bytes = format!("{}{count}", direction.mark());
                match harm {
                    Harm::Drop => write!(f, "drop {bytes}"),
                    Harm::Repeat => write!(f, "repeat {bytes}"),
                    Harm::Corrupt(mask) => write!(f, "corrupt {bytes} {mask}"),
                    Harm::Split(gap) => write!(f, "split {bytes} {}", write_span(gap)),
                }
            }
            Self::Hold { direction, time } => write!(f, "hold {}{}", direction.mark(), write_span(time)),
            Self::WrongBaud(time) => write!(f, "wrong-baud {}", write_span(time)),
            Self::Silence(time) => write!(f, "silence {}", write_span(time)),
            Self::Storm { count, gap } => write!(f, "storm {count} {}", write_span(gap)),
            Self::LoseAnswers(count) => write!(f, "lose-answers {count}"),
            Self::LoseOks(count) => write!(f, "lose-oks {count}"),
            Self::LoseResults(count) => write!(f, "lose-results {count}"),
            Self::Restart => f.write_str("restart"),
            Self::PowerDown(None) => f.write_str("power-down"),
            Self::PowerDown(Some(time)) => write!(f, "power-down {}", write_span(time)),
            Self::PullSim(time) => write!(f, "pull-sim {}", write_span(time)),
            Self::Deregister(time) => write!(f, "deregister {}", write_span(time)),
        }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Cut => f.write_str("cut"),
            Self::BrokerGone(time) => write!(f, "broker-gone {}", write_span(time)),
            Self::BrokerSilent(time) => write!(f, "broker-silent {}", write_span(time)),
            Self::BrokerSlow { latency, time } => {
                write!(f, "broker-slow {} {}", write_span(latency), write_span(time))
            }
            Self::NoNames(time) => write!(f, "no-names {}", write_span(time)),
        }
    }
}

impl fmt::Display for CloudFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Refuse { code, time } => write!(f, "refuse {code} {}", write_span(time)),
            Self::Disable(time) => write!(f, "disable {}", write_span(time)),
            Self::WrongSecret(time) => write!(f, "wrong-secret {}", write_span(time)),
            Self::Kick => f.write_str("kick"),
            Self::SecondSignIn => f.write_str("second-sign-in"),
            Self::Flood { count, length } => write!(f, "flood {count} {length}"),
        }
    }
}
