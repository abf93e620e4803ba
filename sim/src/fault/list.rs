//! Every fault by name, with what it takes and what it means: for `--list-quirks`, `help` and errors.

/// One line of [`LIST`].
#[derive(Clone, Copy, Debug)]
pub struct FaultEntry {
    /// Its name, the first word of its text.
    pub name: &'static str,
    /// What follows the name; empty if nothing does.
    pub arguments: &'static str,
    /// The same, as it may be.
    pub example: &'static str,
    /// What goes wrong.
    pub meaning: &'static str,
}

const fn entry(
    name: &'static str,
    arguments: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> FaultEntry {
    FaultEntry { name, arguments, example, meaning }
}

/// Every fault there is.
pub const LIST: &[FaultEntry] = &[
    entry("drop", "<N or >N", "<3", "the next N bytes of that direction are lost"),
    entry("repeat", "<N or >N", "<3", "the next N bytes of that direction come twice"),
    entry("corrupt", "<N or >N, MASK", ">1 32", "in the next N bytes the bits of MASK, 1 to 255, are flipped"),
    entry("split", "<N or >N, TIME", "<40 20ms", "there is a pause behind each of the next N bytes"),
    entry("hold", "<TIME or >TIME", "<1h", "nothing arrives for so long; then what was held back does"),
    entry(
        "wrong-baud",
        "TIME",
        "30s",
        "the modem has another baud rate for so long, so that either side reads garbage",
    ),
    entry("silence", "TIME", "1h", "no byte passes in either direction, and none is kept, as with a loose plug"),
    entry("storm", "N TIME", "200 5ms", "N lines that answer nothing, so long one after the other"),
    entry("lose-answers", "N", "1", "the next N commands are carried out and get no answer at all"),
    entry("lose-oks", "N", "1", "the next N commands with a result get no OK, but the result"),
    entry("lose-results", "N", "1", "the next N commands with a result get their OK, and no result"),
    entry("restart", "", "", "the modem restarts at once, or is powered on again"),
    entry("power-down", "[TIME]", "30s", "it says NORMAL POWER DOWN and stops; after TIME it is powered on again"),
    entry("pull-sim", "TIME", "60s", "the SIM is out for so long"),
    entry("deregister", "TIME", "60s", "the network does not know the modem for so long"),
    entry("cut", "", "", "the connection to the broker is reset"),
    entry("broker-gone", "TIME", "60s", "the connection is reset, and new ones are refused for so long"),
    entry("broker-silent", "TIME", "60s", "nothing passes between modem and broker for so long, and nobody says so"),
    entry("broker-slow", "LATENCY TIME", "3s 60s", "everything between modem and broker takes longer for so long"),
    entry("no-names", "TIME", "60s", "no host name is known for so long"),
    entry("refuse", "CODE TIME", "3 60s", "sign-ins are refused with CODE, 1 to 5, or with 0 without an answer"),
    entry("disable", "TIME", "60s", "the device is signed out, and disabled for so long"),
    entry("wrong-secret", "TIME", "60s", "the device has another secret for so long"),
    entry("kick", "", "", "the broker ends the device's connection without a packet"),
    entry("second-sign-in", "", "", "somebody signs in with the same triple, so that the device is signed out"),
    entry("flood", "N LENGTH", "40 100", "the device is sent N messages of LENGTH bytes at QoS 1"),
];
