//! The thing model alone: properties told, their reply read, properties set and that answered.

use core::hint::black_box;

use nt35e::{ReceivedTopic, Triple};

use crate::{PaintedStack, finish, job, report, start, ticks};

/// What the platform sends, each with its topic.
pub const REPLY: [&[u8]; 2] = [
    b"/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post_reply",
    b"{\"code\":200,\"data\":{},\"id\":\"1\",\"message\":\"success\",\"method\":\"thing.event.property.post\",\"version\":\"1.0\"}",
];
/// What the platform sends, each with its topic.
pub const SET: [&[u8]; 2] = [
    b"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set",
    b"{\"method\":\"thing.service.property.set\",\"id\":\"160500006\",\"params\":{\"LightSwitch\":0,\"Mode\":1,\"Target\":21.5},\"version\":\"1.0.0\"}",
];

/// What the device sends, each with its topic.
pub const POST: [&[u8]; 2] = [
    b"/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
    b"{\"id\":\"1\",\"version\":\"1.0\",\"params\":{\"LightSwitch\":1,\"Mode\":2,\"Temperature\":-0.5,\"Signal\":-71,\"Uptime\":86400},\"method\":\"thing.event.property.post\",\"sys\":{\"ack\":1}}",
];
/// What the device sends, each with its topic.
pub const ANSWER: [&[u8]; 2] = [
    b"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set_reply",
    b"{\"id\":\"160500006\",\"code\":200,\"data\":{}}",
];

/// A message as it is received.
#[derive(Clone, Copy, Debug)]
pub struct Received {
    /// Where it was sent to.
    pub topic: ReceivedTopic<'static>,
    /// What is in it.
    pub payload: &'static [u8],
}

/// What the firmwares do, or would do.
pub trait Model {
    /// Writes properties; whether topic and payload are as expected.
    fn post(&mut self, expected: [&'static [u8]; 2]) -> bool;
    /// Reads the reply; whether it is one.
    fn reply(&mut self, received: Received) -> bool;
    /// Reads what is to be set and answers; whether both are as expected.
    fn set(&mut self, received: Received, expected: [&'static [u8]; 2]) -> bool;
}

/// Does it, reports, and ends the emulation.
#[inline(always)]
pub fn measure<M: Model>(new: impl FnOnce(Triple<'static>) -> M) -> ! {
    const TRIPLE: Triple<'static> = match Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET) {
        Ok(triple) => triple,
        Err(_) => panic!(),
    };
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let mut model = new(black_box(TRIPLE));
    let received = |[topic, payload]: [&'static [u8]; 2]| Received { topic: ReceivedTopic::new(topic), payload };
    let stack = PaintedStack::new();
    let begin = ticks();
    let mut is_right = model.post(black_box(POST));
    report("post", ticks() - begin);
    let begin = ticks();
    is_right &= model.reply(received(black_box(REPLY)));
    report("reply", ticks() - begin);
    let begin = ticks();
    is_right &= model.set(received(black_box(SET)), black_box(ANSWER));
    report("set", ticks() - begin);
    report("stack", stack.used() as u64);
    finish(is_right)
}
