//! Settings of a connection (`protocol.md` §3.1).

use core::time::Duration;

use super::super::experiment::{Experiment, Needs, Outcome, found, undecided};
use super::super::lab::{Lab, PAUSE, RESULT};
use super::super::talk::{Answer, Broken};
use super::firmware::takes;

/// How long a result may take that may be hidden.
const HIDDEN_AFTER: Duration = Duration::from_secs(5);

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "urc_key",
        question: "Does it know \"urc\"?",
        source: "§8 no. 1",
        needs: Needs::Modem,
        method: "\"urc\",0,1 in a scratch context that is closed again",
        assumes: "either: it sends the setting, and goes on if it is refused",
        troubles: &[],
        run: |lab| takes(lab, "AT+LMQTTCFG=\"urc\",0,1"),
    },
    Experiment {
        name: "cache_key",
        question: "Does it know \"cache\"?",
        source: "§3.1",
        needs: Needs::Modem,
        method: "\"cache\",0,0 in a scratch context that is closed again",
        assumes: "either: it sends the setting, and goes on if it is refused",
        troubles: &[],
        run: |lab| takes(lab, "AT+LMQTTCFG=\"cache\",0,0"),
    },
    Experiment {
        name: "show_length",
        question: "May \"recv/mode\" ask for the payload's length?",
        source: "§8 no. 5 and 6",
        needs: Needs::Modem,
        method: "\"recv/mode\",0,0,1 in a scratch context that is closed again",
        assumes: "it may; if not, a message ends with its line",
        troubles: &[("refused", "a message with a line end in its payload arrives cut off there")],
        run: |lab| takes(lab, "AT+LMQTTCFG=\"recv/mode\",0,0,1"),
    },
    Experiment {
        name: "cached_read",
        question: "Does it know AT+LMQTTREAD=<id>?",
        source: "§8 no. 8",
        needs: Needs::Modem,
        method: "AT+LMQTTREAD=0 in a scratch context without messages",
        assumes: "nothing: it does not use it",
        troubles: &[],
        run: cached_read,
    },
    Experiment {
        name: "urc_default",
        question: "Do results come before \"urc\" is set?",
        source: "§8 no. 1",
        needs: Needs::Broker,
        method: "AT+LMQTTOPEN without \"urc\"; if no result comes within 5 s and AT+LMQTTCONN is accepted, it is hidden",
        assumes: "nothing: it sets \"urc\"",
        troubles: &[],
        run: urc_default,
    },
    Experiment {
        name: "cache_default",
        question: "Does a message come with its URC before \"cache\" is set?",
        source: "§3.1",
        needs: Needs::Broker,
        method: "a message to itself in a session without \"cache\"",
        assumes: "nothing: it sets \"cache\"",
        troubles: &[],
        run: cache_default,
    },
];

fn cached_read(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.ask_for_codes()?;
    if !lab.scratch()? {
        return undecided("the modem refuses AT+LMQTTCFG");
    }
    match lab.talk.command("AT+LMQTTREAD=0")? {
        Answer::Ok => found("accepted"),
        Answer::Error => found("unknown"),
        Answer::Code | Answer::Silent => undecided("it is known, and refuses to read where there is nothing"),
    }
}

fn urc_default(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(reason) = &lab.no_session {
        return undecided(reason.clone());
    }
    lab.scratch()?;
    let line = lab.open_line(lab.options.broker_port);
    if lab.talk.command_within(&line, RESULT)? != Answer::Ok {
        return undecided("opening is refused");
    }
    if lab.talk.told("LMQTTOPEN", HIDDEN_AFTER)?.is_some() {
        return found("shown");
    }
    let line = lab.connect_line(&lab.client_id("u"));
    let is_open = lab.talk.command_within(&line, RESULT)? == Answer::Ok;
    if !is_open {
        return undecided("no result came, and no connection is there");
    }
    lab.talk.wait(PAUSE)?;
    if lab.talk.heard().told("LMQTTCONN").is_some() {
        return undecided("the result of signing in came, that of opening did not");
    }
    lab.talk.command("AT+LMQTTDISC=0")?;
    found("hidden")
}

fn cache_default(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    lab.scratch()?;
    lab.talk.command("AT+LMQTTCFG=\"urc\",0,1")?;
    lab.talk.command("AT+LMQTTCFG=\"session\",0,1")?;
    let (line, client_id) = (lab.open_line(lab.options.broker_port), lab.client_id("c"));
    lab.talk.command_within(&line, RESULT)?;
    lab.talk.told("LMQTTOPEN", RESULT)?;
    if !lab.connect(&client_id)? {
        return undecided("no sign-in at the broker");
    }
    let topic = lab.topic("echo");
    lab.subscribe(&topic, 0)?;
    lab.publish(&topic, 0, b"hello")?;
    lab.talk.listen(RESULT, |heard| heard.told("LMQTTURC").is_some_and(|told| told.starts_with("RECV")))?;
    let told = lab.talk.heard().told("LMQTTURC").unwrap_or_default();
    lab.end_session()?;
    match told.matches(',').count() {
        0 | 1 => undecided("no message came"),
        2 => found("cached"),
        _ => found("direct"),
    }
}
