//! Closing (`protocol.md` §3.6).

use super::super::experiment::{Experiment, Needs, Outcome, either, undecided};
use super::super::lab::{Lab, PAUSE, RESULT};
use super::super::talk::{Answer, Broken};

const METHOD: &str = "AT+LMQTTDISC in a session, and AT+LMQTTCLOSE; then a wait of 1.2 s";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        name: "teardown_results",
        question: "Do disconnect and close print a result?",
        source: "§8 no. 9",
        needs: Needs::Broker,
        method: METHOD,
        assumes: "either: it waits for OK, and for the result a short time",
        troubles: &[],
        run: |lab| torn_down(lab, b"+LMQTTDISC:", ["printed", "absent"]),
    },
    Experiment {
        name: "stats_after_teardown",
        question: "Does STATS follow the host's own disconnect?",
        source: "§8 no. 13",
        needs: Needs::Broker,
        method: METHOD,
        assumes: "either: it is an expected end",
        troubles: &[],
        run: |lab| torn_down(lab, b"STATS,0,", ["yes", "no"]),
    },
];

fn torn_down(lab: &mut Lab, mark: &[u8], words: [&str; 2]) -> Result<Outcome, Broken> {
    if let Some(outcome) = lab.session()? {
        return Ok(outcome);
    }
    let answer = lab.talk.command_within("AT+LMQTTDISC=0", RESULT)?;
    lab.talk.wait(PAUSE)?;
    let is_there = lab.talk.heard().holds(mark);
    lab.session_is_odd();
    lab.end_session()?;
    if answer == Answer::Ok { either(is_there, words[0], words[1]) } else { undecided("disconnecting is refused") }
}
