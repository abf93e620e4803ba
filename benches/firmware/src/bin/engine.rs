//! The job on the engine of nt35e.
#![no_std]
#![no_main]

use core::hint::black_box;
use cortex_m_rt::entry;
use nt35e::at::{Engine, Step};
use nt35e::command::{
    Aliyun, Attention, Cloud, Configure, Connect, InlinePayload, Open, PublishHead, PublishInline, PublishOutcome,
    Setting, Subscribe,
};
use nt35e::{Buffers, ClientId, ConnectionId, DIALECT, Delivery, Host, MessageId, QoS, Topic, TopicFilter, Triple};
use nt35e_bench_firmware::drive::{execute, feed, now, take};
use nt35e_bench_firmware::wire::Wire;
use nt35e_bench_firmware::{PaintedStack, finish, job, report, start, ticks};

const SCRIPT: &[&[u8]] =
    &[job::IN_STEP, job::OK, job::OK, job::OK, job::OPENED, job::CONNECTED, job::SUBSCRIBED, job::PUBLISHED];

#[entry]
fn main() -> ! {
    static mut RX: [u8; 128] = [0; 128];
    static mut TX: [u8; 128] = [0; 128];
    static mut INBOX: [u8; 512] = [0; 512];
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let engine = &mut Engine::new(Buffers::new(RX, TX, INBOX), &DIALECT);
    let stack = PaintedStack::new();

    report("objects", size_of::<Engine<'_>>() as u64);
    let mut wire = Wire::new(SCRIPT);
    let begin = ticks();
    let in_step = execute(engine, &mut wire, &Attention);
    report("in step", ticks() - begin);
    let begin = ticks();
    let signed_in = session(engine, &mut wire);
    report("session", ticks() - begin);
    report("stack", stack.used() as u64);

    // Else the compiler would know that no byte of it begins a banner.
    let message = black_box(job::COUNTED_MESSAGE);
    let present = now();
    let begin = ticks();
    let mut read = 0;
    for _ in 0..job::MESSAGES {
        for &byte in message {
            engine.push(byte);
            if engine.poll(present) == Step::Event {
                read += take(engine);
            }
        }
    }
    report("singly", ticks() - begin);

    let begin = ticks();
    for _ in 0..job::MESSAGES {
        for chunk in message.chunks(64) {
            read += feed(engine, chunk);
        }
    }
    report("chunked", ticks() - begin);
    report("bytes", (job::MESSAGES * job::COUNTED_MESSAGE.len()) as u64);
    report("stack", stack.used() as u64);

    let expected = 2 * job::MESSAGES * (job::MESSAGE_TOPIC.len() + 136);
    finish(in_step.is_some() && signed_in.is_some() && read == expected && wire.has_ended())
}

/// The six commands. What is constant is checked by the compiler.
#[inline(never)]
fn session(engine: &mut Engine<'_>, wire: &mut Wire) -> Option<()> {
    const FIRST: ConnectionId = ConnectionId::FIRST;
    const TOPIC: Topic<'static> = checked!(Topic::new(job::TOPIC));
    const CLOUD: Setting<'static> = Setting::cloud(Cloud::Aliyun(Aliyun::Json));
    const DEVICE: Setting<'static> =
        Setting::aliyun_device(checked!(Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET)));
    const OPEN: Open<'static> = Open { connection: FIRST, host: checked!(Host::new(job::HOST)), port: job::PORT };
    const CONNECT: Connect<'static> =
        Connect { connection: FIRST, client_id: checked!(ClientId::new("NT35E")), login: None };
    const SUBSCRIBE: Subscribe<'static> = Subscribe {
        connection: FIRST,
        message_id: MessageId::FIRST,
        filter: checked!(TopicFilter::new(job::TOPIC)),
        qos: QoS::AtLeastOnce,
    };
    execute(engine, wire, &Configure { connection: FIRST, setting: CLOUD })?;
    execute(engine, wire, &Configure { connection: FIRST, setting: DEVICE })?;
    execute(engine, wire, &OPEN)?.ok()?;
    execute(engine, wire, &CONNECT)?.ok()?;
    execute(engine, wire, &SUBSCRIBE)?.ok()?;
    let delivery = Delivery::new(QoS::AtLeastOnce, MessageId::FIRST.next());
    let head = PublishHead { connection: FIRST, delivery, retain: false, topic: TOPIC };
    let payload = InlinePayload::new(black_box(job::PAYLOAD))?;
    let outcome = execute(engine, wire, &PublishInline { head, payload })?;
    (outcome == PublishOutcome::Delivered).then_some(())
}

/// The value, or an error of the compiler.
macro_rules! checked {
    ($value:expr) => {
        const {
            match $value {
                Ok(value) => value,
                Err(_) => panic!(),
            }
        }
    };
}
use checked;
