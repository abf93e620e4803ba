//! Subscribing (`protocol.md` §3.4).

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::{Lab, PAUSE, RESULT};
use super::super::talk::{Answer, Broken};

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "subscribed_field",
        question: "What is the fourth field of a subscription's result?",
        source: "§8 no. 11",
        needs: Needs::Broker,
        method: "subscriptions at QoS 0 and 1: a constant 1 cannot be what was granted to both",
        assumes: "nothing: it ignores the field where the result is 0, but for 128",
        troubles: &[],
        run: subscribed_field,
    },
    Experiment {
        name: "refused_subscription",
        question: "How is a subscription told that the broker refused?",
        source: "§8 no. 11",
        needs: Needs::Broker,
        method: "a subscription to `…/refused`, which `nt35e broker` refuses",
        assumes: "either: result 1, or 128 in the fourth field",
        troubles: &[],
        run: refused_subscription,
    },
    Experiment {
        name: "several_topics",
        question: "May one command subscribe to several topics?",
        source: "§8 no. 12",
        needs: Needs::Broker,
        method: "two topics in one command",
        assumes: "it may not: one topic in each command",
        troubles: &[],
        run: several_topics,
    },
    Experiment {
        name: "unsubscribed_name",
        question: "How is the result of unsubscribing spelt?",
        source: "§3.4",
        needs: Needs::Broker,
        method: "a subscription, and its end",
        assumes: "either spelling",
        troubles: &[],
        run: unsubscribed_name,
    },
    Experiment {
        name: "message_id_zero",
        question: "Is message id 0 accepted where a packet id is needed?",
        source: "§8 no. 18",
        needs: Needs::Broker,
        method: "a subscription with message id 0",
        assumes: "it is not: 1 to 65535",
        troubles: &[],
        run: message_id_zero,
    },
];

fn subscribed_field(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let (first, second) = (lab.topic("echo"), lab.topic("other"));
    let at_0 = lab.subscribe(&first, 0)?.unwrap_or_default();
    let at_1 = lab.subscribe(&second, 1)?.unwrap_or_default();
    let field = |told: &str| told.split(',').nth(3).map(|field| field.trim().to_owned());
    match (field(&at_0).as_deref(), field(&at_1).as_deref()) {
        (Some("0"), Some("1")) => found("granted"),
        (Some("1"), Some("1")) => found("one"),
        (None, None) if at_0.ends_with(",0") && at_1.ends_with(",0") => found("absent"),
        _ => undecided("none of what is known"),
    }
}

fn refused_subscription(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.helpful_session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("refused");
    let told = lab.subscribe(&topic, 1)?.unwrap_or_default();
    let fields: Vec<&str> = told.split(',').map(str::trim).collect();
    match fields.get(2..) {
        Some(["1", ..]) => found("failed"),
        Some(["0", "128"]) => found("granted_128"),
        _ => undecided("neither a failure nor 128 came"),
    }
}

fn several_topics(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let (first, second, id) = (lab.topic("echo"), lab.topic("other"), lab.message_id());
    let line = format!("AT+LMQTTSUBUNSUB=0,0,{id},\"{first}\",0,\"{second}\",0");
    let is_accepted = lab.talk.command_within(&line, RESULT)? == Answer::Ok;
    if is_accepted {
        lab.talk.told("LMQTTSUBUNSUB", RESULT)?;
    }
    either(is_accepted, "accepted", "refused")
}

fn unsubscribed_name(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("other");
    lab.subscribe(&topic, 0)?;
    let id = lab.message_id();
    let line = format!("AT+LMQTTSUBUNSUB=0,1,{id},\"{topic}\",0");
    if lab.talk.command_within(&line, RESULT)? != Answer::Ok {
        return undecided("unsubscribing is refused");
    }
    lab.talk.listen(RESULT, |heard| heard.told("LMQTTSUBUNSUB").or(heard.told("LMQTTUNSUNSUB")).is_some())?;
    let heard = lab.talk.heard();
    match (heard.told("LMQTTSUBUNSUB"), heard.told("LMQTTUNSUNSUB")) {
        (Some(_), None) => found("correct"),
        (None, Some(_)) => found("misspelt"),
        _ => undecided("no result came"),
    }
}

fn message_id_zero(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let topic = lab.topic("other");
    let line = format!("AT+LMQTTSUBUNSUB=0,0,0,\"{topic}\",0");
    let is_accepted = lab.talk.command_within(&line, RESULT)? == Answer::Ok;
    if is_accepted {
        lab.talk.told("LMQTTSUBUNSUB", PAUSE)?;
    }
    either(is_accepted, "accepted", "refused")
}
