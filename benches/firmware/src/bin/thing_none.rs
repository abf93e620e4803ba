//! What the firmware with the thing model is made of, with the topics alone, to be subtracted from its size.
#![no_std]
#![no_main]

use core::hint::black_box;
use cortex_m_rt::entry;
use nt35e::Triple;
use nt35e::aliyun::topics::{Downlink, TopicText, Uplink};
use nt35e_bench_firmware::thing::{Model, Received, measure};

#[entry]
fn main() -> ! {
    measure(|triple| Topics { triple })
}

struct Topics {
    triple: Triple<'static>,
}

impl Model for Topics {
    #[inline(never)]
    fn post(&mut self, [topic, payload]: [&'static [u8]; 2]) -> bool {
        black_box(&mut [0_u8; 256]);
        is(Uplink::PropertyPost.topic(self.triple).ok(), topic) && !black_box(payload).is_empty()
    }

    #[inline(never)]
    fn reply(&mut self, received: Received) -> bool {
        Downlink::of(received.topic, self.triple) == Some(Downlink::PropertyPostReply)
            && !black_box(received.payload).is_empty()
    }

    #[inline(never)]
    fn set(&mut self, received: Received, [topic, payload]: [&'static [u8]; 2]) -> bool {
        black_box(&mut [0_u8; 128]);
        let answer = match Downlink::of(received.topic, self.triple) {
            Some(Downlink::PropertySet) => Uplink::PropertySetReply.topic(self.triple),
            Some(Downlink::Service { identifier }) => Uplink::ServiceReply { identifier }.topic(self.triple),
            Some(Downlink::RrpcRequest { message_id }) => Uplink::RrpcResponse { message_id }.topic(self.triple),
            Some(Downlink::CustomRrpc { message_id, topic }) => {
                Uplink::CustomRrpc { message_id, topic }.topic(self.triple)
            }
            _ => return false,
        };
        is(answer.ok(), topic) && !black_box(payload).is_empty()
    }
}

fn is(topic: Option<TopicText>, expected: &[u8]) -> bool {
    topic.is_some_and(|topic| topic.as_bytes() == expected)
}
