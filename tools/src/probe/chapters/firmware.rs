//! What the firmware knows (`protocol.md` §3 and §5.2).

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::Lab;
use super::super::talk::{Answer, Broken};

const NO_CFG: &str = "the modem refuses AT+LMQTTCFG";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "firmware",
        question: "Which names do the MQTT commands have?",
        source: "§8 no. 15",
        needs: Needs::Modem,
        method: "the test form of AT+LMQTTCFG; `ecmt` stands for a firmware that does not know it",
        assumes: "AT+LMQTT*, and says so if it is not known",
        troubles: &[("ecmt", "the driver cannot use this firmware")],
        run: firmware,
    },
    Experiment {
        name: "product",
        question: "What does the modem say it is?",
        source: "§8 no. 20",
        needs: Needs::Modem,
        method: "AT+CGMM, or ATI if that is not known",
        assumes: "nothing: it only tells the model",
        troubles: &[("standard_q", "its commands may be Quectel's; send the report in")],
        run: product,
    },
    Experiment {
        name: "sockets_and_tls",
        question: "Does it know AT+LIPOPEN?",
        source: "§8 no. 16",
        needs: Needs::Modem,
        method: "its test form",
        assumes: "nothing: it does not use it",
        troubles: &[],
        run: |lab| supports(lab, "AT+LIPOPEN=?"),
    },
    Experiment {
        name: "tls_key",
        question: "Does it know \"sslenable\"?",
        source: "§8 no. 19",
        needs: Needs::Modem,
        method: "\"sslenable\",0,0,0 in a scratch context that is closed again",
        assumes: "it does, and only where TLS is asked for",
        troubles: &[("refused", "no TLS with this firmware")],
        run: |lab| takes(lab, "AT+LMQTTCFG=\"sslenable\",0,0,0"),
    },
    Experiment {
        name: "pdpcid_key",
        question: "Does it know \"pdpcid\"?",
        source: "§3.1",
        needs: Needs::Modem,
        method: "its query in a scratch context that is closed again",
        assumes: "it does not, and never sends it",
        troubles: &[],
        run: |lab| takes(lab, "AT+LMQTTCFG=\"pdpcid\",0"),
    },
    Experiment {
        name: "unquoted_key",
        question: "May a key of AT+LMQTTCFG stand without quotes?",
        source: "§3.1",
        needs: Needs::Modem,
        method: "keepalive without quotes in a scratch context that is closed again",
        assumes: "it may not, and always quotes it",
        troubles: &[],
        run: |lab| takes(lab, "AT+LMQTTCFG=keepalive,0,120"),
    },
    Experiment {
        name: "other_ids",
        question: "Are there connections 1 to 4?",
        source: "§3",
        needs: Needs::Modem,
        method: "\"keepalive\" of connection 1, which is closed again",
        assumes: "there is connection 0 alone",
        troubles: &[],
        run: other_ids,
    },
    Experiment {
        name: "identities",
        question: "Does it know AT+CGMM?",
        source: "§5.2",
        needs: Needs::Modem,
        method: "AT+CGMM",
        assumes: "either: the driver does without",
        troubles: &[],
        run: |lab| supports(lab, "AT+CGMM"),
    },
    Experiment {
        name: "quoted_identity",
        question: "Does the IMEI come in quotes?",
        source: "§5.2",
        needs: Needs::Modem,
        method: "AT+CGSN=1",
        assumes: "either: it strips them",
        troubles: &[],
        run: quoted_identity,
    },
    Experiment {
        name: "clock_format",
        question: "How does AT+CCLK? write the zone?",
        source: "§5.2",
        needs: Needs::Modem,
        method: "AT+CCLK?",
        assumes: "either: it reads quarters of an hour and GMT+8",
        troubles: &[],
        run: clock_format,
    },
    Experiment {
        name: "packet_queries",
        question: "Does it know AT+CGATT?",
        source: "§5.2",
        needs: Needs::Modem,
        method: "AT+CGATT?",
        assumes: "either: the driver goes on without",
        troubles: &[],
        run: |lab| supports(lab, "AT+CGATT?"),
    },
    Experiment {
        name: "operator_selection",
        question: "Does it know AT+COPS?",
        source: "§5.2",
        needs: Needs::Modem,
        method: "AT+COPS?",
        assumes: "it does, and only where an operator is asked for",
        troubles: &[],
        run: |lab| supports(lab, "AT+COPS?"),
    },
    Experiment {
        name: "power_saving",
        question: "Does it know AT+CPSMS?",
        source: "§5.2",
        needs: Needs::Modem,
        method: "AT+CPSMS?",
        assumes: "it does, and only where power saving is asked for",
        troubles: &[],
        run: |lab| supports(lab, "AT+CPSMS?"),
    },
];

fn supports(lab: &mut Lab, line: &str) -> Result<Outcome, Broken> {
    lab.ask_for_codes()?;
    match lab.talk.command(line)? {
        Answer::Ok => found("accepted"),
        // A command that is known and cannot be done now has a code.
        Answer::Error => found("unknown"),
        Answer::Code => undecided("it is refused with a code, as a known command may be"),
        Answer::Silent => undecided("no answer"),
    }
}

/// Whether a setting is accepted, where settings are accepted at all.
pub(super) fn takes(lab: &mut Lab, line: &str) -> Result<Outcome, Broken> {
    if !lab.scratch()? {
        return undecided(NO_CFG);
    }
    let is_accepted = lab.talk.accepts(line)?;
    either(is_accepted, "accepted", "refused")
}

fn firmware(lab: &mut Lab) -> Result<Outcome, Broken> {
    match lab.talk.command("AT+LMQTTCFG=?")? {
        Answer::Ok => found("lmqtt"),
        Answer::Silent => undecided("no answer"),
        Answer::Error | Answer::Code => {
            lab.no_session = Some("the modem does not know AT+LMQTT*".to_owned());
            found("ecmt")
        }
    }
}

fn product(lab: &mut Lab) -> Result<Outcome, Broken> {
    if lab.talk.command("AT+CGMM")? != Answer::Ok {
        lab.talk.command("ATI")?;
    }
    let heard = lab.talk.heard();
    let known = [(&b"NT35E"[..], "nt35e"), (b"NT26-KCN", "nt26_kcn"), (b"NT26KCN", "nt26_kcn"), (b"-Q", "standard_q")];
    match known.iter().find(|(mark, _)| heard.holds(mark)) {
        Some((_, word)) => found(*word),
        None => undecided("a model without a name here"),
    }
}

fn other_ids(lab: &mut Lab) -> Result<Outcome, Broken> {
    if !lab.scratch()? {
        return undecided(NO_CFG);
    }
    lab.talk.command("AT+LMQTTCLOSE=0")?;
    let is_accepted = lab.talk.accepts("AT+LMQTTCFG=\"keepalive\",1,120")?;
    lab.talk.command("AT+LMQTTCLOSE=1")?;
    either(is_accepted, "accepted", "refused")
}

fn quoted_identity(lab: &mut Lab) -> Result<Outcome, Broken> {
    if !lab.talk.accepts("AT+CGSN=1")? {
        return undecided("the modem refuses AT+CGSN=1");
    }
    let number = lab.talk.heard().told("CGSN").unwrap_or_default();
    let is_quoted = number.starts_with('"');
    let digits = number.trim_matches('"');
    if digits.is_empty() {
        return undecided("no number came");
    }
    lab.hide(digits);
    either(is_quoted, "yes", "no")
}

fn clock_format(lab: &mut Lab) -> Result<Outcome, Broken> {
    lab.talk.command("AT+CCLK?")?;
    match lab.talk.heard().told("CCLK") {
        Some(time) if time.contains("GMT") => found("gmt"),
        Some(time) if time.contains('+') || time.contains('-') => found("quarters"),
        _ => undecided("no time with a zone came"),
    }
}
