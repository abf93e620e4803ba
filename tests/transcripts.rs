//! Replays every transcript of `tests/transcripts/` through every front-end, in every chunking.

mod front_end;
mod replay;

use std::path::PathBuf;

use replay::{Report, Script, agree, replay};

/// Fewer than this, and the corpus was not found.
const FEWEST: usize = 100;

#[test]
fn promise_5_every_transcript_replays_in_every_chunking() {
    let mut names: Vec<String> = folder()
        .read_dir()
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str().unwrap().strip_suffix(".at").map(str::to_owned))
        .collect();
    names.sort();
    let failures: Vec<String> = names.iter().filter_map(|name| failure(name, &stored)).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), names.len(), failures.join("\n"));
    assert!(names.len() >= FEWEST, "only {} transcripts were replayed", names.len());
}

#[test]
fn a_right_transcript_passes() {
    assert_eq!(fault(SOUND, &[]), None);
}

#[test]
fn a_transcript_fails_that_is_wrong_about_the_host() {
    for (there, instead, line, complaint) in [
        ("> AT+X\\r\\n", "> AT+Y\\r\\n", 11, "expected: AT+Y\\r\\n\n  written:  AT+X"),
        ("> AT+X\\r\\n", "> AT+X\\r", 13, "nothing more is to be sent, but the driver wrote \\n"),
        ("> AT+X\\r\\n\n", "", 12, "nothing more is to be sent, but the driver wrote AT+X"),
        ("> AT+X\\r\\n", "< 5ms RDY\n> AT+X\\r\\n", 11, "before the modem said this, the driver wrote AT+X"),
        ("= ok\n", "= ok\n> AT\\r\\n", 16, "this never happened: AT\\r\\n"),
        (
            "> AT+X\\r\\n",
            "! is_connected\n= no\n> AT+X\\r\\n",
            10,
            "nothing more is to be sent, but the driver wrote AT+X",
        ),
        ("= ok\n", "= ok\n! command AT\n", 13, "nothing more is to be sent, but the driver wrote AT"),
        (
            "! command AT+X\n",
            "! command AT\n! command AT+X\n",
            10,
            "nothing more is to be sent, but the driver wrote AT+CSQ",
        ),
    ] {
        check(there, instead, line, complaint);
    }
}

#[test]
fn a_transcript_fails_that_is_wrong_about_the_modem() {
    for (there, instead, line, complaint) in [
        ("= ok\n", "= ok\n< \\r\\nRDY\\r\\n", 1, "nobody expected the event: line RDY"),
        ("= ok\n", "= ok\n< RDY", 1, "0 may be unframed"),
        ("= ok\n", "= ok\n< 9999ms RDY", 1, "0 may be unframed"),
        ("< \\r\\nOK", "< 6000ms \\r\\nOK", 14, "expected: answer +X: 1\n  came:     failed: AT, acceptance, timeout"),
        ("= ok\n", "= ok\n! is_connected\n= no\n! is_connected\n< 9ms x\n= no\n> y", 21, "this never happened: y"),
    ] {
        check(there, instead, line, complaint);
    }
}

#[test]
fn a_transcript_fails_that_is_wrong_about_the_outcome() {
    for (there, instead, line, complaint) in [
        ("= answer +X: 1", "= answer +X: 2", 14, "expected: answer +X: 2\n  came:     answer +X: 1"),
        ("= ok\n", "", 8, "expected: nothing more\n  came:     ok"),
        ("= ok\n", "= ok\n= ok\n", 16, "expected: ok\n  came:     nothing more"),
        ("= answer +X: 1\n= ok\n", "", 8, "expected: nothing more\n  came:     answer +X: 1"),
        ("! command AT+X", "= ok\n! command AT+X", 8, "nothing was done yet"),
    ] {
        check(there, instead, line, complaint);
    }
}

#[test]
fn a_transcript_fails_that_does_not_say_what_it_is() {
    for (there, instead, line, complaint) in [
        ("# provenance: simulated\n", "", 1, "the header provenance is missing"),
        ("simulated", "recorded", 1, "nobody has recorded a transcript"),
        ("simulated", "dreamt", 4, "the provenance is one of recorded, manual, field-derived and simulated"),
        ("# source: made up\n", "", 1, "the header source is missing"),
        ("# firmware: none\n", "", 1, "the header firmware is missing"),
        ("# unframed: 0\n", "# buffer: 7\n", 1, "the header buffer means nothing"),
        ("# unframed: 0\n", "# unframed: 1\n", 1, "1 may be unframed"),
        ("# unframed: 0\n", "# after: wrong\n", 1, "it comes after itself"),
        ("# unframed: 0\n", "# after: nothing\n", 1, "there is no such transcript"),
        ("# unframed: 0\n", "# rx: much\n", 1, "the header rx is no number"),
        ("< \\r\\nOK", "< \\r\\qOK", 13, "a backslash"),
    ] {
        check(there, instead, line, complaint);
    }
}

#[test]
fn a_transcript_fails_that_asks_for_what_there_is_not() {
    for (instead, complaint) in [
        ("! sing", "no such action: sing"),
        ("! command", "no such action: command"),
        ("! publish t 3 x", "no such quality of service: 3"),
        ("! publish t 1 \\q", "a backslash"),
        ("! query meaning", "nothing to query: meaning"),
        ("! connect h c colour=red", "no such option: colour=red"),
        ("! set urc", "no such setting: urc"),
        ("! read_payload some", "not a number"),
    ] {
        check("! command AT+X", instead, 8, complaint);
    }
}

#[test]
fn chunkings_that_differ_are_told() {
    let report = |outcome: &str| Report { outcomes: vec![outcome.into()], counters: nt35e::Counters::default() };
    assert_eq!(agree(&[(1, report("ok")), (2, report("ok"))]), Ok(()));
    assert!(agree(&[(1, report("ok")), (2, report("ok")), (7, report("failed"))]).is_err());
    let mut other = report("ok");
    other.counters.line.stray = 1;
    assert!(agree(&[(1, report("ok")), (2, other)]).is_err());
}

/// A transcript without a fault, in which the other tests put one.
const SOUND: &str = r"# source: made up
# module: none
# firmware: none
# provenance: simulated
# unframed: 0

# The marker is answered with no level.
! command AT+X
> AT+CSQ\r\n
< \r\n+CSQ: 99,99\r\n\r\nOK\r\n
> AT+X\r\n
< \r\n+X: 1\r\n
< \r\nOK\r\n
= answer +X: 1
= ok
";

/// Checks that the sound transcript with a fault in it is found to have one, and where.
fn check(there: &str, instead: &str, line: usize, complaint: &str) {
    let fault = fault(SOUND, &[(there, instead)]).expect("it has a fault");
    let place = format!("wrong.at:{line}: ");
    let is_right = fault.starts_with(&place) && fault.contains(complaint);
    assert!(is_right, "{there} became {instead}; expected {place}{complaint}; the complaint was\n{fault}");
}

fn fault(text: &str, changes: &[(&str, &str)]) -> Option<String> {
    let mut text = text.to_owned();
    for (there, instead) in changes {
        assert_eq!(text.matches(there).count(), 1, "{there}");
        text = text.replace(there, instead);
    }
    failure("wrong", &|name| (name == "wrong").then(|| text.clone()))
}

fn failure(name: &str, source: replay::Source<'_>) -> Option<String> {
    let outcome = Script::load(name, source).and_then(|script| replay(&script));
    outcome.err().map(|failure| failure.to_string())
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

fn stored(name: &str) -> Option<String> {
    std::fs::read_to_string(folder().join(format!("{name}.at"))).ok()
}
