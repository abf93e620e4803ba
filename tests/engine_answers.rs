//! Promise 1: which line answers which command, and what never does.

mod script;

use nt35e::Duration;
use nt35e::command::{Attention, Connect, ConnectionQuery, Disconnect, Echo, Identity, Raw, RegistrationQuery};
use nt35e::command::{InlinePayload, PublishHead, PublishInline, PublishPrompted};
use nt35e::{ClientId, ConnectionId, Delivery, MessageId, Topic};
use script::{Memory, Script, Transfer, each_transfer};

fn publish(message_id: u16) -> PublishInline<'static> {
    PublishInline { head: head(message_id), payload: InlinePayload::new(b"abcd").unwrap() }
}

fn prompted(message_id: u16, payload: &[u8]) -> PublishPrompted<'_> {
    PublishPrompted::new(head(message_id), payload).unwrap()
}

fn head(message_id: u16) -> PublishHead<'static> {
    let delivery = Delivery::AtLeastOnce(MessageId::new(message_id).unwrap());
    PublishHead { connection: ConnectionId::FIRST, delivery, retain: false, topic: Topic::new("t").unwrap() }
}

fn connect() -> Connect<'static> {
    Connect { connection: ConnectionId::FIRST, client_id: ClientId::new("c").unwrap(), login: None }
}

#[test]
fn a_command_goes_out_and_its_ok_ends_it() {
    each_transfer(|script| {
        script.submit(&Echo(false));
        assert_eq!(script.take_sent(), "ATE0\r\n");
        assert!(!script.is_finished());
        script.feed(b"\r\nOK\r\n");
        assert_eq!(script.answer(&Echo(false)), "()");
    });
}

#[test]
fn blank_lines_do_not_count() {
    each_transfer(|script| {
        let raw = Raw::new("AT+CSQ", Duration::from_secs(5)).unwrap();
        script.submit(&raw);
        script.feed(b"\r\n+CSQ: 29,0\r\n\r\n\r\n\r\nOK\r\n\r\n");
        script.finish(&raw).unwrap();
        assert_eq!(script.engine.counters().stray, 0);
    });
}

#[test]
fn promise_1_a_late_ok_does_not_answer_the_next_command() {
    each_transfer(|script| {
        script.submit(&Echo(false));
        script.wait(Duration::from_secs(5));
        assert_eq!(script.answer(&Echo(false)), "ATE failed in stage Acceptance: Timeout");
        script.take_sent();
        script.submit(&RegistrationQuery);
        script.feed(b"\r\nOK\r\n");
        assert!(!script.is_finished(), "this OK is that of ATE0");
        script.feed(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
        assert_eq!(script.take_sent(), "AT+CSQ\r\nAT+CEREG?\r\n");
        assert!(!script.is_finished(), "this OK is that of the marker");
        script.feed(b"\r\nERROR\r\n");
        assert_eq!(script.answer(&RegistrationQuery), "AT+CEREG failed in stage Acceptance: Refused(Error)");
        assert_eq!(script.engine.counters().stale, 1);
    });
}

#[test]
fn promise_1_the_answers_to_repeated_markers_do_not_answer_the_next_command() {
    each_transfer(|script| {
        script.submit(&Echo(false));
        script.wait(Duration::from_secs(5));
        script.finish(&Echo(false)).unwrap_err();
        script.submit(&Attention);
        for _ in 0..3 {
            script.wait(Duration::from_secs(1));
        }
        // The modem wakes up and answers everything that it was asked meanwhile.
        script.feed(b"\r\nOK\r\n");
        for _ in 0..4 {
            script.feed(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n");
        }
        assert!(!script.take_sent().contains("AT\r\n"), "the line is not quiet yet");
        script.wait(Duration::from_millis(300));
        assert_eq!(script.take_sent(), "AT\r\n");
        assert!(!script.is_finished());
        script.feed(b"\r\nERROR\r\n");
        assert_eq!(script.answer(&Attention), "AT failed in stage Acceptance: Refused(Error)");
    });
}

#[test]
fn promise_1_an_answer_before_the_command_was_sent_is_none() {
    let mut memory = Memory::typical();
    let mut script = Script::in_step(&mut memory, Transfer::Chunks(usize::MAX));
    script.engine.submit(&Echo(false)).unwrap();
    let _ = script.engine.poll(script.now);
    let line = script.engine.transmit(&[]).len();
    assert_eq!(line, 4, "the line goes out without its end at first");
    script.engine.transmitted(line);
    script.feed(b"\r\nOK\r\n\r\nERROR\r\n\r\n+CME ERROR: 3\r\n");
    assert!(!script.is_finished());
    assert_eq!(script.engine.counters().early, 3);
    assert_eq!(script.take_sent(), "\r\n");
    script.feed(b"\r\nOK\r\n");
    script.finish(&Echo(false)).unwrap();
}

#[test]
fn promise_1_a_result_with_another_message_id_is_an_event() {
    each_transfer(|script| {
        script.submit(&publish(7));
        script.feed(b"\r\nOK\r\n\r\n+LMQTTPUB: 0,6,0\r\n\r\n+LMQTTPUB: 1,7,0\r\n");
        assert!(!script.is_finished());
        script.feed(b"\r\n+LMQTTPUB: 0,7,2\r\n");
        assert_eq!(script.answer(&publish(7)), "Failed(None)");
        assert_eq!(script.take_events(), ["line +LMQTTPUB: 0,6,0", "line +LMQTTPUB: 1,7,0"]);
    });
}

#[test]
fn a_result_may_come_before_ok() {
    each_transfer(|script| {
        script.submit(&connect());
        script.feed(b"\r\n+LMQTTCONN: 0,0,0\r\n");
        assert!(!script.is_finished());
        script.feed(b"\r\nOK\r\n");
        assert_eq!(script.answer(&connect()), "Ok(())");
    });
}

#[test]
fn a_result_is_enough_when_its_ok_was_lost() {
    each_transfer(|script| {
        script.submit(&publish(7));
        script.feed(b"\r\n+LMQTTPUB: 0,7,0\r\n");
        script.wait(Duration::from_secs(5));
        assert_eq!(script.answer(&publish(7)), "Delivered");
        script.take_sent();
        script.submit(&Attention);
        assert_eq!(script.take_sent(), "AT+CSQ\r\n", "the lost OK may still come");
    });
}

#[test]
fn an_ok_without_a_result_is_no_success() {
    each_transfer(|script| {
        script.submit(&publish(7));
        script.feed(b"\r\nOK\r\n");
        script.wait(Duration::from_secs(29));
        assert!(!script.is_finished());
        script.wait(Duration::from_secs(1));
        assert_eq!(script.answer(&publish(7)), "AT+LMQTTPUB failed in stage Result: Timeout");
    });
}

#[test]
fn an_optional_result_may_stay_out() {
    each_transfer(|script| {
        script.submit(&Disconnect::default());
        script.feed(b"\r\nOK\r\n");
        assert!(!script.is_finished());
        script.wait(Duration::from_millis(500));
        assert_eq!(script.answer(&Disconnect::default()), "Unreported");
    });
}

#[test]
fn the_command_in_flight_decides_what_a_line_is() {
    each_transfer(|script| {
        script.submit(&ConnectionQuery::default());
        script.feed(b"\r\n+LMQTTCONN: 0,3\r\n\r\nOK\r\n");
        assert_eq!(script.answer(&ConnectionQuery::default()), "Some(Connected)");
        script.submit(&connect());
        script.feed(b"\r\nOK\r\n\r\n+LMQTTCONN: 0,2\r\n");
        assert_eq!(script.answer(&connect()), "Err(SendFailed)");
        script.feed(b"\r\n+LMQTTCONN: 0,3\r\n");
        assert_eq!(script.take_events(), ["line +LMQTTCONN: 0,3"]);
    });
}

#[test]
fn a_urc_between_answer_and_ok_is_an_event() {
    each_transfer(|script| {
        let raw = Raw::new("AT+CSQ", Duration::from_secs(5)).unwrap();
        script.submit(&raw);
        script.feed(b"\r\n+CSQ: 20,99\r\n\r\n+CEREG: 1\r\n\r\nOK\r\n");
        script.finish(&raw).unwrap();
        assert_eq!(script.take_events(), ["line +CEREG: 1"]);
    });
}

#[test]
fn a_name_that_begins_like_another_is_not_it() {
    each_transfer(|script| {
        script.submit(&publish(7));
        script.feed(b"\r\nOK\r\n\r\n+LMQTTPUBEX: 0,7,0\r\n");
        assert!(!script.is_finished());
        assert!(script.take_events().is_empty(), "it waits until the command has ended");
        script.feed(b"\r\n+LMQTTPUB: 0,7,0\r\n");
        assert_eq!(script.answer(&publish(7)), "Delivered");
        assert_eq!(script.take_events(), ["line +LMQTTPUBEX: 0,7,0"]);
    });
}

#[test]
fn an_answer_of_free_text_is_all_of_its_lines() {
    each_transfer(|script| {
        script.submit(&Identity);
        script.feed(b"\r\nLierda\r\nNT35E\r\n+CEREG: 5\r\nRevision: Lierda6180316\r\n\r\nOK\r\n");
        script.finish(&Identity).unwrap();
        assert_eq!(script.take_events(), ["line +CEREG: 5"], "and Lierda is no restart here");
    });
}

#[test]
fn a_second_ok_and_an_ok_for_nothing_are_counted() {
    each_transfer(|script| {
        script.submit(&publish(7));
        script.feed(b"\r\nOK\r\n\r\nOK\r\n");
        assert!(!script.is_finished());
        script.feed(b"\r\n+LMQTTPUB: 0,7,0\r\n");
        script.finish(&publish(7)).unwrap();
        script.feed(b"\r\nOK\r\n\r\nERROR\r\n");
        assert_eq!(script.engine.counters().stray, 3);
        assert!(script.take_events().is_empty());
    });
}

#[test]
fn a_prompt_is_followed_by_exactly_the_payload() {
    for (before, between, after) in [
        (&b""[..], &b""[..], &b"\r\nOK\r\n\r\n+LMQTTPUB: 0,7,0\r\n"[..]),
        (b"\r\nOK\r\n", b"", b"\r\n+LMQTTPUB: 0,7,0\r\n"),
        (b"\r\nOK\r\n", b"", b"\r\nOK\r\n\r\n+LMQTTPUB: 0,7,0\r\n"),
        (b"", b"\r\nOK\r\n", b"\r\n+LMQTTPUB: 0,7,0\r\n"),
        (b"", b"", b"\r\n+LMQTTPUB: 0,7,0\r\n\r\nOK\r\n"),
    ] {
        each_transfer(|script| {
            let publish = prompted(7, b"> \r\nOK\r\n\0");
            script.submit(&publish);
            assert_eq!(script.take_sent(), "AT+LMQTTPUB=0,7,1,0,\"t\",9\r\n");
            script.feed(before);
            assert_eq!(script.take_sent(), "", "nothing before the prompt");
            script.feed(b"\r\n> ");
            assert_eq!(script.take_sent(), "> \r\nOK\r\n\0");
            script.feed(between);
            script.feed(after);
            assert_eq!(script.answer(&publish), "Delivered");
        });
    }
}

#[test]
fn promise_1_an_ok_before_the_prompt_leaves_the_next_answer_in_doubt() {
    each_transfer(|script| {
        let publish = prompted(7, b"x");
        script.submit(&publish);
        script.feed(b"\r\nOK\r\n\r\n> ");
        script.feed(b"\r\n+LMQTTPUB: 0,7,0\r\n");
        assert_eq!(script.answer(&publish), "Delivered");
        script.take_sent();
        script.submit(&Echo(false));
        script.feed(b"\r\nOK\r\n");
        assert!(!script.is_finished(), "a second OK of the publish does not answer ATE0");
        script.feed(b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n");
        script.feed(b"\r\nERROR\r\n");
        script.finish(&Echo(false)).unwrap_err();
    });
}

#[test]
fn a_missing_prompt_names_its_stage() {
    each_transfer(|script| {
        let publish = prompted(7, b"x");
        script.submit(&publish);
        script.wait(Duration::from_secs(5));
        assert_eq!(script.answer(&publish), "AT+LMQTTPUB failed in stage Prompt: Timeout");
    });
}

#[test]
fn a_refused_prompt_ends_the_command() {
    each_transfer(|script| {
        let publish = prompted(7, b"x");
        script.submit(&publish);
        script.feed(b"\r\n+CME ERROR: 3\r\n");
        let refused = "AT+LMQTTPUB failed in stage Prompt: Refused(Cme(CmeError(3)))";
        assert_eq!(script.answer(&publish), refused);
        script.feed(b"\r\n> ");
        script.feed(b"\r\n+CEREG: 1\r\n");
        assert_eq!(script.take_events(), ["line > ", "line +CEREG: 1"], "a prompt out of place is a line");
    });
}

#[test]
fn every_failure_of_getting_in_step_is_one_of_that_stage() {
    let mut memory = Memory::typical();
    let mut script = Script::new(&mut memory, Transfer::Chunks(usize::MAX));
    script.submit(&Attention);
    for _ in 0..5 {
        assert!(!script.is_finished());
        script.wait(Duration::from_secs(1));
    }
    assert_eq!(script.answer(&Attention), "AT failed in stage Resync: Timeout");
    assert_eq!(script.take_sent(), "AT+CSQ\r\n".repeat(5));
}

#[test]
fn an_answer_of_the_wrong_form_is_malformed() {
    each_transfer(|script| {
        script.submit(&RegistrationQuery);
        script.feed(b"\r\n+CEREG: 0,\r\n\r\nOK\r\n");
        assert_eq!(script.answer(&RegistrationQuery), "AT+CEREG failed in stage Acceptance: Malformed");
    });
}

#[test]
fn an_answer_that_is_too_long_is_said_to_be() {
    each_transfer(|script| {
        let raw = Raw::new("AT+X", Duration::from_secs(5)).unwrap();
        script.submit(&raw);
        for _ in 0..4 {
            script.feed(b"\r\n");
            script.feed(&[b'x'; 60]);
        }
        script.feed(b"\r\n\r\nOK\r\n");
        assert_eq!(script.answer(&raw), "AT failed in stage Acceptance: AnswerTooLong");
        script.submit(&Attention);
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).unwrap();
    });
}
