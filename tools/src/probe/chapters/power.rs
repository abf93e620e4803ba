//! Power-on, power-down and sleep (`protocol.md` §5.1).

use core::time::Duration;

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::{CONTEXT, Lab, PAUSE};
use super::super::talk::{Answer, Broken};
use super::radio;

const RESTART: &str = "a cut of the supply for 10 s, and what comes then";
const NOT_SEEN: &str = "the modem has not restarted";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "boot_banner",
        question: "How does the boot banner end, and what follows it?",
        source: "§5.1",
        needs: Needs::Restarts,
        method: RESTART,
        assumes: "any: it finds the banner in the middle of a line; without one a restart shows by lost settings",
        troubles: &[("silent", "a restart is noticed only when a command fails")],
        run: |lab| after_restart(lab, |seen| boot_banner(&seen.bytes)),
    },
    Experiment {
        name: "boot_lines",
        question: "Do status lines follow the banner?",
        source: "§5.1",
        needs: Needs::Restarts,
        method: RESTART,
        assumes: "either: they are dropped",
        troubles: &[],
        run: |lab| after_restart(lab, |seen| either(holds(&seen.bytes, b"RDY\r\n"), "yes", "no")),
    },
    Experiment {
        name: "power_on_noise",
        question: "Are there bytes of noise before the banner?",
        source: "§8 no. 17",
        needs: Needs::Restarts,
        method: RESTART,
        assumes: "either: noise is dropped",
        troubles: &[],
        run: |lab| after_restart(lab, |seen| either(is_noise(&seen.bytes), "yes", "no")),
    },
    Experiment {
        name: "first_line_lost",
        question: "Is the first command after power-on lost?",
        source: "§8 no. 17",
        needs: Needs::Restarts,
        method: RESTART,
        assumes: "either: it asks until there is an answer",
        troubles: &[],
        run: |lab| {
            after_restart(lab, |seen| match seen.tries {
                1 => found("no"),
                2 => found("yes"),
                tries => undecided(format!("it answered the command number {tries}")),
            })
        },
    },
    Experiment {
        name: "echo_after_restart",
        question: "Is echo on again after a restart?",
        source: "§2",
        needs: Needs::Restarts,
        method: RESTART,
        assumes: "either: echo is skipped until it is switched off",
        troubles: &[],
        run: |lab| after_restart(lab, |seen| either(seen.echo, "on", "kept")),
    },
    Experiment {
        name: "contexts",
        question: "Does what AT+CGDCONT has set outlast a restart?",
        source: "§5.2",
        needs: Needs::Restarts,
        method: "AT+CGDCONT=7 with the name `probe`, a cut of the supply, AT+CGDCONT?; context 7 is deleted again",
        assumes: "either: it looks, and sets what is missing",
        troubles: &[],
        run: |lab| {
            after_restart(lab, |seen| match seen.context {
                Some(is_kept) => either(is_kept, "kept", "lost"),
                None => undecided("context 7 is in use, or cannot be set"),
            })
        },
    },
    Experiment {
        name: "power_down_notice",
        question: "Is a power-down told?",
        source: "§5.1",
        needs: Needs::Restarts,
        method: "the module is switched off and on by PWRKEY",
        assumes: "either: it waits for the line only for a while",
        troubles: &[],
        run: power_down_notice,
    },
    Experiment {
        name: "short_supply_cut",
        question: "What does a cut of the supply do that is too short?",
        source: "§5.1",
        needs: Needs::Restarts,
        method: "a cut of half a second, and AT",
        assumes: "either: its own cuts last longer",
        troubles: &[],
        run: short_supply_cut,
    },
    Experiment {
        name: "sleeps_after",
        question: "After how many seconds of silence does the modem sleep?",
        source: "§8 no. 17",
        needs: Needs::Silence,
        method: "pauses of 1 s, 2 s, 4 s … up to --silence, each followed by AT; then halving to one second; 0 for never",
        assumes: "nothing: AT is repeated until there is an answer, any other command that is lost is told as a time-out",
        troubles: &[(">0", "the first command after such a pause is told as a time-out")],
        run: sleeps_after,
    },
];

/// What was seen at a restart.
#[derive(Clone, Debug)]
pub(in super::super) struct Seen {
    bytes: Vec<u8>,
    /// Which AT was answered.
    tries: u32,
    echo: bool,
    context: Option<bool>,
}

fn after_restart(lab: &mut Lab, judge: fn(&Seen) -> Result<Outcome, Broken>) -> Result<Outcome, Broken> {
    if lab.restart.is_none() {
        let seen = restart(lab)?;
        lab.restart = Some(seen);
    }
    match &lab.restart {
        Some(Some(seen)) => judge(seen),
        _ => undecided(NOT_SEEN),
    }
}

fn restart(lab: &mut Lab) -> Result<Option<Seen>, Broken> {
    lab.end_session()?;
    let has_context = has_context(lab, format!("+CGDCONT: {CONTEXT},").as_bytes())?;
    let is_set = !has_context && lab.talk.accepts(&format!("AT+CGDCONT={CONTEXT},\"IP\",\"probe\""))?;
    lab.context_is_set = is_set;
    // Lost in a restart, so that it proves one.
    lab.talk.command("AT+CEREG=1")?;
    lab.ask("restart", "cut the supply for 10 seconds and give it back; start the module as usual")?;
    lab.talk.wait(Duration::from_secs(1))?;
    lab.talk.wait_for_quiet(Duration::from_secs(2))?;
    let bytes = lab.talk.heard().bytes.to_vec();
    let mut tries = 1;
    let mut echo = has_echo(lab)?;
    while echo.is_none() && tries < 30 {
        tries += 1;
        echo = has_echo(lab)?;
    }
    let Some(echo) = echo else { return Ok(None) };
    lab.talk.command("ATE0")?;
    lab.talk.command("AT+CEREG?")?;
    if lab.talk.heard().told("CEREG").is_some_and(|told| told.starts_with('1')) {
        lab.talk.command("AT+CEREG=0")?;
        return Ok(None);
    }
    let context = if is_set { Some(has_context_named(lab)?) } else { None };
    if is_set {
        lab.talk.command(&format!("AT+CGDCONT={CONTEXT}"))?;
        lab.context_is_set = false;
    }
    radio::enter_pin(lab)?;
    Ok(Some(Seen { bytes, tries, echo, context }))
}

fn has_context(lab: &mut Lab, mark: &[u8]) -> Result<bool, Broken> {
    lab.talk.command("AT+CGDCONT?")?;
    Ok(lab.talk.heard().holds(mark))
}

fn has_context_named(lab: &mut Lab) -> Result<bool, Broken> {
    has_context(lab, format!("+CGDCONT: {CONTEXT},\"IP\",\"probe\"").as_bytes())
}

/// Sends AT; whether it was echoed, if it was answered.
fn has_echo(lab: &mut Lab) -> Result<Option<bool>, Broken> {
    let answer = lab.talk.command_within("AT", Duration::from_millis(700))?;
    let heard = lab.talk.heard();
    Ok((answer == Answer::Ok || heard.holds(b"OK\r\n")).then(|| heard.holds(b"AT\r")))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn boot_banner(bytes: &[u8]) -> Result<Outcome, Broken> {
    let rom = bytes.windows(9).position(|window| window == b"^boot.rom");
    let firmware = bytes.windows(6).position(|window| window == b"Lierda");
    match (rom, firmware) {
        (None, None) => found("silent"),
        (Some(_), None) => found("rom_only"),
        (Some(rom), Some(firmware)) if rom < firmware => {
            either(bytes[rom..firmware].ends_with(b"\r\n"), "separate", "glued")
        }
        _ => undecided("the firmware's banner alone"),
    }
}

/// Whether there is a byte before the banner that no line holds.
fn is_noise(bytes: &[u8]) -> bool {
    let end = bytes.windows(9).position(|window| window == b"^boot.rom").unwrap_or(bytes.len());
    bytes[..end].iter().any(|byte| !byte.is_ascii_graphic() && !b"\r\n ".contains(byte))
}

fn power_down_notice(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.end_session()?;
    lab.talk.command("AT+CEREG=1")?;
    lab.ask("power key", "switch the module off by PWRKEY, and on again")?;
    lab.talk.wait(Duration::from_secs(1))?;
    lab.talk.wait_for_quiet(Duration::from_secs(1))?;
    let is_told = lab.talk.heard().holds(b"NORMAL POWER DOWN");
    if !is_back(lab)? || !has_forgotten(lab)? {
        return undecided(NOT_SEEN);
    }
    either(is_told, "printed", "silent")
}

fn short_supply_cut(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.end_session()?;
    lab.talk.command("AT+CEREG=1")?;
    lab.ask("short cut", "cut the supply for half a second, and give it back")?;
    lab.talk.wait(PAUSE)?;
    for _ in 0..8 {
        if has_echo(lab)?.is_some() {
            let has_restarted = has_forgotten(lab)?;
            lab.talk.command("AT+CEREG=0")?;
            return if has_restarted { undecided("the modem has restarted") } else { found("unnoticed") };
        }
    }
    lab.ask("reset", "pull RESET, or cut the supply for 10 seconds; start the module as usual")?;
    if is_back(lab)? { found("hangs") } else { undecided("the modem did not come back") }
}

/// Waits for the modem, and switches echo off; false if it does not come back.
fn is_back(lab: &mut Lab) -> Result<bool, Broken> {
    for _ in 0..30 {
        if has_echo(lab)?.is_some() {
            lab.talk.command("ATE0")?;
            radio::enter_pin(lab)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether AT+CEREG=1 was lost.
fn has_forgotten(lab: &mut Lab) -> Result<bool, Broken> {
    lab.talk.command("AT+CEREG?")?;
    Ok(lab.talk.heard().told("CEREG").is_some_and(|told| told.starts_with('0')))
}

fn sleeps_after(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.end_session()?;
    let bound = lab.options.silence.unwrap_or_default();
    let (mut awake, mut pause) = (0, 1);
    while pause <= bound {
        if is_lost_after(lab, pause)? {
            // It sleeps after more than `awake` and at most `pause` seconds.
            let mut asleep = pause;
            while asleep - awake > 1 {
                let middle = u32::midpoint(awake, asleep);
                if is_lost_after(lab, middle)? {
                    asleep = middle;
                } else {
                    awake = middle;
                }
            }
            return found(asleep.to_string());
        }
        awake = pause;
        pause *= 2;
    }
    if awake == 0 { undecided("--silence is too short") } else { found("0") }
}

/// Whether the first command after a pause is lost, and the next one is not.
fn is_lost_after(lab: &mut Lab, seconds: u32) -> Result<bool, Broken> {
    has_echo(lab)?;
    has_echo(lab)?;
    // A byte is on its way for a while.
    lab.talk.wait(Duration::from_secs(seconds.into()) + Duration::from_millis(100))?;
    let is_answered = has_echo(lab)?.is_some();
    Ok(!is_answered && has_echo(lab)?.is_some())
}
