//! What the modem's states mean for MQTT, and what to do about them.

use nt35e::command::{NetworkTime, Registration, Signal, SimStatus};

use crate::report::{Finding, Verdict};

const SEARCH: &str = "check the antenna, the operator's coverage with LTE Cat.1, and that the SIM is paid for";

/// Of `AT+CGMM`.
pub(crate) fn model(name: String) -> Finding {
    let known = ["NT35E", "NT26"].iter().any(|model| name.contains(model));
    if known {
        Finding::new("model", Verdict::Good, "one that the driver is written for").value(name)
    } else {
        Finding::new("model", Verdict::Doubtful, "none that the driver is written for")
            .value(name)
            .remedy("is this the modem that is meant? If its MQTT commands are good it may work nevertheless")
    }
}

/// Of `AT+LGMR`.
pub(crate) fn firmware(version: String) -> Finding {
    Finding::new("firmware", Verdict::Good, "behaviour differs by version, so name it in a report").value(version)
}

/// Of `AT+CPIN?`.
pub(crate) fn sim(status: SimStatus) -> Finding {
    let (verdict, words, remedy) = match status {
        SimStatus::Ready => return Finding::new("SIM", Verdict::Good, "it can be used"),
        SimStatus::PinNeeded => {
            (Verdict::Bad, "it waits for its PIN", "switch the PIN off in a telephone, or give it to BringUp::sim_pin")
        }
        SimStatus::PukNeeded => {
            (Verdict::Bad, "it is locked after wrong PINs, and waits for its PUK", "unlock it in a telephone")
        }
        SimStatus::Absent => (Verdict::Bad, "there is none", "insert it, the right way up; check the holder's wiring"),
        SimStatus::Busy => (Verdict::Bad, "it is still being read", "try again; if it stays so, try another SIM"),
        SimStatus::Failed => (Verdict::Bad, "it failed", "clean its contacts; try another SIM"),
        _ => (Verdict::Bad, "its state has no name here", "is the module locked to an operator? Send the transcript"),
    };
    Finding::new("SIM", verdict, words).remedy(remedy)
}

/// Of `AT+CEREG?`.
pub(crate) fn registration(registration: Registration) -> Finding {
    let (words, remedy) = match registration {
        Registration::Home | Registration::DataPreferredHome => {
            return Finding::new("registration", Verdict::Good, "the home network has taken the modem in");
        }
        Registration::Roaming | Registration::DataPreferredRoaming => {
            return Finding::new("registration", Verdict::Doubtful, "another network has taken the modem in")
                .remedy("roaming may cost more, or carry no data: is it meant?");
        }
        Registration::NotSearching => {
            ("the modem does not look for a network", "is the SIM good? AT+CFUN=1 switches the radio on")
        }
        Registration::Searching => ("the modem looks for a network and finds none", SEARCH),
        Registration::Unknown => ("the modem is out of coverage", SEARCH),
        Registration::Denied => {
            ("the network refuses the modem", "is the SIM paid for, activated, and allowed in this module (IMEI lock)?")
        }
        Registration::MessagesOnlyHome | Registration::MessagesOnlyRoaming => {
            ("the network takes short messages alone", "ask the operator for a tariff with data")
        }
        _ => ("the network gives the modem no data service", "ask the operator; send the transcript"),
    };
    Finding::new("registration", Verdict::Bad, words).value(format!("{}", registration.number())).remedy(remedy)
}

/// Of `AT+CGATT?`.
pub(crate) fn attachment(attached: bool) -> Finding {
    if attached {
        Finding::new("attachment", Verdict::Good, "the network carries packets")
    } else {
        Finding::new("attachment", Verdict::Bad, "the network carries no packets")
            .remedy("if it is registered: ask the operator whether the tariff has data, and for the access point (APN)")
    }
}

/// Of `AT+CGPADDR`.
pub(crate) fn address(address: Option<String>) -> Finding {
    match address {
        Some(address) => Finding::new("address", Verdict::Good, "the network gave the modem an address").value(address),
        None => Finding::new("address", Verdict::Bad, "the modem has no address")
            .remedy("ask the operator for the access point, and give it to BringUp::apn"),
    }
}

/// Of `AT+CSQ`; the limits are a rule of thumb.
pub(crate) fn signal(signal: Signal) -> Finding {
    let finding = |verdict, words: &str| Finding::new("signal", verdict, words).value(signal.to_string());
    match signal.dbm() {
        Some(-95..) => finding(Verdict::Good, "strong enough"),
        Some(_) => finding(Verdict::Doubtful, "weak").remedy("check the antenna and its connector; try by a window"),
        None => Finding::new("signal", Verdict::Doubtful, "the modem does not know it")
            .remedy("it may know later; if not registered, check the antenna"),
    }
}

/// Of `AT+CCLK?`.
pub(crate) fn clock(time: NetworkTime) -> Finding {
    if time.is_set() {
        Finding::new("clock", Verdict::Good, "the network told the time").value(time.to_string())
    } else {
        Finding::new("clock", Verdict::Doubtful, "the network has not told the time")
            .value(time.to_string())
            .remedy("MQTT does without; timestamps and certificates do not")
    }
}

/// The names of the MQTT commands that the driver speaks.
pub(crate) const SPOKEN: &str = "AT+LMQTT";
/// Those of early firmware (`protocol.md` §1).
pub(crate) const ANCESTOR: &str = "AT+ECMT";

/// Of the MQTT commands that the modem knows.
pub(crate) fn mqtt(dialect: &'static str) -> Finding {
    if dialect == SPOKEN {
        Finding::new("MQTT", Verdict::Good, "the commands that the driver speaks").value(dialect)
    } else {
        Finding::new("MQTT", Verdict::Bad, "the ancestor's commands, which the driver does not speak")
            .value(dialect)
            .remedy("ask Lierda for a firmware with AT+LMQTT, and send the transcript in")
    }
}

/// Of a modem that refuses either.
pub(crate) fn no_mqtt() -> Finding {
    Finding::new("MQTT", Verdict::Bad, "the modem knows no MQTT commands")
        .remedy("is this an NT35E or NT26? Ask Lierda for a firmware with AT+LMQTT")
}
