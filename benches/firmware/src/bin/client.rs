//! The whole driver, as a user has it: bring-up, sign-in with every setting, subscription, message, events, sign-off.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::blocking::Client;
use nt35e::{Buffers, Duration, Event, Network, Publish, QoS, Triple};
use nt35e_bench_firmware::drive::now;
use nt35e_bench_firmware::wire::{Uart, Wire};
use nt35e_bench_firmware::{PaintedStack, finish, job, report, start, ticks};

/// The modem says yes to all of the bring-up, of the end of an earlier session, and of the settings.
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
    b"\r\nOK\r\n\r\n+LMQTTDISC: 0,0\r\n",
    b"\r\nOK\r\n\r\n+LMQTTCLOSE: 0,0\r\n",
];

/// What is published comes back.
const PUBLISHED_AND_MESSAGE: &[u8] = b"\r\nOK\r\n\r\n+LMQTTPUB: 0,2,0\r\n\r\n+LMQTTURC: RECV,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",10,1122334455\r\n";

#[entry]
fn main() -> ! {
    static mut RX: [u8; 128] = [0; 128];
    static mut TX: [u8; 128] = [0; 128];
    static mut INBOX: [u8; 512] = [0; 512];
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let mut client = Client::new(Uart(Wire::new(SCRIPT)), now, Buffers::new(RX, TX, INBOX));
    report("objects", size_of_val(&client) as u64);

    let stack = PaintedStack::new();
    let begin = ticks();
    let is_done = job(&mut client);
    report("session", ticks() - begin);
    report("stack", stack.used() as u64);
    let (Uart(wire), _) = client.release();
    finish(is_done && wire.has_ended())
}

#[inline(never)]
fn job(client: &mut Client<'_, Uart, impl nt35e::Clock>) -> bool {
    let Ok(triple) = Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET) else { return false };
    let message = Publish::new(job::TOPIC, job::PAYLOAD).qos(QoS::AtLeastOnce);
    let is_ready = client.bring_up(&Network::default()).is_ok()
        && client.connect_aliyun(triple).is_ok()
        && client.subscribe(job::TOPIC, QoS::AtLeastOnce).is_ok()
        && client.publish(&message).is_ok();
    let is_received = match client.next_event(Duration::from_secs(1)) {
        Ok(Some(Event::Message { topic, payload, .. })) => topic == job::TOPIC && payload == job::PAYLOAD,
        _ => false,
    };
    is_ready && is_received && client.disconnect().is_ok()
}
