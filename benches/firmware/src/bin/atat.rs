//! The job on atat 0.25 with its blocking client, as its documentation shows it.
//!
//! The modem is a script whose bytes arrive one by one, as a UART interrupt without FIFO gives them.
#![no_std]
#![no_main]

use atat::atat_derive::{AtatCmd, AtatResp};
use atat::blocking::{AtatClient, Client};
use atat::digest::{ParseError, Parser};
use atat::{AtDigester, AtatIngress, AtatUrc, Config, Ingress, ResponseSlot, UrcChannel};
use core::cell::RefCell;
use cortex_m_rt::entry;
use heapless::String;
use nt35e_bench_firmware::measure::{Driver, measure};
use nt35e_bench_firmware::{finish, job, ticks};

struct Clock;
impl embassy_time_driver::Driver for Clock {
    fn now(&self) -> u64 {
        ticks() >> 8
    }
    fn schedule_wake(&self, _: u64, _: &core::task::Waker) {}
}
embassy_time_driver::time_driver_impl!(static CLOCK: Clock = Clock);

#[derive(Clone, AtatResp)]
struct Empty;

#[derive(Clone, AtatCmd)]
#[at_cmd("+LMQTTCFG", Empty, timeout_ms = 5000)]
struct CfgCloud<'a> {
    #[at_arg(position = 0)]
    key: &'a str,
    #[at_arg(position = 1)]
    id: u8,
    #[at_arg(position = 2)]
    cloud: u8,
    #[at_arg(position = 3)]
    data: u8,
}
#[derive(Clone, AtatCmd)]
#[at_cmd("+LMQTTCFG", Empty, timeout_ms = 5000)]
struct CfgAuth<'a> {
    #[at_arg(position = 0)]
    key: &'a str,
    #[at_arg(position = 1)]
    id: u8,
    #[at_arg(position = 2)]
    product_key: &'a str,
    #[at_arg(position = 3)]
    device_name: &'a str,
    #[at_arg(position = 4)]
    device_secret: &'a str,
}
#[derive(Clone, AtatCmd)]
#[at_cmd("+LMQTTOPEN", Empty, timeout_ms = 5000)]
struct Open<'a> {
    #[at_arg(position = 0)]
    id: u8,
    #[at_arg(position = 1)]
    host: &'a str,
    #[at_arg(position = 2)]
    port: u16,
}
#[derive(Clone, AtatCmd)]
#[at_cmd("+LMQTTCONN", Empty, timeout_ms = 5000)]
struct Conn<'a> {
    #[at_arg(position = 0)]
    id: u8,
    #[at_arg(position = 1)]
    client_id: &'a str,
}
#[derive(Clone, AtatCmd)]
#[at_cmd("+LMQTTSUBUNSUB", Empty, timeout_ms = 5000)]
struct Sub<'a> {
    #[at_arg(position = 0)]
    id: u8,
    #[at_arg(position = 1)]
    flag: u8,
    #[at_arg(position = 2)]
    msg_id: u16,
    #[at_arg(position = 3)]
    topic: &'a str,
    #[at_arg(position = 4)]
    qos: u8,
}
#[derive(Clone, AtatCmd)]
#[at_cmd("+LMQTTPUB", Empty, timeout_ms = 5000)]
struct Publish<'a> {
    #[at_arg(position = 0)]
    id: u8,
    #[at_arg(position = 1)]
    msg_id: u16,
    #[at_arg(position = 2)]
    qos: u8,
    #[at_arg(position = 3)]
    retain: u8,
    #[at_arg(position = 4)]
    topic: &'a str,
    #[at_arg(position = 5)]
    len: u16,
    #[at_arg(position = 6)]
    payload: &'a str,
}

#[derive(Clone)]
#[allow(clippy::large_enum_variant, reason = "atat takes its URCs by value")]
enum Urc {
    Result { command: u8, fields: [i32; 4] },
    Message { topic: String<128>, payload: String<512> },
}
impl AtatUrc for Urc {
    fn parse(line: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(line).ok()?;
        if let Some(rest) = text.strip_prefix("+LMQTTURC: RECV,") {
            let (_, rest) = rest.split_once(",\"")?;
            let (topic, payload) = rest.split_once("\",")?;
            return Some(Urc::Message {
                topic: String::try_from(topic).ok()?,
                payload: String::try_from(payload).ok()?,
            });
        }
        let (name, rest) = text.strip_prefix("+LMQTT")?.split_once(": ")?;
        let command = match name {
            "OPEN" => 0,
            "CONN" => 1,
            "SUBUNSUB" => 2,
            "PUB" => 3,
            _ => return None,
        };
        let mut fields = [0; 4];
        for (slot, part) in fields.iter_mut().zip(rest.split(',')) {
            *slot = part.parse().ok()?;
        }
        Some(Urc::Result { command, fields })
    }
}
impl Parser for Urc {
    fn parse(buf: &[u8]) -> Result<(&[u8], usize), ParseError> {
        use atat::digest::parser::urc_helper;
        let mut outcome = Err(ParseError::NoMatch);
        for tag in ["+LMQTTURC", "+LMQTTPUB", "+LMQTTSUBUNSUB", "+LMQTTCONN", "+LMQTTOPEN"] {
            let parsed: atat::nom::IResult<_, _> = urc_helper(tag)(buf);
            match parsed.map_err(ParseError::from) {
                Ok((_, r)) => return Ok(r),
                Err(ParseError::Incomplete) => outcome = Err(ParseError::Incomplete),
                Err(ParseError::NoMatch) => {}
            }
        }
        outcome
    }
}

const SCRIPT: [&[u8]; 6] = [job::OK, job::OK, job::OPENED, job::CONNECTED, job::SUBSCRIBED, job::PUBLISHED];

type In<'a> = Ingress<'a, AtDigester<Urc>, Urc, 1024, 4, 1>;

struct Wire<'a, 'b> {
    ingress: &'b RefCell<In<'a>>,
    step: usize,
}
impl embedded_io::ErrorType for Wire<'_, '_> {
    type Error = core::convert::Infallible;
}
impl embedded_io::Write for Wire<'_, '_> {
    fn write(&mut self, b: &[u8]) -> Result<usize, Self::Error> {
        Ok(b.len())
    }
    fn flush(&mut self) -> Result<(), Self::Error> {
        feed(&mut self.ingress.borrow_mut(), SCRIPT.get(self.step).copied().unwrap_or_default());
        self.step += 1;
        Ok(())
    }
}
#[inline(never)]
fn feed(ingress: &mut In, bytes: &[u8]) {
    for b in bytes {
        if ingress.try_write(core::slice::from_ref(b)).is_err() {
            finish(false);
        }
    }
}

static SLOT: ResponseSlot<1024> = ResponseSlot::new();
static URCS: UrcChannel<Urc, 4, 1> = UrcChannel::new();

#[entry]
fn main() -> ! {
    static mut RECEIVED: [u8; 1024] = [0; 1024];
    static mut COMMAND: [u8; 1024] = [0; 1024];
    let ingress = RefCell::new(Ingress::new(AtDigester::<Urc>::new(), &mut RECEIVED[..], &SLOT, &URCS));
    let Ok(urcs) = URCS.subscribe() else { finish(false) };
    measure(|| {
        let config = Config::new().cmd_cooldown(embassy_time::Duration::from_ticks(0));
        Atat {
            client: Client::new(Wire { ingress: &ingress, step: 0 }, &SLOT, COMMAND, config),
            ingress: &ingress,
            urcs,
        }
    })
}

type AtClient<'a, 'b> = Client<'a, Wire<'a, 'b>, 1024>;
type Urcs = atat::UrcSubscription<'static, Urc, 4, 1>;

struct Atat<'a, 'b> {
    client: AtClient<'a, 'b>,
    ingress: &'b RefCell<In<'a>>,
    urcs: Urcs,
}

impl Driver for Atat<'_, '_> {
    const OBJECTS: usize = size_of::<In<'_>>() + size_of::<AtClient<'_, '_>>() + size_of::<Urcs>();
    const MESSAGE: &'static [u8] = job::PLAIN_MESSAGE;

    #[inline(never)]
    fn session(&mut self) -> bool {
        let Self { client, urcs, .. } = self;
        let configure = |key, cloud, data| CfgCloud { key, id: 0, cloud, data };
        let mut ok = client.send(&configure("cloud", 2, 1)).is_ok();
        ok &= client
            .send(&CfgAuth {
                key: "aliauth",
                id: 0,
                product_key: job::PRODUCT_KEY,
                device_name: job::DEVICE_NAME,
                device_secret: job::DEVICE_SECRET,
            })
            .is_ok();
        ok &= client.send(&Open { id: 0, host: job::HOST, port: 1883 }).is_ok();
        ok &= matches!(urcs.try_next_message_pure(), Some(Urc::Result { command: 0, fields: [0, 0, ..] }));
        ok &= client.send(&Conn { id: 0, client_id: "NT35E" }).is_ok();
        ok &= matches!(urcs.try_next_message_pure(), Some(Urc::Result { command: 1, fields: [0, 0, 0, ..] }));
        ok &= client.send(&Sub { id: 0, flag: 0, msg_id: 1, topic: job::TOPIC, qos: 1 }).is_ok();
        ok &= matches!(urcs.try_next_message_pure(), Some(Urc::Result { command: 2, fields: [0, 1, 0, 1] }));
        let payload = "1122334455";
        let publish =
            Publish { id: 0, msg_id: 2, qos: 1, retain: 0, topic: job::TOPIC, len: payload.len() as u16, payload };
        ok &= client.send(&publish).is_ok();
        ok & matches!(urcs.try_next_message_pure(), Some(Urc::Result { command: 3, fields: [0, 2, 0, ..] }))
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) -> bool {
        self.feed(core::slice::from_ref(&byte))
    }

    #[inline(always)]
    fn feed(&mut self, chunk: &[u8]) -> bool {
        self.ingress.borrow_mut().try_write(chunk).is_ok() && !self.urcs.is_empty()
    }

    #[inline(always)]
    fn take(&mut self) -> usize {
        match self.urcs.try_next_message_pure() {
            Some(Urc::Message { topic, payload }) => topic.len() + payload.len(),
            _ => 0,
        }
    }
}
