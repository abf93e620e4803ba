//! What a line on the wire means: commands, answers, and each code (`protocol.md` §3 to §5; 3GPP TS 27.007).

use std::borrow::Cow;

/// Codes and what they mean.
type Codes = &'static [(i32, &'static str)];

/// What a line means, if it is one that is known.
pub(crate) fn of(line: &[u8]) -> Option<Cow<'static, str>> {
    let text = core::str::from_utf8(line).ok()?;
    if let Some((name, rest)) = text.split_once(':') {
        let fields: Vec<_> = rest.trim_start().split(',').collect();
        if let Some(meaning) = of_answer(name, &fields) {
            return Some(meaning);
        }
    }
    let exact = LINES.iter().find(|(whole, _)| *whole == text);
    let meaning = exact.or_else(|| STARTS.iter().find(|(start, _)| text.starts_with(start)));
    meaning.map(|(_, meaning)| Cow::Borrowed(*meaning))
}

/// What a code means, in the same words.
fn code(codes: Codes, field: Option<&&str>) -> Option<&'static str> {
    let number: i32 = field?.trim().parse().ok()?;
    codes.iter().find(|(code, _)| *code == number).map(|(_, meaning)| *meaning)
}

/// What a line with a name says.
fn of_answer(name: &str, fields: &[&str]) -> Option<Cow<'static, str>> {
    let field = |number: usize| fields.get(number);
    let both = |left: &str, right: Option<&str>| match right {
        Some(right) => Cow::Owned(format!("{left}: {right}")),
        None => Cow::Owned(left.to_owned()),
    };
    Some(match (name, fields.len()) {
        ("+CME ERROR", _) => code(ERRORS, field(0))?.into(),
        ("+CPIN", 1) => SIM.iter().find(|(state, _)| *state == fields[0]).map(|(_, meaning)| *meaning)?.into(),
        ("+CEREG", 1) => code(REGISTRATION, field(0))?.into(),
        ("+CEREG", _) => code(REGISTRATION, field(1)).or_else(|| code(REGISTRATION, field(0)))?.into(),
        ("+CGATT", 1) => {
            code(&[(0, "the network carries no packets"), (1, "the network carries packets")], field(0))?.into()
        }
        ("+CSQ", 2) => signal(field(0)?)?,
        ("+LMQTTOPEN", 2) if field(1) == Some(&"0") => "the broker is reached".into(),
        ("+LMQTTOPEN", 2 | 3) if field(1)?.starts_with('-') => both("the broker was not reached", code(OPEN, field(2))),
        ("+LMQTTCONN", 2) => both("state of the session", code(STATES, field(1))),
        ("+LMQTTCONN", 3) => code(RETURN_CODES, field(2))?.into(),
        ("+LMQTTSUBUNSUB" | "+LMQTTUNSUNSUB", 3 | 4) if field(2) == Some(&"0") => {
            "subscribed, or not any more, as asked".into()
        }
        ("+LMQTTSUBUNSUB" | "+LMQTTUNSUNSUB", 3 | 4) => both("refused", code(EXTENDS, field(3))),
        ("+LMQTTPUB", 3 | 4) => both(code(PUBLISHED, field(2))?, code(EXTENDS, field(3))),
        ("+LMQTTDISC", _) => code(&[(0, "signed off")], field(1)).unwrap_or("not signed off").into(),
        ("+LMQTTCLOSE", _) => code(&[(0, "closed")], field(1)).unwrap_or("not closed").into(),
        ("+LMQTTURC", 3 | 4) if fields[0] == "STATS" => {
            let refusal = (field(2) == Some(&"15")).then(|| code(RETURN_CODES, field(3))).flatten();
            both(code(STATUS, field(2))?, refusal)
        }
        ("+LMQTTURC", 3..) if fields[0] == "RECV" => "a message".into(),
        _ => return None,
    })
}

fn signal(field: &str) -> Option<Cow<'static, str>> {
    let rssi: u8 = field.parse().ok()?;
    Some(match rssi {
        0..=31 => Cow::Owned(format!("{} dBm", -113 + 2 * i16::from(rssi))),
        99 => "signal not known".into(),
        _ => return None,
    })
}

const ERRORS: Codes = &[
    (3, "not allowed now; this firmware's answer to most mistakes"),
    (4, "not supported"),
    (10, "there is no SIM"),
    (11, "the SIM waits for its PIN"),
    (12, "the SIM waits for its PUK"),
    (13, "the SIM failed"),
    (14, "the SIM is busy"),
    (15, "this is no SIM that the modem can use"),
    (16, "a wrong PIN"),
    (30, "no network service"),
    (50, "a parameter is wrong"),
    (58, "unknown, or not in this state"),
    (100, "refused for a reason that has no name"),
];

const SIM: &[(&str, &str)] = &[
    ("READY", "the SIM can be used"),
    ("SIM PIN", "the SIM waits for its PIN"),
    ("SIM PUK", "the SIM waits for its PUK, after wrong PINs"),
];

const REGISTRATION: Codes = &[
    (0, "not registered, and not looking for a network"),
    (1, "registered in the home network"),
    (2, "looking for a network"),
    (3, "the network refuses"),
    (4, "unknown, such as out of coverage"),
    (5, "registered in another network"),
    (6, "registered for short messages alone"),
    (7, "registered in another network, for short messages alone"),
    (8, "for emergency calls alone"),
    (9, "registered in the home network"),
    (10, "registered in another network"),
    (11, "for restricted local services alone"),
];

const OPEN: Codes = &[
    (1, "a parameter is wrong"),
    (2, "the connection is in use"),
    (3, "the data bearer could not be activated"),
    (4, "the host's name could not be resolved"),
    (5, "the network is down"),
];

const STATES: Codes = &[(1, "beginning"), (2, "connecting"), (3, "signed in"), (4, "signing off, or closed")];

const RETURN_CODES: Codes = &[
    (0, "the broker accepts"),
    (1, "the broker does not take this version of the protocol"),
    (2, "the broker rejects the client id"),
    (3, "the broker is not available now"),
    (4, "wrong user name or password"),
    (5, "not authorised"),
    (6, "the modem could not send"),
    (7, "a parameter is wrong"),
];

const EXTENDS: Codes = &[(6, "the modem could not send"), (7, "a parameter is wrong")];

const PUBLISHED: Codes = &[
    (0, "sent, and acknowledged where that was asked for"),
    (1, "sent, but the acknowledgement was wrong or did not come"),
    (2, "not sent"),
];

const STATUS: Codes = &[
    (0, "nothing is wrong"),
    (1, "the broker has closed the connection"),
    (2, "a wrong URL"),
    (3, "the host's name could not be resolved"),
    (4, "an error in the protocol"),
    (7, "an HTTP status"),
    (8, "connecting took too long"),
    (9, "connecting failed"),
    (10, "a fatal error"),
    (11, "the connection is closed"),
    (12, "more data is needed"),
    (13, "the modem's buffer has overflowed"),
    (14, "TLS failed"),
    (15, "the broker has refused the sign-in"),
];

const LINES: &[(&str, &str)] = &[
    ("AT", "is anybody there?"),
    ("OK", "done"),
    ("ERROR", "refused, without a reason"),
    ("ATE0", "echo off"),
    ("ATE1", "echo on"),
    ("ATI", "which modem?"),
    (">", "the modem waits for the payload"),
    ("> ", "the modem waits for the payload"),
    ("RDY", "the modem has started"),
    ("NORMAL POWER DOWN", "the modem goes off"),
];

const STARTS: &[(&str, &str)] = &[
    ("AT+CGMM", "which model?"),
    ("AT+LGMR", "which firmware?"),
    ("AT+CGSN", "which IMEI?"),
    ("AT+LCCID", "which SIM?"),
    ("AT+CIMI", "which subscriber?"),
    ("AT+CPIN?", "can the SIM be used?"),
    ("AT+CPIN=", "the PIN of the SIM"),
    ("AT+CEREG?", "is the modem registered?"),
    ("AT+CGATT?", "does the network carry packets?"),
    ("AT+CGPADDR", "which address?"),
    ("AT+CGDCONT?", "which access point?"),
    ("AT+CGDCONT=", "the access point"),
    ("AT+CFUN=", "the radio on or off"),
    ("AT+COPS", "the operator"),
    ("AT+CSQ", "how strong is the signal?"),
    ("AT+CCLK?", "what time is it?"),
    ("AT+CMEE", "refuse with a number"),
    ("AT+LMQTTCFG=?", "which MQTT settings are there?"),
    ("AT+ECMTCFG=?", "or the ancestor's?"),
    ("AT+LMQTTCFG=", "an MQTT setting"),
    ("AT+LMQTTOPEN=", "connect to the broker"),
    ("AT+LMQTTCONN=", "sign in"),
    ("AT+LMQTTCONN?", "what is the state of the session?"),
    ("AT+LMQTTSUBUNSUB=", "subscribe, or no longer"),
    ("AT+LMQTTPUB=", "publish"),
    ("AT+LMQTTDISC", "sign off"),
    ("AT+LMQTTCLOSE", "close the connection"),
    ("^boot.rom", "the modem has restarted"),
];

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn commands_answers_and_codes_have_a_meaning() {
        for (line, meaning) in [
            ("AT+LMQTTCONN=0,\"x\"", "sign in"),
            ("+LMQTTCONN: 0,0,4", "wrong user name or password"),
            ("+LMQTTCONN:0,3", "state of the session: signed in"),
            ("+LMQTTOPEN: 0,0", "the broker is reached"),
            ("+LMQTTOPEN: 0,-1,4", "the broker was not reached: the host's name could not be resolved"),
            ("+LMQTTOPEN: 0,-1", "the broker was not reached"),
            ("+LMQTTSUBUNSUB: 0,1,0,1", "subscribed, or not any more, as asked"),
            ("+LMQTTSUBUNSUB: 0,1,1,7", "refused: a parameter is wrong"),
            ("+LMQTTPUB: 0,1,1", "sent, but the acknowledgement was wrong or did not come"),
            ("+LMQTTURC: STATS,0,15,5", "the broker has refused the sign-in: not authorised"),
            ("+LMQTTURC: STATS,0,1", "the broker has closed the connection"),
            ("+LMQTTURC: RECV,0,1,\"t\",{\"a\":1}", "a message"),
            ("+CEREG: 0,5", "registered in another network"),
            ("+CEREG: 2", "looking for a network"),
            ("+CSQ: 29,0", "-55 dBm"),
            ("+CPIN: SIM PIN", "the SIM waits for its PIN"),
            ("+CME ERROR: 10", "there is no SIM"),
        ] {
            assert_eq!(of(line.as_bytes()).as_deref(), Some(meaning), "{line}");
        }
        for line in ["+CME ERROR: 9999", "hello", "+LMQTTCONN: x", "+CSQ: 77,0", "\u{e9}"] {
            assert_eq!(of(line.as_bytes()), None, "{line}");
        }
    }
}
