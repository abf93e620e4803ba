//! The job on the engine of nt35e.
#![no_std]
#![no_main]

use core::hint::black_box;
use cortex_m_rt::entry;
use nt35e::at::{Engine, Push, Step};
use nt35e::command::{
    Aliyun, Attention, Cloud, Configure, Connect, InlinePayload, Open, PublishHead, PublishInline, PublishOutcome,
    Setting, Subscribe,
};
use nt35e::{Buffers, ClientId, ConnectionId, DIALECT, Delivery, Host, MessageId, QoS, Topic, TopicFilter, Triple};
use nt35e_bench_firmware::drive::{execute, now, take};
use nt35e_bench_firmware::job;
use nt35e_bench_firmware::measure::{Driver, measure};
use nt35e_bench_firmware::wire::{Wire, copy};

const SCRIPT: &[&[u8]] =
    &[job::IN_STEP, job::OK, job::OK, job::OK, job::OPENED, job::CONNECTED, job::SUBSCRIBED, job::PUBLISHED];

#[entry]
fn main() -> ! {
    static mut RX: [u8; 128] = [0; 128];
    static mut TX: [u8; 128] = [0; 128];
    static mut INBOX: [u8; 512] = [0; 512];
    measure(|| Nt35e { engine: Engine::new(Buffers::new(RX, TX, INBOX), &DIALECT), wire: Wire::new(SCRIPT) })
}

struct Nt35e {
    engine: Engine<'static>,
    wire: Wire,
}

impl Driver for Nt35e {
    const OBJECTS: usize = size_of::<Engine<'_>>();
    const MESSAGE: &'static [u8] = job::COUNTED_MESSAGE;

    /// A new engine does not know what the modem did before, so that it gets in step first.
    fn prepare(&mut self) -> bool {
        execute(&mut self.engine, &mut self.wire, &Attention).is_some()
    }

    fn session(&mut self) -> bool {
        session(&mut self.engine, &mut self.wire).is_some() && self.wire.has_ended()
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) -> bool {
        self.engine.push(byte) == Push::Due && self.engine.poll(now()) == Step::Event
    }

    #[inline(always)]
    fn feed(&mut self, mut chunk: &[u8]) -> bool {
        let mut is_complete = false;
        while !chunk.is_empty() {
            let slot = self.engine.receive();
            let count = chunk.len().min(slot.len());
            copy(slot, chunk);
            self.engine.received(count);
            chunk = chunk.get(count..).unwrap_or_default();
            is_complete |= self.engine.poll(now()) == Step::Event;
        }
        is_complete
    }

    #[inline(always)]
    fn take(&mut self) -> usize {
        take(&mut self.engine)
    }
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
