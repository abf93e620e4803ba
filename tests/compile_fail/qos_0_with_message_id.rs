//! A delivery at QoS 0 has no message id.

use nt35e::{Delivery, MessageId};

fn main() {
    let _ = Delivery::AtMostOnce(MessageId::FIRST);
}
