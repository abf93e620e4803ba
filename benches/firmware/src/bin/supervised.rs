//! The whole driver with its supervisor, which does by itself what `client` is told step by step.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::aliyun::SignIn;
use nt35e::supervisor::{self, Desired, Event, Outbox, Setup, Subscription};
use nt35e::{Buffers, Duration, Publish, QoS, Triple, blocking};
use nt35e_bench_firmware::drive::now;
use nt35e_bench_firmware::wire::{Uart, Wire};
use nt35e_bench_firmware::{PaintedStack, finish, job, report, start, ticks};

/// The modem says yes to all of the bring-up, and of the settings, and knows of no earlier session.
const SCRIPT: &[&[u8]] = &[
    job::IN_STEP,
    job::OK,
    job::OK,
    job::OK,
    b"\r\n+CEREG: 0,1\r\n\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\nERROR\r\n",
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OPENED,
    job::CONNECTED,
    job::SUBSCRIBED,
    PUBLISHED_AND_MESSAGE,
];

/// What is published comes back.
const PUBLISHED_AND_MESSAGE: &[u8] = b"\r\nOK\r\n\r\n+LMQTTPUB: 0,2,0\r\n\r\n+LMQTTURC: RECV,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",10,1122334455\r\n";

#[entry]
fn main() -> ! {
    static mut RX: [u8; 128] = [0; 128];
    static mut TX: [u8; 128] = [0; 128];
    static mut INBOX: [u8; 512] = [0; 512];
    static mut OUTBOX: [u8; 256] = [0; 256];
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let Ok(triple) = Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET) else { finish(false) };
    let Ok(subscription) = Subscription::new(job::TOPIC, QoS::AtLeastOnce) else { finish(false) };
    let subscriptions = [subscription];
    let Ok(desired) = Desired::new(SignIn::new(triple)).subscriptions(&subscriptions) else { finish(false) };
    let client = blocking::Client::new(Uart(Wire::new(SCRIPT)), now, Buffers::new(RX, TX, INBOX));
    let setup = Setup::new(desired).outbox(Outbox::new(OUTBOX));
    let mut client = supervisor::blocking::Client::new(client, setup);
    report("objects", size_of_val(&client) as u64);

    let stack = PaintedStack::new();
    let begin = ticks();
    let is_done = job(&mut client);
    report("session", ticks() - begin);
    report("stack", stack.used() as u64);
    let (client, _) = client.release();
    let (Uart(wire), _) = client.release();
    finish(is_done && wire.has_ended())
}

type Client<'a, C> = supervisor::blocking::Client<'a, 'a, 'a, Uart, C>;

#[inline(never)]
fn job(client: &mut Client<'_, impl nt35e::Clock>) -> bool {
    let message = Publish::new(job::TOPIC, job::PAYLOAD).qos(QoS::AtLeastOnce);
    let Ok(ticket) = client.publish(&message) else { return false };
    let (mut is_delivered, mut is_received) = (false, false);
    for _ in 0..1_000 {
        match client.next_event(Duration::from_secs(1)) {
            Ok(Some(Event::Delivered { ticket: delivered, .. })) => is_delivered = delivered == ticket,
            Ok(Some(Event::Modem(nt35e::Event::Message { topic, payload, .. }))) => {
                is_received = topic == job::TOPIC && payload == job::PAYLOAD;
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return false,
        }
        if is_delivered && is_received {
            return client.is_online();
        }
    }
    false
}
