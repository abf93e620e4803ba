//! Receiving (`protocol.md` §4).

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::{Lab, RESULT};
use super::super::talk::{Answer, Broken};

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "payload_quotes",
        question: "Does a received payload stand in quotes?",
        source: "§8 no. 7",
        needs: Needs::Broker,
        method: "a message to itself",
        assumes: "either, where the length is shown",
        troubles: &[],
        run: payload_quotes,
    },
    Experiment {
        name: "hex_length",
        question: "What does the length of a message in hex count?",
        source: "§4",
        needs: Needs::Broker,
        method: "a message of five bytes to itself, with \"recv/mode\",0,1,1",
        assumes: "nothing: it receives bytes as they are",
        troubles: &[],
        run: hex_length,
    },
];

fn payload_quotes(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    match received(lab)? {
        Some(told) if told.ends_with("\"hello\"") => found("yes"),
        Some(told) if told.ends_with(",hello") => found("no"),
        _ => undecided("the message did not come with its payload"),
    }
}

fn hex_length(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    if !lab.talk.accepts("AT+LMQTTCFG=\"recv/mode\",0,1,1")? {
        return undecided("the modem refuses \"recv/mode\",0,1,1");
    }
    let told = received(lab)?.unwrap_or_default();
    lab.end_session()?;
    let length = told.rsplit(',').nth(1).unwrap_or_default();
    match (told.contains("68656C6C6F") || told.contains("68656c6c6f"), length) {
        (true, "5" | "10") => either(length == "5", "bytes", "digits"),
        _ => undecided("the message did not come in hex with a length"),
    }
}

/// A message of five bytes to itself: what follows the prefix of its line.
fn received(lab: &mut Lab) -> Result<Option<String>, Broken> {
    let topic = lab.topic("echo");
    lab.subscribe(&topic, 0)?;
    if lab.publish(&topic, 0, b"hello")? != Answer::Ok {
        return Ok(None);
    }
    let line = |told: &String| told.starts_with("RECV,");
    lab.talk.listen(RESULT, |heard| heard.told("LMQTTURC").as_ref().is_some_and(line))?;
    Ok(lab.talk.heard().told("LMQTTURC").filter(line))
}
