//! Publishing (`protocol.md` §3.5).

use core::time::Duration;

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::{Lab, PAUSE, RESULT};
use super::super::talk::{Answer, Broken};

/// The bounds of the searches for the longest payload.
const INLINE: (usize, usize) = (256, 2_048);
const PROMPTED: (usize, usize) = (1_024, 12_288);

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "prompt_ok",
        question: "Where does the OK of a publish by prompt come?",
        source: "§8 no. 2",
        needs: Needs::Broker,
        method: "a publish by prompt at QoS 0",
        assumes: "anywhere, once or twice",
        troubles: &[],
        run: prompt_ok,
    },
    Experiment {
        name: "ctrl_z",
        question: "Must 0x1A follow the payload?",
        source: "§8 no. 2",
        needs: Needs::Broker,
        method: "a publish by prompt at QoS 0; 0x1A is sent if nothing comes for 3 s",
        assumes: "it must not: the length ends the payload",
        troubles: &[(
            "needed",
            "after a publish by prompt the modem hears nothing more until it is reset; only what fits a command line can be published",
        )],
        run: ctrl_z,
    },
    Experiment {
        name: "escape",
        question: "Does 0x1B cancel a payload?",
        source: "§8 no. 3",
        needs: Needs::Broker,
        method: "a publish of three bytes by prompt, the second one 0x1B",
        assumes: "it may: a payload that holds 0x1B may be given up by the modem",
        troubles: &[("cancels", "a payload that holds 0x1B cannot be published")],
        run: escape,
    },
    Experiment {
        name: "inline_control",
        question: "May 0x1A and 0x1B stand in a command line?",
        source: "§8 no. 3",
        needs: Needs::Broker,
        method: "a publish at QoS 0 with both in the command line",
        assumes: "they may not: such a payload goes by prompt",
        troubles: &[],
        run: inline_control,
    },
    Experiment {
        name: "inline_limit",
        question: "How long may a payload in a command line be?",
        source: "§8 no. 4",
        needs: Needs::Broker,
        method: "publishes at QoS 0, the length found by halving between 256 and 2048 bytes: 13 messages",
        assumes: "1024 bytes",
        troubles: &[(
            "<1024",
            "publishes of up to 1024 printable bytes are refused: tell, so that the limit is lowered",
        )],
        run: inline_limit,
    },
    Experiment {
        name: "prompt_limit",
        question: "How long may a payload behind a prompt be?",
        source: "§8 no. 4",
        needs: Needs::Broker,
        method: "publishes at QoS 0, the length found by halving between 1024 and 12288 bytes: up to 16 messages, 100 KB",
        assumes: "8000 bytes",
        troubles: &[("<8000", "longer publishes are refused by the modem")],
        run: prompt_limit,
    },
    Experiment {
        name: "published_result",
        question: "What is printed for a publish that was acknowledged?",
        source: "§8 no. 10",
        needs: Needs::Broker,
        method: "a publish at QoS 1 to `…/discard`",
        assumes: "0; 1 is told as uncertain",
        troubles: &[
            ("one", "every publish is told as uncertain, though it arrives"),
            ("one_with_extend", "every publish is told as uncertain, though it arrives"),
        ],
        run: published_result,
    },
    Experiment {
        name: "unacknowledged",
        question: "What is printed for a publish that nobody acknowledged?",
        source: "§3.5",
        needs: Needs::Broker,
        method: "a publish at QoS 1 to `…/unacknowledged`, with \"timeout\" 1 s and one try; `silent` after 8 s",
        assumes: "any: 1 is uncertain, 2 failed, nothing a time-out",
        troubles: &[],
        run: unacknowledged,
    },
    Experiment {
        name: "results_after_loss",
        question: "What becomes of a pending result when the link is lost?",
        source: "§4.1 no. 9",
        needs: Needs::Broker,
        method: "a publish at QoS 1 to `…/cut`, on which `nt35e broker` cuts the link",
        assumes: "either: STATS ends what waits",
        troubles: &[],
        run: results_after_loss,
    },
];

fn prompt_ok(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    if !lab.prompt(&topic, 0, 2)? {
        return undecided("no prompt came");
    }
    let is_before = lab.talk.heard().holds(b"OK\r\n");
    let seen = lab.talk.heard().bytes.len();
    lab.payload(b"ab")?;
    lab.talk.told("LMQTTPUB", RESULT)?;
    lab.talk.wait_for_quiet(Duration::from_millis(300))?;
    let is_after = lab.talk.heard().bytes[seen..].windows(4).any(|part| part == b"OK\r\n");
    match (is_before, is_after) {
        (true, true) => found("both"),
        (true, false) => found("before_prompt"),
        (false, true) => found("after_data"),
        (false, false) => undecided("no OK came"),
    }
}

fn ctrl_z(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    if !lab.prompt(&topic, 0, 2)? {
        return undecided("no prompt came");
    }
    let is_needed = lab.payload(b"ab")?;
    let is_published = lab.talk.told("LMQTTPUB", RESULT)?.is_some();
    if is_published { either(is_needed, "needed", "payload") } else { undecided("the publish did not end") }
}

fn escape(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    if !lab.prompt(&topic, 0, 3)? {
        return undecided("no prompt came");
    }
    let seen = lab.talk.heard().bytes.len();
    lab.talk.send(b"a\x1b")?;
    let is_cancelled = lab.talk.listen(PAUSE, |heard| heard.bytes[seen..].windows(4).any(|part| part == b"OK\r\n"))?;
    if is_cancelled {
        lab.has_no_prompt();
        return found("cancels");
    }
    lab.payload(b"c")?;
    let is_published = lab.talk.told("LMQTTPUB", RESULT)?.is_some();
    if is_published { found("payload") } else { undecided("neither OK nor a result came") }
}

fn inline_control(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    let is_accepted = lab.publish(&topic, 0, b"a\x1ab\x1bc")? == Answer::Ok;
    if is_accepted {
        lab.talk.told("LMQTTPUB", RESULT)?;
        return found("accepted");
    }
    // A modem that takes them for control bytes may wait for the rest of the line.
    let is_answered = lab.talk.heard().answer() != Answer::Silent;
    if is_answered { found("refused") } else { undecided("no answer") }
}

fn inline_limit(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    longest(lab, INLINE, |lab, length| {
        let is_accepted = lab.publish(&topic, 0, &vec![b'x'; length])? == Answer::Ok;
        if is_accepted {
            lab.talk.told("LMQTTPUB", RESULT)?;
        }
        Ok(is_accepted)
    })
}

fn prompt_limit(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    longest(lab, PROMPTED, |lab, length| {
        if !lab.prompt(&topic, 0, length)? {
            return Ok(false);
        }
        lab.payload(&vec![b'x'; length])?;
        Ok(lab.talk.told("LMQTTPUB", RESULT)?.is_some())
    })
}

/// The longest that is accepted, between a length that must be and one that must not.
fn longest(
    lab: &mut Lab,
    (mut accepted, mut refused): (usize, usize),
    mut accepts: impl FnMut(&mut Lab, usize) -> Result<bool, Broken>,
) -> Result<Outcome, Broken> {
    if !accepts(lab, accepted)? {
        return undecided(format!("{accepted} bytes are too long already"));
    }
    if accepts(lab, refused)? {
        return undecided(format!("{refused} bytes are accepted, and perhaps more"));
    }
    while refused - accepted > 1 {
        let middle = usize::midpoint(accepted, refused);
        if accepts(lab, middle)? {
            accepted = middle;
        } else {
            refused = middle;
        }
    }
    found(accepted.to_string())
}

/// What follows the message id in a publish's result.
fn result_of(told: Option<String>) -> Option<String> {
    told.map(|told| told.split(',').skip(2).map(str::trim).collect::<Vec<_>>().join(","))
}

fn published_result(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("discard");
    lab.publish(&topic, 1, b"hello")?;
    match result_of(lab.talk.told("LMQTTPUB", RESULT)?).as_deref() {
        Some("0") => found("zero"),
        Some("1") => found("one"),
        Some("1,6") => found("one_with_extend"),
        Some(other) => undecided(format!("the result is {other}")),
        None => undecided("no result came"),
    }
}

fn unacknowledged(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.helpful_session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    let client_id = lab.client_id("n");
    if !lab.open(&["\"timeout\",0,1,1,0"])? || !lab.connect(&client_id)? {
        return undecided("no session with a short \"timeout\"");
    }
    let topic = lab.topic("unacknowledged");
    lab.publish(&topic, 1, b"hello")?;
    let told = lab.talk.told("LMQTTPUB", Duration::from_secs(8))?;
    lab.end_session()?;
    match result_of(told).as_deref() {
        Some("1") => found("one"),
        Some("2") => found("two"),
        None => found("silent"),
        Some(other) => undecided(format!("the result is {other}")),
    }
}

fn results_after_loss(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.helpful_session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("cut");
    lab.publish(&topic, 1, b"hello")?;
    let is_lost = lab.talk.listen(RESULT, |heard| heard.holds(b"STATS,0,"))?;
    lab.talk.wait(PAUSE)?;
    let told = lab.talk.heard().told("LMQTTPUB");
    lab.session_is_odd();
    lab.end_session()?;
    if is_lost { either(told.is_none(), "silent", "failed") } else { undecided("the link was not lost") }
}
