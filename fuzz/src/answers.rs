//! A fuzz input as the answer to a command: read by every reader, and decoded by every command.

use core::fmt::Debug;

use crate::hand_over;
use nt35e::at::{Cause, Command, CommandError, Engine, Fields, Malformed, Step};
use nt35e::command::{
    Attention, Close, Configure, Connect, ConnectionQuery, Disconnect, Echo, ErrorReports, FirmwareVersion, Identity,
    InlinePayload, Open, PublishHead, PublishInline, Raw, RegistrationQuery, SetErrorReports, Setting, Subscribe,
    Unsubscribe,
};
use nt35e::{
    Buffers, ClientId, ConnectionId, DIALECT, Delivery, Duration, Host, Instant, MessageId, QoS, Topic, TopicFilter,
};

/// The leading bytes of an input: which command, and which readers.
const HEAD: usize = 5;
/// How many commands [`decode`] knows.
const COMMANDS: u8 = 15;
const FIRST: ConnectionId = ConnectionId::FIRST;

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let Some((&[selector, ref readers @ ..], answer)) = data.split_first_chunk::<HEAD>() else { return };
    for line in answer.split(|&byte| byte == b'\n') {
        read(readers, line);
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        if let Some(fields) = Fields::after(line, name) {
            let behind = rest(fields);
            assert!(line.ends_with(behind) && !behind.starts_with(b" "));
            read(readers, behind);
        }
    }
    let whole = decode(selector, answer, usize::MAX);
    assert_eq!(decode(selector, answer, 1), whole, "in chunks of 1");
}

/// Inputs that answer each command by what a modem said, where its name is in it.
pub(crate) fn seeds(name: &str, said: &[u8]) -> Vec<(String, Vec<u8>)> {
    let readers = [0, 3, 4, 5];
    let numbers = (0..COMMANDS).filter(|&number| {
        let wanted = command_name(number).as_bytes();
        wanted.is_empty() || said.windows(wanted.len()).any(|window| window == wanted)
    });
    numbers.map(|number| (format!("{name}-{number}"), [&[number][..], &readers[..], said].concat())).collect()
}

/// Reads a line by the readers that the bytes choose, and holds what they say against the line.
fn read(readers: &[u8; HEAD - 1], line: &[u8]) {
    let mut fields = Fields::new(line);
    for reader in readers {
        let before = rest(fields);
        match reader % 7 {
            0 => check_integer(before, fields.integer(), true),
            1 => check_integer(before, fields.last_integer(), false),
            2 => check_integer(before, fields.any_integer(), false),
            3 => match fields.optional_integer() {
                Ok(None) => assert!(before.is_empty()),
                Ok(Some(value)) => check_integer(before, Ok(value), false),
                Err(Malformed) => {}
            },
            4 => check_text(before, fields.quoted()),
            5 => check_text(before, fields.text()),
            _ => assert_eq!(fields.end().is_ok(), before.is_empty()),
        }
        assert!(before.ends_with(rest(fields)), "a reader only takes from the front");
    }
}

/// What is left to read.
fn rest(mut fields: Fields<'_>) -> &[u8] {
    fields.rest()
}

fn check_integer(before: &[u8], read: Result<i32, Malformed>, comma: bool) {
    let Ok(value) = read else { return };
    let text = before.split(|&byte| byte == b',').next().unwrap_or_default();
    let text = std::str::from_utf8(text).expect("a number is ASCII");
    assert_eq!(text.parse(), Ok(value), "the integer that stands there");
    assert!(!comma || before.contains(&b','), "another field follows");
}

fn check_text(before: &[u8], read: Result<&[u8], Malformed>) {
    let Ok(text) = read else { return };
    assert!(!text.contains(&b'"'));
    let quoted = before.first() == Some(&b'"');
    assert!(before[usize::from(quoted)..].starts_with(text), "the text that stands there");
}

fn command_name(number: u8) -> &'static str {
    match number {
        0..=3 => "",
        4 => "+LGMR",
        5 => "+CEREG",
        6 => "+LMQTTCFG",
        7 => "+LMQTTOPEN",
        8 | 9 => "+LMQTTCONN",
        10 | 11 => "+LMQTTSUB",
        12 => "+LMQTTPUB",
        13 => "+LMQTTDISC",
        _ => "+LMQTTCLOSE",
    }
}

/// What the command with this number makes of the answer.
fn decode(selector: u8, answer: &[u8], chunk: usize) -> String {
    let filter = TopicFilter::new("t/#").expect("a filter");
    let head = PublishHead {
        connection: FIRST,
        delivery: Delivery::AtLeastOnce(MessageId::FIRST),
        retain: false,
        topic: Topic::new("t").expect("a topic"),
    };
    let payload = InlinePayload::new(b"abcd").expect("a safe payload");
    let client_id = ClientId::new("c").expect("a client id");
    let host = Host::new("h").expect("a host");
    let port = core::num::NonZeroU16::MIN;
    let raw = Raw::new("AT+CSQ", Duration::from_secs(1)).expect("a command line");
    let lines = |lines: nt35e::at::Answer<'_>| lines.lines().map(|line| line.escape_ascii().to_string()).collect();
    let line = Line { answer, chunk };
    match selector % COMMANDS {
        0 => line.debug(&Attention),
        1 => line.debug(&Echo(false)),
        2 => line.ask(&Identity, lines),
        3 => line.ask(&raw, lines),
        4 => line.ask(&FirmwareVersion, |version| version.escape_ascii().to_string()),
        5 => line.debug(&RegistrationQuery),
        6 => {
            line.debug(&SetErrorReports(ErrorReports::Numeric));
            line.debug(&Configure { connection: FIRST, setting: Setting::clean_session(true) })
        }
        7 => line.debug(&Open { connection: FIRST, host, port }),
        8 => line.debug(&Connect { connection: FIRST, client_id, login: None }),
        9 => line.debug(&ConnectionQuery { connection: FIRST }),
        10 => line.debug(&Subscribe { connection: FIRST, message_id: MessageId::FIRST, filter, qos: QoS::AtLeastOnce }),
        11 => line.debug(&Unsubscribe { connection: FIRST, message_id: MessageId::FIRST, filter }),
        12 => line.debug(&PublishInline { head, payload }),
        13 => line.debug(&Disconnect { connection: FIRST }),
        _ => line.debug(&Close { connection: FIRST }),
    }
}

/// A modem that answers whatever it is asked by the same bytes.
#[derive(Clone, Copy)]
struct Line<'a> {
    answer: &'a [u8],
    chunk: usize,
}

impl Line<'_> {
    fn debug<C: Command>(self, command: &C) -> String
    where
        for<'r> C::Response<'r>: Debug,
    {
        self.ask(command, |response| format!("{response:?}"))
    }

    fn ask<C: Command>(self, command: &C, show: impl FnOnce(C::Response<'_>) -> String) -> String {
        let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 128], [0; 256]);
        let mut engine = Engine::new(Buffers::new(&mut rx, &mut tx, &mut inbox), &DIALECT);
        let mut now = Instant::from_millis(0);
        engine.submit(command).expect("the line fits");
        get_in_step(&mut engine, now);
        let mut rest = self.answer;
        let mut steps = 0;
        loop {
            match engine.poll(now) {
                Step::Finished => break,
                Step::Transmit => {
                    let count = engine.transmit(&[]).len();
                    engine.transmitted(count);
                }
                Step::Receive if !rest.is_empty() => {
                    let count = hand_over(&mut engine, rest, self.chunk);
                    rest = &rest[count..];
                }
                Step::Receive => now = engine.wake_at(now).expect("a command has a limit"),
                Step::Event => panic!("an event while a command is in flight"),
            }
            steps += 1;
            assert!(steps < 10_000, "the command does not end");
        }
        match engine.finish(command) {
            Ok(response) => {
                if C::SPEC.result().is_none() {
                    assert!(self.says(b"OK"), "success without `OK`");
                }
                show(response)
            }
            Err(error) => {
                self.check(error);
                format!("{error:?}")
            }
        }
    }

    /// An error must have its reason in what the modem said.
    fn check(self, error: CommandError) {
        match error.cause {
            Cause::Refused(_) => assert!(self.says(b"ERROR"), "{error:?} without `ERROR`"),
            Cause::Restarted => assert!(self.says(b"boot.rom") || self.says(b"POWER DOWN") || self.says(b"Lierda")),
            _ => {}
        }
    }

    fn says(self, word: &[u8]) -> bool {
        self.answer.windows(word.len()).any(|window| window == word)
    }
}

/// Answers the marker that the first command begins with, up to the end of the command line.
fn get_in_step(engine: &mut Engine<'_>, now: Instant) {
    let mut sent = Vec::new();
    let mut answered = false;
    loop {
        match engine.poll(now) {
            Step::Transmit => {
                let bytes = engine.transmit(&[]);
                let count = bytes.len();
                sent.extend_from_slice(bytes);
                engine.transmitted(count);
            }
            Step::Receive if !answered && sent.ends_with(b"AT+CSQ\r\n") => {
                let answer = b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n";
                engine.receive()[..answer.len()].copy_from_slice(answer);
                engine.received(answer.len());
                answered = true;
            }
            _ => break,
        }
    }
}
