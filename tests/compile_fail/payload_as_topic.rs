//! What was not checked as a topic is none.

use nt35e::command::PublishHead;
use nt35e::{ConnectionId, Delivery};

fn main() {
    let payload = b"{\"t\":21}";
    let _ = PublishHead { connection: ConnectionId::FIRST, delivery: Delivery::AtMostOnce, retain: false, topic: payload };
}
