//! The probe: what this module does at each point where modules differ, or where no source says what they do.
//!
//! ```text
//! mod.rs         which experiments, one after the other, and the tidying up
//! chapters/      the experiments, one file for each chapter
//! experiment.rs  what an experiment is
//! lab.rs         what they share: a scratch context, a session, a person who switches the supply
//! talk.rs        raw lines out, every byte back
//! options.rs     what it takes
//! report.rs      for people and for machines
//! ```

mod chapters;
mod experiment;
mod lab;
mod options;
mod report;
mod talk;

use std::collections::BTreeSet;

use chapters::UNSEEN;
use experiment::{Experiment, Needs, Outcome};
use lab::Lab;
pub(crate) use options::ProbeOptions;
use report::{Point, Report};
pub(crate) use talk::interrupt;
use talk::{Broken, Talk};

use crate::check;
use crate::report::Report as Reached;
use crate::tap::Log;

/// Does the experiments; an error if the modem was not reached, or somebody broke it off.
pub(crate) fn run(options: &ProbeOptions, log: &Log) -> Result<bool, String> {
    let chosen = choose(&options.only)?;
    if options.list {
        report::list(&chosen);
        return Ok(true);
    }
    for secret in [&options.password, &options.sim_pin].into_iter().flatten() {
        log.conceal(secret.as_bytes());
    }
    let reached = check::reach_with_echo(&options.modem, log, &mut Reached::new(false));
    let (tap, echo) = reached.ok_or("the modem was not reached; `nt35e check` says what to do")?;
    let mut lab = Lab::new(Talk::new(tap), options.clone(), echo, log.clone());
    let mut report = Report::new(options.json);
    let done = experiments(&mut lab, &chosen, &mut report);
    let tidied = lab.tidy();
    report.conclude();
    match (done, tidied) {
        (Ok(Ok(())), Ok(())) => Ok(true),
        (Ok(Err(reason)), _) => Err(reason),
        (Err(Broken::Line(error)), _) | (_, Err(Broken::Line(error))) => {
            Err(format!("the line broke, and the modem may not be as it was: {error}"))
        }
        (Err(Broken::Interrupted), _) | (_, Err(Broken::Interrupted)) => Err(BROKEN_OFF.to_owned()),
    }
}

/// What is said after Ctrl-C.
const BROKEN_OFF: &str = "broken off; the modem is as it was";

fn experiments(
    lab: &mut Lab,
    chosen: &[&'static Experiment],
    report: &mut Report,
) -> Result<Result<(), String>, Broken> {
    if let Err(reason) = lab.prepare()? {
        return Ok(Err(reason));
    }
    let mut is_registered = None;
    for experiment in chosen {
        report.announce(experiment);
        let outcome = match reason_to_skip(lab, experiment, &mut is_registered)? {
            Some(reason) => Outcome::Skipped(reason),
            None => (experiment.run)(lab)?,
        };
        let saw = match outcome {
            Outcome::Skipped(_) => String::new(),
            Outcome::Found(_) | Outcome::Undecided(_) => lab.last_words(),
        };
        report.add(Point { experiment, outcome, saw });
    }
    Ok(Ok(()))
}

fn reason_to_skip(
    lab: &mut Lab,
    experiment: &Experiment,
    is_registered: &mut Option<bool>,
) -> Result<Option<String>, Broken> {
    let missing = match experiment.needs {
        Needs::Modem | Needs::Radio => return Ok(None),
        Needs::Broker if lab.options.host.is_none() => Some("needs a broker: --host"),
        Needs::Tls if lab.options.host.is_none() || lab.options.tls_port.is_none() => {
            Some("needs a broker with TLS: --host and --tls-port")
        }
        Needs::Restarts if !lab.options.with_restarts => Some("needs somebody at the supply: --with-restarts"),
        Needs::Silence if lab.options.silence.is_none() => Some("needs time: --silence SECONDS"),
        Needs::Broker | Needs::Tls | Needs::Restarts | Needs::Silence => None,
    };
    if let Some(missing) = missing {
        return Ok(Some(missing.to_owned()));
    }
    if matches!(experiment.needs, Needs::Broker | Needs::Tls) {
        if is_registered.is_none() {
            chapters::radio::enter_pin(lab)?;
            *is_registered = Some(chapters::radio::register(lab)?);
        }
        if *is_registered == Some(false) {
            return Ok(Some("the network has not taken the modem in: `nt35e check` says what to do".to_owned()));
        }
    }
    Ok(None)
}

fn choose(names: &[String]) -> Result<Vec<&'static Experiment>, String> {
    let known: BTreeSet<&str> = chapters::all().map(|experiment| experiment.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name.as_str())) {
        return Err(match UNSEEN.iter().find(|(name, _)| name == unknown) {
            Some((name, reason)) => format!("{name} cannot be seen from here: {reason}"),
            None => format!("no experiment is called `{unknown}`; --list names them"),
        });
    }
    let is_chosen = |experiment: &&Experiment| names.is_empty() || names.iter().any(|name| name == experiment.name);
    Ok(chapters::all().filter(is_chosen).collect())
}
