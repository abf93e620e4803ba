//! What a line on the wire means: commands, answers, and each code.

/// What a line means, if it is one of those that a check or a sign-in brings (`protocol.md` §3 and §5.2; 3GPP TS 27.007).
pub(crate) fn of(line: &[u8]) -> Option<&'static str> {
    let text = core::str::from_utf8(line).ok()?;
    let exact = LINES.iter().find(|(whole, _)| *whole == text);
    let meaning = exact.or_else(|| STARTS.iter().find(|(start, _)| text.starts_with(start)));
    meaning.map(|(_, meaning)| *meaning)
}

const LINES: [(&str, &str); 21] = [
    ("AT", "is anybody there?"),
    ("OK", "done"),
    ("ERROR", "refused, without a reason"),
    ("ATE0", "echo off"),
    ("+CME ERROR: 3", "not allowed now; this firmware's answer to most mistakes"),
    ("+CME ERROR: 4", "not supported"),
    ("+CME ERROR: 10", "there is no SIM"),
    ("+CME ERROR: 11", "the SIM waits for its PIN"),
    ("+CME ERROR: 12", "the SIM waits for its PUK"),
    ("+CME ERROR: 13", "the SIM failed"),
    ("+CME ERROR: 14", "the SIM is busy"),
    ("+CME ERROR: 30", "no network service"),
    ("+CME ERROR: 50", "a parameter is wrong"),
    ("+LMQTTOPEN: 0,0", "the broker is reached"),
    ("+LMQTTOPEN: 0,-1,3", "the data bearer could not be activated"),
    ("+LMQTTOPEN: 0,-1,4", "the host's name could not be resolved"),
    ("+LMQTTOPEN: 0,-1,5", "the network is down"),
    ("+LMQTTCONN: 0,0,0", "the broker accepts"),
    ("+LMQTTCONN: 0,0,2", "the broker rejects the client id"),
    ("+LMQTTCONN: 0,0,4", "wrong user name or password"),
    ("+LMQTTCONN: 0,0,5", "not authorised"),
];

const STARTS: [(&str, &str); 24] = [
    ("AT+CGMM", "which model?"),
    ("AT+LGMR", "which firmware?"),
    ("AT+CGSN", "which IMEI?"),
    ("AT+LCCID", "which SIM?"),
    ("AT+CIMI", "which subscriber?"),
    ("AT+CPIN?", "can the SIM be used?"),
    ("AT+CEREG?", "is the modem registered?"),
    ("AT+CGATT?", "does the network carry packets?"),
    ("AT+CGPADDR", "which address?"),
    ("AT+CGDCONT?", "which access point?"),
    ("AT+CSQ", "how strong is the signal?"),
    ("AT+CCLK?", "what time is it?"),
    ("AT+CMEE", "refuse with a number"),
    ("AT+LMQTTCFG=?", "which MQTT settings are there?"),
    ("AT+ECMTCFG=?", "or the ancestor's?"),
    ("AT+LMQTTCFG=", "an MQTT setting"),
    ("AT+LMQTTOPEN=", "connect to the broker"),
    ("AT+LMQTTCONN=", "sign in"),
    ("AT+LMQTTDISC", "sign off"),
    ("AT+LMQTTCLOSE", "close the connection"),
    ("+LMQTTOPEN: 0,", "the broker was not reached"),
    ("+LMQTTCONN: 0,", "the sign-in did not succeed"),
    ("+LMQTTURC: STATS,", "the connection's state"),
    ("^boot.rom", "the modem has restarted"),
];
