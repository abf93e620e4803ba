//! What the engine makes of bytes that no command asked for: messages, broken lines, restarts, losses.

mod script;

use nt35e::at::{Dialect, Engine, MessageForm, Piece};
use nt35e::command::{Attention, Identity, Raw};
use nt35e::{Buffers, DIALECT, Duration};
use script::{Memory, Script, TRANSFERS, Transfer, each_transfer, text};

/// Feeds `bytes` to an idle engine, and compares the events, however they come.
fn check_events(bytes: &[u8], expected: &[&str]) {
    each_transfer(|script| {
        script.feed(bytes);
        assert_eq!(script.take_events(), expected, "{:?}", script.transfer);
        script.submit(&Attention);
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).expect("the line is in step afterwards");
    });
}

const HEADER: &str = "message 0,1,\"t\" ";

#[test]
fn promise_3_a_counted_payload_may_hold_anything() {
    for payload in [
        &b"{\"control\":1}"[..],
        b"\r\nOK\r\n",
        b"\r\nERROR\r\n+LMQTTURC: RECV,0,1,\"t\",3,abc\r\n",
        b"+LMQTTURC: RECV,0,1,\"t\",3,abc",
        b"\"",
        b"\"\"",
        b"\"quoted\"",
        b"a\"",
        b"\0\x1a\x1b\xff\xfe",
        b"^boot.rom'v\x01'!\\n",
        b"NORMAL POWER DOWN",
        b"\r\n> ",
        b"\r",
        b"\n",
        b"",
        b",",
    ] {
        let mut bytes = format!("\r\n+LMQTTURC: RECV,0,1,\"t\",{},", payload.len()).into_bytes();
        bytes.extend_from_slice(payload);
        bytes.extend_from_slice(b"\r\n");
        let expected = format!("{HEADER}{}", text(payload));
        check_events(&bytes, &[&expected]);
        check_events(&[bytes.as_slice(), &bytes].concat(), &[&expected, &expected]);
    }
}

#[test]
fn promise_3_quotes_around_a_counted_payload_are_not_part_of_it() {
    for payload in [&b"abc"[..], b"\"", b"", b"\"abc\"", b"\r\n", b"a\r", b"\"\r"] {
        let mut bytes = format!("\r\n+LMQTTURC: RECV,0,1,\"t\",{},\"", payload.len()).into_bytes();
        bytes.extend_from_slice(payload);
        bytes.extend_from_slice(b"\"\r\n\r\n+CEREG: 1\r\n");
        check_events(&bytes, &[&format!("{HEADER}{}", text(payload)), "line +CEREG: 1"]);
    }
}

#[test]
fn a_message_without_length_is_a_line() {
    for line in [
        "+LMQTTURC: RECV,0,5",
        "+LMQTTURC: RECV,0,1,\"t\",{\"a\":1}",
        "+LMQTTURC: RECV,0,1,\"t\",{\"maker\":\"Lierda\"}",
        "+LMQTTURC: RECV,0,1,\"t\",12x,y",
        "+LMQTTURC: RECV,0,1,\"t\",123456,y",
        "+LMQTTURC: RECV,0,1,\"t\",",
        "+LMQTTURC: RECV,0,1,\"t",
        "+LMQTTURC: RECV,x,1,\"t\",3,abc",
        "+LMQTTURC: STATS,0,1",
    ] {
        check_events(format!("\r\n{line}\r\n").as_bytes(), &[&format!("line {}", text(line.as_bytes()))]);
    }
}

#[test]
fn a_message_that_lost_its_length_on_its_way_is_lost_and_counted() {
    for line in [
        "+LMQTTURC: RECV,0,1,\"t\",3bc",
        "+LMQTTURC: RECV,0,1,\"t\",3",
        "+LMQTTURC: RECV,0,1,\"t\",",
        "+LMQTTURC: RECV,0,1,\"t",
        "+LMQTTURC: RECV,0,1,\"t\" 3,abc",
        "+LMQTTURC: RECV,0,x1,\"t\",3,abc",
    ] {
        each_transfer(|script| {
            script.engine.expect_messages(MessageForm::Counted);
            script.feed(format!("\r\n{line}\r\n\r\n+LMQTTURC: RECV,0,5\r\n").as_bytes());
            let loss = format!("lost 1 frames, {} bytes", line.len() + 1);
            assert_eq!(script.take_events(), [loss.as_str(), "line +LMQTTURC: RECV,0,5"], "{line}");
        });
    }
}

#[test]
fn without_lengths_digits_are_part_of_the_payload() {
    each_transfer(|script| {
        script.engine.expect_messages(MessageForm::Bare);
        script.feed(b"\r\n+LMQTTURC: RECV,0,1,\"t\",5,hello\r\n");
        assert_eq!(script.take_events(), ["line +LMQTTURC: RECV,0,1,\"t\",5,hello"]);
    });
}

#[test]
fn unknown_lines_are_events() {
    let bytes = b"\r\nRDY\r\n\r\n^MODE: 17,17\r\n+CPIN: READY\r\nE\0CRDY\r\nAT+CSQ\r\n> \r\n";
    let expected = ["line RDY", "line ^MODE: 17,17", "line +CPIN: READY", "line E\\x00CRDY", "line AT+CSQ", "line > "];
    check_events(bytes, &expected);
}

#[test]
fn an_over_long_line_is_lost_and_counted() {
    for name in ["+CEREG: 1,", "+LMQTTURC: STATS,", "x"] {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(1000, b'x');
        bytes.extend_from_slice(b"\r\n+CEREG: 5\r\n");
        each_transfer(|script| {
            script.feed(&bytes);
            let events = script.take_events();
            assert_eq!(events.last().unwrap(), "line +CEREG: 5");
            assert!(events[..events.len() - 1].iter().all(|event| event.starts_with("lost ")), "{events:?}");
            assert!(script.engine.counters().bytes.lost >= 1000);
        });
    }
}

#[test]
fn promise_3_a_payload_behind_an_over_long_topic_is_not_taken_for_lines() {
    let mut bytes = b"\r\n+LMQTTURC: RECV,0,1,\"".to_vec();
    bytes.resize(500, b't');
    bytes.extend_from_slice(b"\",16,\r\nOK\r\n\r\nERROR\r\n\r\n+CEREG: 5\r\n");
    each_transfer(|script| {
        script.submit(&Attention);
        script.feed(&bytes);
        assert!(!script.is_finished(), "the OK is part of a payload");
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).unwrap();
        let events = script.take_events();
        assert!(events[0].starts_with("lost "), "{events:?}");
        assert_eq!(events[1..], ["line +CEREG: 5"]);
    });
}

#[test]
fn promise_2_messages_during_a_command_wait_in_the_inbox() {
    each_transfer(|script| {
        script.submit(&Attention);
        script.feed(b"\r\n+LMQTTURC: RECV,0,1,\"t\",2,ab\r\n\r\n+CEREG: 1\r\n");
        assert!(script.take_events().is_empty());
        script.feed(b"\r\nOK\r\n\r\n+LMQTTURC: RECV,0,2,\"t\",2,cd\r\n");
        script.finish(&Attention).unwrap();
        let second = "message 0,2,\"t\" cd";
        assert_eq!(script.take_events(), [&format!("{HEADER}ab"), "line +CEREG: 1", second]);
    });
}

#[test]
fn promise_2_what_the_inbox_cannot_hold_during_a_command_is_counted() {
    each_transfer(|script| {
        script.submit(&Attention);
        let message = b"\r\n+LMQTTURC: RECV,0,1,\"t\",100,";
        for _ in 0..5 {
            script.feed(message);
            script.feed(&[b'\n'; 100]);
            script.feed(b"\r\n");
        }
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).unwrap();
        let events = script.take_events();
        let (lost, messages): (Vec<_>, Vec<_>) = events.iter().partition(|event| event.starts_with("lost "));
        assert_eq!((messages.len(), lost.len()), (4, 1));
        assert!(lost[0].starts_with("lost 1 frames, 1"), "{lost:?}");
    });
}

#[test]
fn promise_2_an_idle_engine_waits_until_there_is_room() {
    let mut memory = Memory::new(256, 64, 100);
    let mut script = Script::in_step(&mut memory, Transfer::Chunks(usize::MAX));
    let mut bytes = Vec::new();
    for _ in 0..3 {
        bytes.extend_from_slice(b"\r\n+LMQTTURC: RECV,0,1,\"t\",40,");
        bytes.extend_from_slice(&[b'x'; 40]);
        bytes.extend_from_slice(b"\r\n");
    }
    script.feed(&bytes);
    assert_eq!(script.take_events(), vec![format!("{HEADER}{}", "x".repeat(40)); 3], "none is lost");
}

#[test]
fn a_message_larger_than_the_inbox_is_read_in_pieces() {
    let mut bytes = b"\r\n+LMQTTURC: RECV,0,1,\"t\",2000,".to_vec();
    let payload: Vec<u8> = (0..2000_u32).map(|index| index.to_le_bytes()[0]).collect();
    bytes.extend_from_slice(&payload);
    bytes.extend_from_slice(b"\r\n\r\n+CEREG: 5\r\n");
    let mut memory = Memory::typical();
    let mut script = Script::in_step(&mut memory, Transfer::Chunks(64));
    script.reads_large = true;
    let (announced, rest) = bytes.split_at(64);
    script.feed(announced);
    assert_eq!(script.take_events(), ["large 0,1,\"t\" 2000"]);
    let mut read = Vec::new();
    let mut rest = rest;
    loop {
        let mut piece = [0; 50];
        match script.engine.read_payload(&mut piece) {
            Piece::Bytes(count) => read.extend_from_slice(&piece[..count]),
            Piece::End => break,
            Piece::Broken => panic!("broken"),
            Piece::Wait => {
                let room = script.engine.receive();
                let count = room.len().min(64).min(rest.len());
                room[..count].copy_from_slice(&rest[..count]);
                script.engine.received(count);
                rest = &rest[count..];
            }
        }
    }
    assert!(read == payload, "{} bytes of {}", read.len(), payload.len());
    script.feed(rest);
    assert_eq!(script.take_events(), ["line +CEREG: 5"]);
    assert_eq!(script.engine.counters().bytes.lost, 0);
}

#[test]
fn a_large_message_that_nobody_reads_is_skipped_exactly() {
    for read_first in [0, 1, 100] {
        each_transfer(|script| {
            script.feed(b"\r\n+LMQTTURC: RECV,0,1,\"t\",900,");
            assert_eq!(script.take_events(), ["large 0,1,\"t\" 900"]);
            let _ = script.engine.read_payload(&mut vec![0; read_first]);
            script.submit(&Attention);
            let mut payload = b"\r\nOK\r\n".repeat(150);
            payload.extend_from_slice(b"\r\n");
            script.feed(&payload);
            assert!(!script.is_finished(), "no OK of the payload is an answer");
            script.feed(b"\r\nOK\r\n");
            script.finish(&Attention).unwrap();
            assert!(script.take_events()[0].starts_with("lost 1 frames, 9"));
        });
    }
}

#[test]
fn promise_10_a_boot_banner_is_noticed_wherever_it_comes() {
    let banner = b"^boot.rom'v\x01\x7f  '!\\n";
    let cases: [(&[u8], &[&str]); 6] = [
        (b"", &["Booted"]),
        (b"\r\n", &["Booted"]),
        (b"+CERE", &["lost 1 frames, 5 bytes", "Booted"]),
        (b"\r\n+LMQTTPUB: 0,7", &["lost 1 frames, 14 bytes", "Booted"]),
        (b"^boot", &["lost 1 frames, 5 bytes", "Booted"]),
        (b"^^", &["lost 1 frames, 2 bytes", "Booted"]),
    ];
    for (before, expected) in cases {
        for after in [&b"\r\n+CEREG: 1\r\n"[..], b"+CEREG: 1\r\n"] {
            let bytes = [before, banner, after].concat();
            let mut expected = expected.to_vec();
            expected.push("line +CEREG: 1");
            each_transfer(|script| {
                script.feed(&bytes);
                assert_eq!(script.take_events(), expected, "{:?}", bytes.escape_ascii().to_string());
            });
        }
    }
}

#[test]
fn a_dialect_without_a_banner_takes_nothing_for_one() {
    static SILENT: Dialect = Dialect { banner: b"", booted: b"", ..DIALECT };
    for transfer in TRANSFERS {
        let (mut memory, mut rx, mut tx, mut inbox) = (Memory::typical(), [0; 128], [0; 64], [0; 256]);
        let mut script = Script::new(&mut memory, transfer);
        script.engine = Engine::new(Buffers::new(&mut rx, &mut tx, &mut inbox), &SILENT);
        script.feed(b"\r\n^SIMST: 1\r\nRDY^\r\n+CEREG: 1\r\n");
        assert_eq!(script.take_events(), ["line ^SIMST: 1", "line RDY^", "line +CEREG: 1"]);
    }
}

#[test]
fn promise_10_a_banner_in_the_middle_of_a_payload_is_noticed() {
    for (length, before) in [(500, 3), (200, 0), (40, 3), (21, 3)] {
        each_transfer(|script| {
            script.feed(format!("\r\n+LMQTTURC: RECV,0,1,\"t\",{length},").as_bytes());
            script.feed(&b"abc"[..before]);
            script.feed(b"^boot.rom'v'!\\n\r\nLierda NT35E\r\n\r\nRDY\r\n");
            script.wait(Duration::from_secs(0));
            script.wait(Duration::from_secs(2));
            let events = script.take_events();
            assert!(events.contains(&"Booted".into()), "{length}: {events:?}");
            assert!(events.iter().any(|event| event.starts_with("lost 1 frames")), "{length}: {events:?}");
            script.submit(&Attention);
            script.feed(b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n");
            script.feed(b"\r\nOK\r\n");
            script.finish(&Attention).unwrap();
        });
    }
}

#[test]
fn promise_10_a_restart_ends_the_command_in_flight() {
    for notice in ["^boot.rom'v'!\\n", "\r\nNORMAL POWER DOWN\r\n", "\r\nLierda NT35E V1.0\r\n"] {
        each_transfer(|script| {
            script.submit(&Attention);
            script.feed(notice.as_bytes());
            assert_eq!(script.answer(&Attention), "AT failed in stage Acceptance: Restarted", "{notice}");
            let events = script.take_events();
            assert!(matches!(events.last().unwrap().as_str(), "Booted" | "PoweredDown"), "{events:?}");
            script.submit(&Attention);
            assert!(script.take_sent().ends_with("AT+CSQ\r\n"), "in step first");
        });
    }
}

#[test]
fn promise_10_each_restart_is_reported_once() {
    each_transfer(|script| {
        script.feed(b"\r\nNORMAL POWER DOWN\r\n^boot.rom'v'!\\n\r\nLierda NT35E\r\n\r\nRDY\r\n");
        assert_eq!(script.take_events(), ["PoweredDown", "Booted", "line Lierda NT35E", "line RDY"]);
        let counters = script.engine.counters();
        assert_eq!((counters.power_downs, counters.boots), (1, 1));
    });
}

#[test]
fn promise_10_a_full_inbox_does_not_hide_a_restart() {
    let mut memory = Memory::new(256, 64, 64);
    let mut script = Script::in_step(&mut memory, Transfer::Chunks(usize::MAX));
    script.submit(&Attention);
    for _ in 0..10 {
        script.feed(b"\r\n+CEREG: 1\r\n");
    }
    script.feed(b"\r\nNORMAL POWER DOWN\r\n");
    script.finish(&Attention).unwrap_err();
    let events = script.take_events();
    assert!(events.contains(&"PoweredDown".into()), "{events:?}");
    assert!(events.iter().any(|event| event.starts_with("lost ")), "{events:?}");
}

#[test]
fn promise_6_a_payload_that_stops_is_given_up_in_time() {
    each_transfer(|script| {
        script.feed(b"\r\n+LMQTTURC: RECV,0,1,\"t\",100,half");
        script.wait(Duration::from_millis(1_999));
        assert!(script.take_events().is_empty());
        script.wait(Duration::from_millis(1));
        assert_eq!(script.take_events(), ["lost 1 frames, 32 bytes"]);
        script.feed(b"\r\n+CEREG: 1\r\n");
        assert_eq!(script.take_events(), ["line +CEREG: 1"]);
    });
}

#[test]
fn a_payload_without_its_line_end_is_lost_and_counted() {
    each_transfer(|script| {
        script.feed(b"\r\n+LMQTTURC: RECV,0,1,\"t\",3,abcdef\r\n\r\n+CEREG: 1\r\n");
        assert_eq!(script.take_events(), ["lost 1 frames, 29 bytes", "line def", "line +CEREG: 1"]);
    });
}

#[test]
fn echo_is_recognised_by_comparison() {
    each_transfer(|script| {
        script.submit(&Identity);
        script.feed(b"ATI\r\r\nLierda\r\nAT+ something else\r\n\r\nOK\r\n");
        assert_eq!(script.answer(&Identity).matches("lines").count(), 1);
        assert_eq!(script.engine.counters().bytes.echo, 6);
        let raw = Raw::new("AT+CGMM", Duration::from_secs(1)).unwrap();
        script.submit(&raw);
        script.feed(b"NT35E\r\n\r\nOK\r\n");
        script.finish(&raw).expect("without echo just the same");
    });
}

#[test]
fn a_urc_may_break_into_the_echo() {
    each_transfer(|script| {
        let raw = Raw::new("AT+CGMM=\"x\",1", Duration::from_secs(1)).unwrap();
        script.submit(&raw);
        script.feed(b"AT+CG\r\n+CEREG: 1\r\nMM=\"x\",1\r\r\n+CGMM: 5\r\n\r\nOK\r\n");
        script.finish(&raw).unwrap();
        assert_eq!(script.take_events(), ["line +CEREG: 1"]);
        assert_eq!(script.engine.counters().bytes.echo, 18);
    });
}

#[test]
fn half_a_line_and_then_silence_harms_nothing() {
    each_transfer(|script| {
        script.feed(b"\r\n+CERE");
        script.wait(Duration::from_secs(60));
        script.submit(&Attention);
        script.feed(b"\r\nOK\r\n");
        script.finish(&Attention).unwrap();
        assert_eq!(script.take_events(), ["line +CERE"]);
    });
}
