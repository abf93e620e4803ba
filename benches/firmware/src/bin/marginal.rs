//! What one byte more costs: of a published payload, of a line and of a received payload.
//!
//! Each is the difference between a long and a short one, so that nothing else is in it.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::at::{Engine, Push, Step};
use nt35e::command::{InlinePayload, PublishHead, PublishInline, PublishOutcome, PublishPrompted};
use nt35e::{Buffers, ConnectionId, DIALECT, Delivery, MessageId, QoS, Topic};
use nt35e_bench_firmware::drive::{execute, feed, now};
use nt35e_bench_firmware::wire::Wire;
use nt35e_bench_firmware::{finish, job, report_row, start, ticks};

const PROMPT: &[u8] = b"\r\n> ";
const FIRST: &[&[u8]] = &[job::IN_STEP, job::PUBLISHED];
const IN_LINE: &[&[u8]] = &[job::PUBLISHED];
const BY_PROMPT: &[&[u8]] = &[PROMPT];
const SHORT: usize = 24;
const LONG: usize = 1024;
const LINE: &[u8] = &[b'x'; 512];

#[entry]
fn main() -> ! {
    static mut RX: [u8; 1200] = [0; 1200];
    static mut TX: [u8; 1200] = [0; 1200];
    static mut INBOX: [u8; 1400] = [0; 1400];
    static mut PAYLOAD: [u8; LONG] = [b'x'; LONG];
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let payload: &[u8] = PAYLOAD;
    let Some(short) = payload.get(..SHORT) else { finish(false) };
    let engine = &mut Engine::new(Buffers::new(RX, TX, INBOX), &DIALECT);
    let wire = &mut Wire::new(FIRST);
    let Ok(topic) = Topic::new(job::TOPIC) else { finish(false) };
    let delivery = Delivery::new(QoS::AtLeastOnce, MessageId::FIRST.next());
    let head = PublishHead { connection: ConnectionId::FIRST, delivery, retain: false, topic };

    // The first command gets in step: it is not counted.
    let mut ok = publish_in_line(engine, wire, head, short).is_some();
    let costs = [publish_in_line(engine, wire, head, short), publish_in_line(engine, wire, head, payload)];
    ok &= report_slope("published in the line", costs);
    let costs = [publish_by_prompt(engine, wire, head, short), publish_by_prompt(engine, wire, head, payload)];
    ok &= report_slope("published by prompt", costs);

    let singly = |engine: &mut Engine<'_>, bytes: &[u8]| {
        let present = now();
        let begin = ticks();
        for &byte in bytes {
            if engine.push(byte) == Push::Due {
                let _ = engine.poll(present);
            }
        }
        ticks() - begin
    };
    let chunked = |engine: &mut Engine<'_>, bytes: &[u8]| {
        let begin = ticks();
        for chunk in bytes.chunks(64) {
            feed(engine, chunk);
        }
        ticks() - begin
    };
    // A line that does not end: only the framer is at work.
    report_row("framer singly", &[singly(engine, LINE), LINE.len() as u64]);
    report_row("framer chunked", &[chunked(engine, LINE), LINE.len() as u64]);
    feed(engine, b"\r\n+LMQTTURC: RECV,0,1,\"t\",1024,");
    report_row("payload singly", &[singly(engine, LINE), LINE.len() as u64]);
    report_row("payload chunked", &[chunked(engine, LINE), LINE.len() as u64]);
    finish(ok && engine.poll(now()) != Step::Finished)
}

fn report_slope(name: &str, costs: [Option<u64>; 2]) -> bool {
    let [Some(short), Some(long)] = costs else { return false };
    report_row(name, &[long - short, (LONG - SHORT) as u64]);
    true
}

fn publish_in_line(engine: &mut Engine<'_>, wire: &mut Wire, head: PublishHead<'_>, payload: &[u8]) -> Option<u64> {
    *wire = Wire::new(if engine.counters().commands == 0 { FIRST } else { IN_LINE });
    let begin = ticks();
    let command = PublishInline { head, payload: InlinePayload::new(payload)? };
    let outcome = execute(engine, wire, &command)?;
    (outcome == PublishOutcome::Delivered).then(|| ticks() - begin)
}

fn publish_by_prompt(engine: &mut Engine<'_>, wire: &mut Wire, head: PublishHead<'_>, payload: &[u8]) -> Option<u64> {
    *wire = Wire::with_payload(BY_PROMPT, payload.len(), job::PUBLISHED);
    let begin = ticks();
    let command = PublishPrompted::new(head, payload).ok()?;
    let outcome = execute(engine, wire, &command)?;
    (outcome == PublishOutcome::Delivered).then(|| ticks() - begin)
}
