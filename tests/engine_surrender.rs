//! The engine on its own: commands that are given up, above all between the prompt and the last byte of the payload.

mod script;

use nt35e::at::{Step, SubmitError};
use nt35e::command::{Attention, PublishHead, PublishPrompted};
use nt35e::{ConnectionId, Delivery, Duration, MessageId, QoS, Topic};
use script::{Memory, Script, Transfer};

const LINE: &str = "AT+LMQTTPUB=0,7,1,0,\"a/b\",";
const IN_STEP: &[u8] = b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n";

fn prompted(payload: &[u8]) -> PublishPrompted<'_> {
    let delivery = Delivery::new(QoS::AtLeastOnce, MessageId::new(7).unwrap());
    let topic = Topic::new("a/b").unwrap();
    PublishPrompted::new(PublishHead { connection: ConnectionId::FIRST, delivery, retain: false, topic }, payload)
        .unwrap()
}

/// A TX of 64 bytes: a payload of 100 stays with its owner.
fn script(memory: &mut Memory) -> Script<'_> {
    Script::in_step(memory, Transfer::Chunks(usize::MAX))
}

fn memory() -> Memory {
    Memory::new(256, 64, 512)
}

/// Abandons the publish of `payload` after this many bytes were sent.
fn abandon_after(script: &mut Script<'_>, payload: &[u8], bytes: usize) {
    script.transfer = Transfer::Chunks(1);
    script.engine.submit(&prompted(payload)).unwrap();
    script.send(payload, bytes);
    script.transfer = Transfer::Chunks(usize::MAX);
    script.abandon();
}

#[test]
fn promise_8_a_line_whose_payload_is_gone_is_spoiled_wherever_it_is_cut_off() {
    let payload = [b'x'; 100];
    let line = format!("{LINE}100");
    for cut in 1..=line.len() {
        let mut memory = memory();
        let mut script = script(&mut memory);
        abandon_after(&mut script, &payload, cut);
        assert_eq!(script.take_sent(), format!("{}99999\r\n", &line[..cut]));
        assert!(!script.engine.is_busy());
        script.abandon();
        script.submit(&Attention);
        script.feed(b"\r\nERROR\r\n");
        script.feed(IN_STEP);
        assert_eq!(script.take_sent(), "AT+CSQ\r\nAT\r\n", "after {cut} bytes");
    }
}

#[test]
fn promise_8_giving_up_twice_in_the_middle_of_a_spoiled_line_is_giving_up_once() {
    let mut memory = memory();
    let mut script = script(&mut memory);
    script.transfer = Transfer::Chunks(1);
    script.engine.submit(&prompted(&[b'x'; 100])).unwrap();
    script.send(&[], 5);
    for sent in 5..12 {
        script.engine.abandon();
        assert_eq!(script.engine.is_busy(), sent < 11, "until the line ends");
        script.send(&[], 1);
        assert_eq!(script.sent.len(), sent + 1);
    }
    assert_eq!(script.take_sent(), "AT+LM99999\r\n");
    assert!(!script.engine.is_busy());
}

#[test]
fn promise_8_a_line_whose_payload_stands_in_tx_is_sent_and_its_prompt_served() {
    let line = format!("{LINE}3\r\n");
    for cut in 1..=line.len() {
        let mut memory = memory();
        let mut script = script(&mut memory);
        abandon_after(&mut script, b"a\r\n", cut);
        assert_eq!(script.take_sent(), line);
        assert!(script.engine.is_busy());
        assert_eq!(script.engine.submit(&Attention), Err(SubmitError::Busy));
        script.feed(b"\r\n> ");
        assert_eq!(script.take_sent(), "a\r\n");
        script.submit(&Attention);
        script.feed(b"\r\nOK\r\n");
        script.feed(IN_STEP);
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).unwrap();
        assert_eq!(script.take_sent(), "AT+CSQ\r\nAT\r\n");
    }
}

/// What the engine sends while it gets nothing but silence, over several commands.
fn sent_in_silence(script: &mut Script<'_>, commands: usize) -> (String, String) {
    let mut sent = String::new();
    let mut failure = String::new();
    for _ in 0..commands {
        script.submit(&Attention);
        for _ in 0..5 {
            assert!(!script.is_finished());
            script.wait(Duration::from_secs(1));
        }
        failure = script.answer(&Attention);
        sent += &script.take_sent();
    }
    (sent, failure)
}

#[test]
fn promise_8_what_a_modem_still_waits_for_is_never_completed() {
    let payload = [b'x'; 100];
    for given in 0..100 {
        let mut memory = memory();
        let mut script = script(&mut memory);
        let line = format!("{LINE}100\r\n");
        script.submit(&prompted(&payload));
        assert_eq!(script.take_sent(), line);
        if given == 0 {
            script.abandon();
            script.feed(b"\r\n> ");
        } else {
            script.transfer = Transfer::Chunks(1);
            script.pause_sending = true;
            script.feed(b"\r\n> ");
            script.send(&payload, given);
            script.pause_sending = false;
            script.transfer = Transfer::Chunks(usize::MAX);
            script.abandon();
        }
        assert_eq!(script.take_sent().len(), given);
        let (sent, failure) = sent_in_silence(&mut script, 5);
        assert!(given + sent.len() < 100, "{given} and {} complete the payload", sent.len());
        assert_eq!(failure, "AT failed in stage Resync: PayloadOwed", "after {given}");
        assert_eq!(sent.is_empty(), given >= 92, "after {given} of 100 bytes: {sent:?}");
        if given % 2 == 0 {
            script.feed(b"\r\nLierda NT35E V1.0\r\n");
        } else {
            script.engine.modem_restarted();
        }
        script.submit(&Attention);
        script.feed(IN_STEP);
        script.wait(Duration::from_millis(300));
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).unwrap();
    }
}

#[test]
fn a_restart_that_was_told_ends_the_message_that_was_arriving() {
    for (length, first) in [(9, "lost 1 frames, 31 bytes"), (900, "large 0,1,\"/a/b\" 900")] {
        let mut memory = memory();
        let mut script = script(&mut memory);
        script.feed(format!("\r\n+LMQTTURC: RECV,0,1,\"/a/b\",{length},ab").as_bytes());
        script.engine.modem_restarted();
        script.wait(Duration::from_millis(0));
        let events = script.take_events();
        assert_eq!(events.iter().filter(|event| *event == "Booted").count(), 1, "{events:?}");
        assert_eq!(events[0], first, "{events:?}");
        script.feed(b"\r\n+CEREG: 1\r\n");
        assert_eq!(script.take_events().last().unwrap(), "line +CEREG: 1");
    }
}

#[test]
fn an_escape_that_cancels_the_payload_ends_the_debt() {
    let mut memory = memory();
    let mut script = script(&mut memory);
    script.submit(&prompted(&[b'x'; 100]));
    script.abandon();
    script.feed(b"\r\n> ");
    script.take_sent();
    script.submit(&Attention);
    assert_eq!(script.take_sent(), "\x1bAT+CSQ\r\n");
    script.feed(b"\r\nOK\r\n");
    script.feed(IN_STEP);
    script.feed(b"\r\nOK\r\n");
    script.finish(&Attention).unwrap();
    script.submit(&prompted(b"y"));
    assert_eq!(script.take_sent(), format!("AT\r\n{LINE}1\r\n"));
}

#[test]
fn a_refusal_proves_that_no_payload_is_awaited() {
    let mut memory = memory();
    let mut script = script(&mut memory);
    script.submit(&prompted(&[b'x'; 100]));
    script.abandon();
    script.wait(Duration::from_millis(0));
    script.wait(Duration::from_secs(5));
    script.take_sent();
    script.submit(&Attention);
    script.feed(b"\r\n+CME ERROR: 3\r\n");
    let (mut sent, mut answered) = (script.take_sent(), false);
    for _ in 0..4 {
        script.wait(Duration::from_secs(1));
        answered |= !sent.is_empty();
        sent = script.take_sent();
        assert_eq!(sent, "AT+CSQ\r\n");
    }
    assert!(answered);
}

#[test]
fn promise_1_a_late_prompt_gets_the_payload_and_not_the_marker() {
    let mut memory = memory();
    let mut script = script(&mut memory);
    let publish = prompted(b"\0");
    script.submit(&publish);
    script.wait(Duration::from_secs(5));
    assert_eq!(script.answer(&publish), "AT+LMQTTPUB failed in stage Prompt: Timeout");
    script.take_sent();
    assert!(script.engine.is_busy());
    script.wait(Duration::from_secs(4));
    script.feed(b"\r\n> ");
    assert_eq!(script.take_sent(), "\0");
    script.submit(&Attention);
    assert_eq!(script.take_sent(), "AT+CSQ\r\n");
}

#[test]
fn promise_1_without_any_prompt_the_payload_goes_first_where_it_is_no_command() {
    for (payload, sent) in [(&b"\xff"[..], "\u{fffd}AT+CSQ\r\n"), (b"\r\x01", ""), (b"at\x01", ""), (b"A/\x01", "")] {
        let mut memory = memory();
        let mut script = script(&mut memory);
        let publish = prompted(payload);
        script.submit(&publish);
        script.wait(Duration::from_secs(5));
        script.answer(&publish);
        script.take_sent();
        script.wait(Duration::from_secs(5));
        assert!(!script.engine.is_busy());
        script.submit(&Attention);
        assert_eq!(script.take_sent(), sent, "{payload:?}");
    }
}

#[test]
fn events_come_before_a_line_feed_that_is_due() {
    let mut memory = memory();
    let mut script = script(&mut memory);
    script.engine.submit(&Attention).unwrap();
    script.send(&[], 3);
    script.pause_sending = true;
    script.engine.abandon();
    let line = b"\r\n+CEREG: 1\r\n";
    script.engine.receive()[..line.len()].copy_from_slice(line);
    script.engine.received(line.len());
    assert_eq!(script.engine.poll(script.now), Step::Event);
    assert!(script.engine.event().is_some());
    assert_eq!(script.engine.poll(script.now), Step::Transmit);
    assert_eq!(script.engine.transmit(&[]), b"\n");
}

#[test]
fn promise_6_the_waiting_for_a_prompt_that_nobody_asks_for_any_more_has_its_end() {
    let mut memory = memory();
    let mut script = script(&mut memory);
    script.submit(&prompted(b"\xff"));
    script.take_sent();
    script.engine.abandon();
    for _ in 0..2 {
        // The first poll at a time has to say how long to wait: a front-end may not come back before.
        let until = Some(script.now + Duration::from_secs(5));
        assert_eq!(script.engine.poll(script.now), Step::Receive);
        assert_eq!(script.engine.wake_at(script.now), until);
        script.now = script.now + Duration::from_secs(5);
    }
    assert_eq!(script.engine.poll(script.now), Step::Transmit);
    script.send(&[], 1);
    assert_eq!(script.sent, b"\xff");
    assert!(!script.engine.is_busy());
}
