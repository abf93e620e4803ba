//! What shows while the radio is off, and right after (`protocol.md` §5.2).

use core::time::Duration;
use std::time::Instant;

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::Lab;
use super::super::talk::{Answer, Broken};

const METHOD: &str =
    "AT+CFUN=0, the question, and AT+CFUN=1; then it waits until the network has taken the modem in again";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "clock_epoch",
        question: "From when does the clock count without a network?",
        source: "§5.2",
        needs: Needs::Radio,
        method: METHOD,
        assumes: "any year before 2023 is no time",
        troubles: &[],
        run: clock_epoch,
    },
    Experiment {
        name: "no_address",
        question: "What does AT+CGPADDR answer without an address?",
        source: "§5.2",
        needs: Needs::Radio,
        method: METHOD,
        assumes: "any of the three",
        troubles: &[],
        run: no_address,
    },
    Experiment {
        name: "sim_while_read",
        question: "What does AT+CPIN? answer while the SIM is being read?",
        source: "§5.2",
        needs: Needs::Radio,
        method: METHOD,
        assumes: "any of the four: it asks until the time is up",
        troubles: &[],
        run: sim_while_read,
    },
    Experiment {
        name: "pin_after_radio",
        question: "Does the SIM ask for its PIN again after AT+CFUN=0?",
        source: "§5.1",
        needs: Needs::Radio,
        method: METHOD,
        assumes: "either: it gives the PIN whenever it is asked for",
        troubles: &[],
        run: pin_after_radio,
    },
];

/// How long a SIM may take to be read.
const SIM_READ: Duration = Duration::from_secs(5);

/// What was seen around the time when the radio was off.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Seen {
    clock: Option<String>,
    /// The answer's lines.
    address: Vec<String>,
    /// The different answers of the SIM, in turn.
    sim: Vec<String>,
}

fn seen(lab: &mut Lab) -> Result<Seen, Broken> {
    if let Some(seen) = &lab.radio {
        return Ok(seen.clone());
    }
    lab.ask_for_codes()?;
    lab.end_session()?;
    enter_pin(lab)?;
    lab.radio_is_off = true;
    lab.talk.command_within("AT+CFUN=0", Duration::from_secs(15))?;
    let mut seen = Seen::default();
    lab.talk.command("AT+CCLK?")?;
    seen.clock = lab.talk.heard().told("CCLK");
    lab.talk.command("AT+CGPADDR")?;
    seen.address = lab.talk.heard().lines();
    lab.talk.command_within("AT+CFUN=1", Duration::from_secs(15))?;
    lab.radio_is_off = false;
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(15) {
        lab.talk.command("AT+CPIN?")?;
        let line = lab.talk.heard().lines().into_iter().find(|line| line.starts_with("+C")).unwrap_or_default();
        let is_ready = line.ends_with(" READY") && !line.ends_with("NOT READY");
        if seen.sim.last() != Some(&line) {
            seen.sim.push(line.clone());
        }
        if is_ready || line.contains("SIM P") {
            break;
        }
        lab.talk.wait(Duration::from_millis(20))?;
    }
    enter_pin(lab)?;
    register(lab)?;
    lab.radio = Some(seen.clone());
    Ok(seen)
}

/// Gives the PIN, if it is asked for and known.
pub(in super::super) fn enter_pin(lab: &mut Lab) -> Result<(), Broken> {
    let since = Instant::now();
    // Until the SIM was read.
    while lab.talk.command("AT+CPIN?")? != Answer::Ok || lab.talk.heard().holds(b"NOT READY") {
        if since.elapsed() > SIM_READ {
            return Ok(());
        }
        lab.talk.wait(Duration::from_millis(100))?;
    }
    if lab.talk.heard().holds(b"SIM PIN\r") {
        lab.pin_asked = true;
        if let Some(pin) = lab.options.sim_pin.take() {
            // A PIN that is wrong is not tried again.
            if lab.talk.accepts(&format!("AT+CPIN=\"{pin}\""))? {
                lab.options.sim_pin = Some(pin);
            }
        }
    }
    Ok(())
}

/// Waits until the network has taken the modem in; false if it does not.
pub(in super::super) fn register(lab: &mut Lab) -> Result<bool, Broken> {
    let since = Instant::now();
    loop {
        lab.talk.command("AT+CEREG?")?;
        let told = lab.talk.heard().told("CEREG").unwrap_or_default();
        let state = told.split(',').nth(1).unwrap_or_default().trim().to_owned();
        if ["1", "5", "9", "10"].contains(&state.as_str()) {
            // The address may follow.
            let has_address = lab.talk.command("AT+CGPADDR")? != Answer::Ok || lab.talk.heard().holds(b".");
            if has_address {
                return Ok(true);
            }
        }
        if since.elapsed() > Duration::from_secs(lab.options.modem.wait.into()) {
            return Ok(false);
        }
        lab.talk.wait(Duration::from_millis(100))?;
    }
}

fn clock_epoch(lab: &mut Lab) -> Result<Outcome, Broken> {
    match seen(lab)?.clock.unwrap_or_default().get(..3) {
        Some("\"70") => found("1970"),
        Some("\"80") => found("1980"),
        Some("\"00") => found("2000"),
        _ => undecided("the clock kept the network's time, or says nothing"),
    }
}

fn no_address(lab: &mut Lab) -> Result<Outcome, Broken> {
    let lines = seen(lab)?.address;
    match lines.first().map(String::as_str) {
        Some("OK") => found("no_line"),
        Some(line) if line.contains("0.0.0.0") => found("zeros"),
        Some(line) if line.starts_with("+CGPADDR:") && !line.contains('.') => found("bare_line"),
        Some(line) if line.starts_with("+CGPADDR:") => undecided("the modem keeps its address without the radio"),
        _ => undecided("AT+CGPADDR is refused"),
    }
}

fn sim_while_read(lab: &mut Lab) -> Result<Outcome, Broken> {
    let sim = seen(lab)?.sim;
    if sim.len() < 2 {
        return undecided("the SIM gave one answer from the start: it was read too fast, or not again");
    }
    match sim.first().map(|line| line.rsplit(": ").next().unwrap_or_default()) {
        Some("14") => found("busy"),
        Some("10") => found("absent"),
        Some("13") => found("failed"),
        Some("NOT READY") => found("not_ready"),
        _ => undecided("an answer without a name here"),
    }
}

fn pin_after_radio(lab: &mut Lab) -> Result<Outcome, Broken> {
    let had_pin = lab.options.sim_pin.is_some();
    let sim = seen(lab)?.sim;
    if !had_pin {
        return Ok(Outcome::Skipped("needs a SIM with a PIN, and --sim-pin".to_owned()));
    }
    if !lab.pin_asked {
        return undecided("this SIM has not asked for a PIN since the probe began");
    }
    let is_asked = sim.last().is_some_and(|line| line.contains("SIM PIN"));
    either(is_asked, "asked", "kept")
}
