//! Framing: what stands around lines, and in which order they come (`protocol.md` §2 and §4.1).

use core::time::Duration;
use std::time::Instant;

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::{Lab, PAUSE, RESULT};
use super::super::talk::{Answer, Broken};

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "error_style",
        question: "How are errors told before AT+CMEE is set?",
        source: "§8 no. 14",
        needs: Needs::Modem,
        method: "AT+CMEE=9, which no modem can accept; what was set since power-on shows, so start with a modem just switched on",
        assumes: "nothing: it sets AT+CMEE=1 and reads all three",
        troubles: &[],
        run: error_style,
    },
    Experiment {
        name: "blank_lines",
        question: "How many line ends stand before an answer?",
        source: "§2",
        needs: Needs::Modem,
        method: "AT, and counting the bytes before OK",
        assumes: "nothing: it skips empty lines",
        troubles: &[],
        run: blank_lines,
    },
    Experiment {
        name: "prefix_space",
        question: "Does a space follow the colon of a prefix?",
        source: "§2",
        needs: Needs::Modem,
        method: "the test form of AT+LMQTTCFG, and a query of \"keepalive\" in a scratch context that is closed again",
        assumes: "nothing: it skips spaces",
        troubles: &[],
        run: prefix_space,
    },
    Experiment {
        name: "foreign_line",
        question: "What does a line without AT get?",
        source: "§5.1",
        needs: Needs::Modem,
        method: "the line `hello`",
        assumes: "either: an answer that nobody waits for is dropped",
        troubles: &[],
        run: foreign_line,
    },
    Experiment {
        name: "result_order",
        question: "In which order do OK and the result come?",
        source: "§4.1 no. 1",
        needs: Needs::Broker,
        method: "AT+LMQTTOPEN, and the times at which OK and +LMQTTOPEN arrive; OK in the second half of the time came with the \
                 result",
        assumes: "nothing: it takes both in any order",
        troubles: &[],
        run: result_order,
    },
    Experiment {
        name: "echo_payload",
        question: "Is a payload echoed that follows a prompt?",
        source: "§2",
        needs: Needs::Broker,
        method: "ATE1, a publish by prompt, ATE0",
        assumes: "nothing: it switches echo off before it signs in",
        troubles: &[],
        run: echo_payload,
    },
    Experiment {
        name: "urc_during_payload",
        question: "Can a line come between the prompt and the end of the payload?",
        source: "§4.1",
        needs: Needs::Broker,
        method: "a prompt is left open while the broker sends a message; then the payload follows",
        assumes: "either: the line is read, and waits its turn",
        troubles: &[],
        run: urc_during_payload,
    },
];

fn error_style(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.talk.command("AT+CMEE=9")?;
    let line = lab.talk.heard().lines().pop().unwrap_or_default();
    match line.strip_prefix("+CME ERROR:").map(str::trim) {
        _ if line == "ERROR" => found("plain"),
        Some(number) if number.parse::<u32>().is_ok() => found("numeric"),
        Some(_) => found("text"),
        None => undecided("neither ERROR nor +CME ERROR came"),
    }
}

fn blank_lines(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.talk.command("AT")?;
    match lab.talk.heard().bytes {
        b"OK\r\n" => found("none"),
        b"\r\nOK\r\n" => found("one"),
        b"\r\n\r\nOK\r\n" => found("two"),
        _ => undecided("OK stands in none of the ways that are known"),
    }
}

fn prefix_space(lab: &mut Lab) -> Result<Outcome, Broken> {
    if !lab.scratch()? {
        return undecided("the modem refuses AT+LMQTTCFG");
    }
    lab.talk.command("AT+LMQTTCFG=\"keepalive\",0")?;
    let read = lab.talk.heard();
    let spaced = read.holds(b"+LMQTTCFG: \"");
    if !spaced && !read.holds(b"+LMQTTCFG:\"") {
        return undecided("the query of a setting was not answered");
    }
    lab.talk.command("AT+LMQTTCFG=?")?;
    let test = lab.talk.heard();
    match (spaced, test.holds(b"+LMQTTCFG: "), test.holds(b"+LMQTTCFG:")) {
        (true, true, _) => found("always"),
        (false, true, _) => found("not_in_reads"),
        (false, false, true) => found("never"),
        _ => undecided("the test form was not answered"),
    }
}

fn foreign_line(lab: &mut Lab) -> Result<Outcome, Broken> {
    let answer = lab.talk.command_within("hello", PAUSE)?;
    either(answer == Answer::Silent, "ignored", "error")
}

fn result_order(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(reason) = &lab.no_session {
        return undecided(reason.clone());
    }
    lab.scratch()?;
    lab.talk.command("AT+LMQTTCFG=\"urc\",0,1")?;
    let since = Instant::now();
    let line = lab.open_line(lab.options.broker_port);
    if lab.talk.command_within(&line, RESULT)? != Answer::Ok || lab.talk.told("LMQTTOPEN", RESULT)?.is_none() {
        return undecided("no result of opening came");
    }
    let heard = lab.talk.heard();
    let (ok, result) = (heard.place(b"OK\r\n"), heard.place(b"+LMQTTOPEN:"));
    let (Some(ok), Some(result)) = (ok, result) else { return undecided("no result of opening came") };
    let came_together = heard.after(since, ok) * 2 > heard.after(since, result);
    found(if result < ok {
        "before_ok"
    } else if came_together {
        "with_ok"
    } else {
        "after_ok"
    })
}

fn echo_payload(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    lab.talk.command("ATE1")?;
    let topic = lab.topic("discard");
    let has_prompt = lab.prompt(&topic, 0, 5)?;
    let seen = lab.talk.heard().bytes.len();
    if has_prompt {
        lab.payload(b"#echo")?;
        lab.talk.wait_for_quiet(Duration::from_millis(200))?;
    }
    let is_echoed = lab.talk.heard().bytes[seen..].windows(5).any(|part| part == b"#echo");
    let outcome = if has_prompt { either(is_echoed, "yes", "no") } else { undecided("no prompt came") };
    lab.talk.command("ATE0")?;
    outcome
}

fn urc_during_payload(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.helpful_session()? {
        return Ok(outcome);
    }
    let [back, later, discard] = ["later/back", "later", "discard"].map(|end| lab.topic(end));
    lab.subscribe(&back, 0)?;
    lab.publish(&later, 0, b"soon")?;
    lab.talk.told("LMQTTPUB", RESULT)?;
    if !lab.prompt(&discard, 0, 2)? {
        return undecided("no prompt came");
    }
    let mark = b"RECV,";
    let is_sent = lab.talk.listen(Duration::from_secs(2), |heard| heard.holds(mark))?;
    lab.payload(b"ab")?;
    if is_sent {
        return found("sent");
    }
    let is_held = lab.talk.listen(PAUSE, |heard| heard.holds(mark))?;
    if is_held { found("held") } else { undecided("the message did not come at all") }
}
