//! Opening and signing in (`protocol.md` §3.2 and §3.3).

use core::time::Duration;

use super::super::experiment::{Experiment, Needs, Outcome, either, found, undecided};
use super::super::lab::{Lab, PAUSE, RESULT};
use super::super::talk::{Answer, Broken};

/// A device that no platform knows.
const MADE_UP: &str = "\"aliauth\",0,\"a1probe0000\",\"probe_1\",\"0123456789abcdef0123456789abcdef\"";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "open_in_use",
        question: "How does opening an open connection fail?",
        source: "§3.2",
        needs: Needs::Broker,
        method: "AT+LMQTTOPEN once more in a session",
        assumes: "either: both are told as an error",
        troubles: &[],
        run: open_in_use,
    },
    Experiment {
        name: "login_lengths",
        question: "How long may client id, user name and password be?",
        source: "§3",
        needs: Needs::Broker,
        method: "a client id of 64 bytes; `ancestor` stands for a refusal by the modem",
        assumes: "256 bytes each",
        troubles: &[("ancestor", "sign-in at Alibaba Cloud is possible by aliauth alone")],
        run: login_lengths,
    },
    Experiment {
        name: "stale_stats",
        question: "Is an old link's end told in the next sign-in?",
        source: "§4.1 no. 8",
        needs: Needs::Broker,
        method: "two sessions, one after the other",
        assumes: "it may be: STATS before the result of the sign-in is dropped",
        troubles: &[],
        run: stale_stats,
    },
    Experiment {
        name: "refused_login",
        question: "How is a refused sign-in told?",
        source: "§9",
        needs: Needs::Broker,
        method: "the user name `refuse-me` with a password that is wrong",
        assumes: "any order: the result says why",
        troubles: &[],
        run: refused_login,
    },
    Experiment {
        name: "aliauth_sign",
        question: "By which method does the modem sign for aliauth?",
        source: "aliyun.md §3",
        needs: Needs::Broker,
        method: "a sign-in with a made-up triple; the broker tells the client id that came",
        assumes: "nothing: the platform takes any",
        troubles: &[],
        run: |lab| aliauth(lab, false, sign_method),
    },
    Experiment {
        name: "aliauth_timestamp",
        question: "Does the client id for aliauth carry a timestamp?",
        source: "aliyun.md §3",
        needs: Needs::Broker,
        method: "a sign-in with a made-up triple; the broker tells the client id that came",
        assumes: "nothing: the platform takes both",
        troubles: &[],
        run: |lab| aliauth(lab, false, |login| either(login.contains("timestamp="), "yes", "no")),
    },
    Experiment {
        name: "tls_contexts",
        question: "Does TLS work with a context that nobody has prepared?",
        source: "§6.3",
        needs: Needs::Tls,
        method: "\"sslenable\",0,1,0 and AT+LMQTTOPEN",
        assumes: "nothing: contexts are the user's business",
        troubles: &[("unprepared", "prepare a context before you ask for TLS")],
        run: tls_contexts,
    },
    Experiment {
        name: "aliauth_secure_mode",
        question: "Which securemode does the modem sign over TLS?",
        source: "aliyun.md §3",
        needs: Needs::Tls,
        method: "a sign-in with a made-up triple over TLS; the broker tells the client id that came",
        assumes: "2 over TLS",
        troubles: &[("plain", "the platform may refuse aliauth over TLS")],
        run: |lab| aliauth(lab, true, secure_mode),
    },
];

fn open_in_use(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let line = lab.open_line(lab.options.broker_port);
    match lab.talk.command_within(&line, RESULT)? {
        Answer::Error | Answer::Code => found("error"),
        Answer::Silent => undecided("no answer"),
        Answer::Ok => match lab.talk.told("LMQTTOPEN", RESULT)? {
            Some(told) if told != "0,0" => found("result"),
            Some(_) => {
                lab.end_session()?;
                undecided("it was opened once more")
            }
            None => undecided("no result came"),
        },
    }
}

fn login_lengths(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    if !lab.open(&[])? {
        return undecided("no connection to the broker");
    }
    let client_id = format!("{:x<64}", lab.client_id("long"));
    let line = lab.connect_line(&client_id);
    let is_sent = lab.talk.command_within(&line, RESULT)? == Answer::Ok;
    if is_sent {
        lab.talk.told("LMQTTCONN", RESULT)?;
        lab.had_session = true;
        lab.talk.command("AT+LMQTTDISC=0")?;
    }
    lab.end_session()?;
    either(is_sent, "manual", "ancestor")
}

fn stale_stats(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    let client_id = lab.client_id("s");
    if !lab.open(&[])? {
        return undecided("no connection to the broker");
    }
    lab.talk.wait(Duration::from_millis(300))?;
    let is_connected = lab.connect(&client_id)?;
    let is_stale = lab.talk.heard().told("LMQTTURC").is_some_and(|told| told.starts_with("STATS"));
    lab.end_session()?;
    if is_connected { either(is_stale, "yes", "no") } else { undecided("the second sign-in failed") }
}

fn refused_login(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    if !lab.open(&[])? {
        return undecided("no connection to the broker");
    }
    let line = format!("AT+LMQTTCONN=0,\"{}\",\"refuse-me\",\"wrong\"", lab.client_id("r"));
    lab.talk.command_within(&line, RESULT)?;
    let told = lab.talk.told("LMQTTCONN", RESULT)?;
    lab.talk.wait(PAUSE)?;
    let heard = lab.talk.heard();
    let (result, stats) = (heard.place(b"+LMQTTCONN:"), heard.place(b"STATS,0,15"));
    lab.had_session = true;
    let outcome = match (told.as_deref(), result, stats) {
        (Some("0,0,0" | "0,1,0"), ..) => undecided("this broker refuses nobody"),
        (None, ..) | (_, None, _) => undecided("no result came"),
        (_, Some(_), None) => found("result_only"),
        (_, Some(result), Some(stats)) => either(result < stats, "result_then_stats", "stats_then_result"),
    };
    lab.talk.command("AT+LMQTTDISC=0")?;
    lab.end_session()?;
    outcome
}

/// Signs in with a made-up triple, and looks at what the modem made of it.
fn aliauth(lab: &mut Lab, tls: bool, judge: fn(&str) -> Result<Outcome, Broken>) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.helpful_session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    let port = if tls { lab.options.tls_port.unwrap_or(lab.options.broker_port) } else { lab.options.broker_port };
    let settings = ["\"cloud\",0,2,1", MADE_UP, "\"sslenable\",0,1,0"];
    if !lab.open_at(port, if tls { &settings } else { &settings[..2] })? {
        return undecided("no connection to the broker");
    }
    if lab.talk.command_within("AT+LMQTTCONN=0,\"probe\"", RESULT)? != Answer::Ok {
        return undecided("the sign-in with aliauth is refused by the modem");
    }
    lab.talk.told("LMQTTCONN", RESULT)?;
    lab.had_session = true;
    let login = lab.login()?;
    lab.talk.command("AT+LMQTTDISC=0")?;
    lab.end_session()?;
    match login {
        Some(login) if login.contains("securemode=") => judge(&login),
        _ => undecided("no signed client id came to the broker"),
    }
}

fn sign_method(login: &str) -> Result<Outcome, Broken> {
    let method = login.split_once("signmethod=").map_or("", |(_, rest)| rest).split([',', '|']).next();
    match method {
        Some(known @ ("hmacsha1" | "hmacsha256" | "hmacmd5")) => found(known),
        _ => undecided("a method without a name here"),
    }
}

fn secure_mode(login: &str) -> Result<Outcome, Broken> {
    match login.split_once("securemode=").map(|(_, rest)| &rest[..1.min(rest.len())]) {
        Some("2") => found("of_the_link"),
        Some("3") => found("plain"),
        _ => undecided("another securemode"),
    }
}

fn tls_contexts(lab: &mut Lab) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    lab.end_session()?;
    let Some(port) = lab.options.tls_port else { return undecided("no port") };
    if !lab.scratch()? || !lab.talk.accepts("AT+LMQTTCFG=\"sslenable\",0,1,0")? {
        return undecided("the modem refuses \"sslenable\"");
    }
    let is_open = lab.open_at(port, &["\"sslenable\",0,1,0"])?;
    lab.talk.wait(PAUSE)?;
    let is_refused = lab.talk.heard().holds(b"STATS,0,14");
    lab.end_session()?;
    match (is_open, is_refused) {
        (true, _) => found("ready"),
        (false, true) => found("unprepared"),
        (false, false) => undecided("opening failed, and not for TLS (STATS 14)"),
    }
}
