//! Five properties told, their reply read, three properties set and that answered.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::aliyun::thing_model::{Code, Decimal, Id, Incoming, Message, Thing, WriteError};
use nt35e_bench_firmware::thing::{Model, Received, measure};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    light_switch: bool,
    mode: Mode,
    temperature: Decimal<1>,
    signal: i16,
    uptime: u32,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Settings {
    light_switch: Option<bool>,
    mode: Option<Mode>,
    target: Option<Decimal<1>>,
    interval: Option<u16>,
}

#[derive(Deserialize, PartialEq, Serialize)]
enum Mode {
    #[serde(rename = "0")]
    Off,
    #[serde(rename = "1")]
    Heat,
    #[serde(rename = "2")]
    Cool,
}

#[entry]
fn main() -> ! {
    measure(|triple| Device { thing: Thing::new(triple), posted: None, mode: Mode::Cool })
}

struct Device {
    thing: Thing<'static>,
    posted: Option<Id>,
    mode: Mode,
}

impl Model for Device {
    #[inline(never)]
    fn post(&mut self, expected: [&'static [u8]; 2]) -> bool {
        let properties = Properties {
            light_switch: true,
            mode: core::mem::replace(&mut self.mode, Mode::Off),
            temperature: Decimal::from_units(-5),
            signal: -71,
            uptime: 86_400,
        };
        let post = self.thing.post(&properties);
        self.posted = Some(post.id());
        is(post.write(&mut [0; 256]), expected)
    }

    #[inline(never)]
    fn reply(&mut self, received: Received) -> bool {
        match self.thing.read(received.topic, received.payload) {
            Ok(Incoming::PropertyPostReply(reply)) => {
                self.posted.is_some_and(|id| reply.answers(id)) && reply.code() == Code::SUCCESS
            }
            _ => false,
        }
    }

    #[inline(never)]
    fn set(&mut self, received: Received, expected: [&'static [u8]; 2]) -> bool {
        let Ok(Incoming::PropertySet(call)) = self.thing.read(received.topic, received.payload) else { return false };
        let Ok(settings) = call.params::<Settings>() else { return false };
        let is_right = settings.light_switch == Some(false)
            && settings.mode == Some(Mode::Heat)
            && settings.target == Some(Decimal::from_units(215))
            && settings.interval.is_none();
        is_right & is(self.thing.answer(&call, Code::SUCCESS).write(&mut [0; 128]), expected)
    }
}

fn is(message: Result<Message<'_>, WriteError>, expected: [&[u8]; 2]) -> bool {
    message.is_ok_and(|message| [message.topic().as_bytes(), message.payload()] == expected)
}
