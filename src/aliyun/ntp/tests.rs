//! Answers of the platform, and what only looks like one.

use super::{NtpError, Request, Time};
use crate::time::{Duration, Instant};
use proptest::prelude::*;
use std::format;
use std::string::{String, ToString};

const SENT: Instant = Instant::from_millis(100);
const RECEIVED: Instant = Instant::from_millis(125);
const ANSWER: &str = r#"{"deviceSendTime":"100","serverRecvTime":"1010","serverSendTime":"1015"}"#;

fn answer(payload: impl AsRef<[u8]>) -> Result<Time, NtpError> {
    Request::new(SENT).answer(payload.as_ref(), RECEIVED)
}

fn expected() -> Time {
    Time { received: RECEIVED, unix_millis: 1_025, error: Duration::from_millis(13) }
}

#[test]
fn the_question_is_that_of_the_documentation() {
    assert_eq!(Request::new(SENT).payload(), br#"{"deviceSendTime":"100"}"#);
    assert_eq!(Request::new(Instant::from_millis(0)).payload(), br#"{"deviceSendTime":"0"}"#);
    let longest = Request::new(Instant::from_millis(u64::MAX));
    assert_eq!(longest.payload(), br#"{"deviceSendTime":"4294967295"}"#);
    let later = Request::new(Instant::from_millis(0x1_0000_0064));
    assert!(later.answer(ANSWER.as_bytes(), Instant::from_millis(0x1_0000_0064 + 25)).is_ok());
}

#[test]
fn the_answer_of_the_documentation_gives_its_time() {
    assert_eq!(answer(ANSWER), Ok(expected()));
    assert_eq!(expected().at(Instant::from_millis(1_125)), 2_025);
    assert_eq!(expected().at(SENT), 1_000);
}

#[test]
fn numbers_or_text_in_any_order_among_other_members() {
    for payload in [
        r#"{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
        r#"{"serverSendTime":"1015","serverRecvTime":1010,"deviceSendTime":"100"}"#,
        " {\r\n\t\"serverSendTime\" : 1015 , \"serverRecvTime\" : \"1010\",\"deviceSendTime\":100 }\n",
        r#"{"x":null,"deviceSendTime":100,"y":-1.5e+3,"serverRecvTime":1010,"z":true,"serverSendTime":1015,"":""}"#,
        r#"{"a":{"serverSendTime":1,"b":[{},[1,"]}"]]},"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
        r#"{"a":"\"serverSendTime\":1,\\","deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015,"c":[]}"#,
        r#"{"时":"间","deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
    ] {
        assert_eq!(answer(payload), Ok(expected()), "{payload}");
    }
    let deep = |depth: usize| ANSWER.replacen('{', &format!("{{\"a\":{}{},", "[".repeat(depth), "]".repeat(depth)), 1);
    assert_eq!(answer(deep(31)), Ok(expected()));
    assert_eq!(answer(deep(32)), Err(NtpError::Malformed));
}

#[test]
fn what_is_not_an_answer_gives_an_error() {
    let with_send_time = |time: &str| ANSWER.replace("\"1015\"", time);
    for time in [
        "",
        "\"\"",
        "\"",
        "null",
        "true",
        "-1",
        "\"-1\"",
        "+1",
        "1015.0",
        "1.015e3",
        "\"1015.0\"",
        "\" 1015\"",
        "\"1015 \"",
        "01015",
        "\"01015\"",
        "0x3f7",
        "{}",
        "[1015]",
        "1015 1015",
        "\"101\\u0035\"",
        "18446744073709551616",
        "\"99999999999999999999\"",
    ] {
        assert_eq!(answer(with_send_time(time)), Err(NtpError::Malformed), "{time}");
    }
    for payload in [
        "",
        "{",
        "{}",
        "[]",
        "null",
        "\"",
        "{,}",
        "{\"",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        r#"{"deviceSendTime":"100","serverRecvTime":"1010"}"#,
        r#"{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015,}"#,
        r#"{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015"#,
        r#"{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}}"#,
        r#"{"deviceSendTime":100 "serverRecvTime":1010,"serverSendTime":1015}"#,
        r#"{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015,"serverSendTime":1015}"#,
        r#"{"x":[1},"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
        r#"{"x":],"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
        r#"{"x":1:2,"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
        "{\"x\":\"\n\",\"deviceSendTime\":100,\"serverRecvTime\":1010,\"serverSendTime\":1015}",
        r#"{"devicesendtime":100,"serverRecvTime":1010,"serverSendTime":1015}"#,
        r#"{deviceSendTime:100,serverRecvTime:1010,serverSendTime:1015}"#,
        r#"[{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}]"#,
    ] {
        assert_eq!(answer(payload), Err(NtpError::Malformed), "{payload}");
    }
    for length in 0..ANSWER.len() {
        assert_eq!(answer(&ANSWER[..length]), Err(NtpError::Malformed), "cut at {length}");
    }
}

#[test]
fn an_answer_to_another_question_is_none() {
    assert_eq!(answer(ANSWER.replace("\"100\"", "99")), Err(NtpError::AnotherQuestion));
    assert_eq!(answer(ANSWER.replace("\"100\"", "4294967396")), Err(NtpError::AnotherQuestion));
}

#[test]
fn an_answer_that_cannot_be_true_is_none() {
    let answered = |receive: u64, send: u64, received: u64| {
        let payload = format!(r#"{{"deviceSendTime":100,"serverRecvTime":{receive},"serverSendTime":{send}}}"#);
        Request::new(SENT).answer(payload.as_bytes(), Instant::from_millis(received))
    };
    // In the platform for as long as the round trip took, for 1 ms more by its cut-off fractions, and for more than can be.
    assert_eq!(answered(1_000, 1_025, 125).map(|time| time.unix_millis()), Ok(1_025));
    assert_eq!(answered(1_000, 1_026, 125).map(|time| time.error_bound().as_millis()), Ok(3));
    assert_eq!(answered(1_000, 1_027, 125), Err(NtpError::Implausible));
    assert_eq!(answered(1_015, 1_010, 125), Err(NtpError::Implausible));
    assert_eq!(answered(1_010, 1_015, 99), Err(NtpError::Implausible));
    assert_eq!(answered(u64::MAX, u64::MAX, 102), Err(NtpError::Implausible));
    assert_eq!(answered(u64::MAX, u64::MAX, 101).map(|time| time.unix_millis()), Ok(u64::MAX));
    assert_eq!(answered(0, 0, u64::MAX), Err(NtpError::Implausible));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    /// The four points in microseconds, cut to milliseconds as the clocks do it.
    #[test]
    fn the_bound_holds_whatever_the_way_is(
        start in 0_u64..5_000_000,
        offset in 0_u64..2_000_000_000_000_000,
        up in 0_u64..3_000_000,
        inside in 0_u64..20_000,
        down in 0_u64..3_000_000,
    ) {
        let end = start + up + inside + down;
        let (received, sent) = ((offset + start + up) / 1_000, (offset + start + up + inside) / 1_000);
        let request = Request::new(Instant::from_millis(start / 1_000));
        let payload = format!(
            r#"{{"deviceSendTime":"{}","serverRecvTime":"{received}","serverSendTime":"{sent}"}}"#,
            start / 1_000,
        );
        let time = request.answer(payload.as_bytes(), Instant::from_millis(end / 1_000)).unwrap();
        let error = (time.unix_millis() * 1_000).abs_diff(offset + end);
        prop_assert!(error <= u64::from(time.error_bound().as_millis()) * 1_000, "{error}");
        prop_assert!(u64::from(time.error_bound().as_millis()) <= (up + down) / 2_000 + 5);
    }

    #[test]
    fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(answer(bytes), Err(NtpError::Malformed));
    }

    /// Where a changed answer still gives a time, it is that of the digits in it.
    #[test]
    fn a_changed_answer_gives_no_other_time(at in 0..ANSWER.len(), to in "[ \\[\\]{}\",:0-9a-z\\\\]{0,2}") {
        let changed: String = [&ANSWER[..at], &to, &ANSWER[at + 1..]].concat();
        if let Ok(time) = answer(&changed) {
            let digits = |name: &str| {
                let rest = changed.split(name).nth(1).unwrap();
                let digits: String = rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
                digits.parse::<u64>().unwrap()
            };
            prop_assert_eq!(digits("deviceSendTime").to_string(), "100");
            let (received, sent) = (digits("serverRecvTime"), digits("serverSendTime"));
            prop_assert_eq!(time.unix_millis(), (received + sent + 25) / 2);
        }
    }
}
