//! What can be ordered: for help, and for completion.

/// The orders, with what they take and what they do.
pub(super) const ORDERS: &[(&str, &str, &str)] = &[
    ("help", "", "this list"),
    ("at", "", "is the modem there?"),
    ("bring-up", "[APN]", "wait for the network, and show all there is to show"),
    ("model", "", "the model"),
    ("firmware", "", "the firmware"),
    ("imei", "", "the module's number"),
    ("sim", "", "the state of the SIM"),
    ("sim-number", "", "the number of the SIM"),
    ("subscriber", "", "the number of the subscriber"),
    ("pin", "FILE", "give the SIM the PIN in a file; three wrong ones lock it"),
    ("access-point", "", "the access point"),
    ("registration", "", "whether the network has taken the modem in"),
    ("operator", "", "which network"),
    ("attachment", "", "whether the network carries packets"),
    ("address", "", "the modem's address"),
    ("signal", "", "how strong the signal is"),
    ("clock", "", "the network's time"),
    ("sign-in", "KEY NAME SECRET-FILE [HOST:PORT]", "sign in at Alibaba Cloud IoT"),
    ("connect", "HOST:PORT CLIENT-ID [USER PASSWORD-FILE]", "sign in at any broker"),
    ("session", "", "what the modem says of the session"),
    ("subscribe", "FILTER", "subscribe, at QoS 1"),
    ("unsubscribe", "FILTER", "end a subscription"),
    ("publish", "TOPIC PAYLOAD", "publish, at QoS 1"),
    ("sign-off", "", "sign off, and close the connection"),
    ("counters", "", "what became of every byte, and how often the modem restarted"),
    ("wait", "SECONDS", "do nothing but show events, until the session ends"),
    ("quit", "", "sign off if signed in, and end"),
];

/// Raw lines worth completing.
const RAW: &[&str] = &[
    "AT+CCLK?",
    "AT+CEREG?",
    "AT+CGATT?",
    "AT+CGDCONT?",
    "AT+CGMM",
    "AT+CGPADDR",
    "AT+CGSN=1",
    "AT+CMEE=1",
    "AT+COPS?",
    "AT+CPIN?",
    "AT+CSQ",
    "AT+LGMR",
    "AT+LMQTTCFG=",
    "AT+LMQTTCLOSE=0",
    "AT+LMQTTCONN?",
    "AT+LMQTTDISC=0",
    "AT+LMQTTOPEN?",
    "ATE0",
    "ATI",
];

/// The orders and raw lines that begin so, in any case.
pub(super) fn beginning_with(start: &str) -> Vec<String> {
    let all = ORDERS.iter().map(|(name, ..)| *name).chain(RAW.iter().copied());
    let fits = |name: &&str| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    all.filter(fits).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::beginning_with;

    #[test]
    fn orders_and_raw_lines_are_completed_in_any_case() {
        assert_eq!(beginning_with("sub"), ["subscriber", "subscribe"]);
        assert_eq!(beginning_with("at+cs"), ["AT+CSQ"]);
        assert!(beginning_with("fly").is_empty() && beginning_with("\u{e9}").is_empty());
    }
}
