//! How much memory the futures take, beyond the buffers.

use core::mem::size_of_val;

use nt35e::{Duration, Network, Publish, QoS};

use crate::bench::{Uart, plain};
use crate::rig::{GET, Memory, UPDATE, triple};

/// What `docs/dropping.md` promises.
const LIMIT: usize = 512;

#[test]
fn the_futures_are_small() {
    let (bench, mut memory) = (plain(), Memory::typical());
    let mut client = Uart::new(&bench).client(&mut memory);
    println!("Client          {:4} bytes", size_of_val(&client));
    let message = Publish::new(UPDATE, b"x");
    let sizes = [
        ("bring_up", size_of_future(client.bring_up(&Network::default()))),
        ("connect_aliyun", size_of_future(client.connect_aliyun(triple()))),
        ("subscribe", size_of_future(client.subscribe(GET, QoS::AtLeastOnce))),
        ("publish", size_of_future(client.publish(&message))),
        ("disconnect", size_of_future(client.disconnect())),
        ("next_event", size_of_future(client.next_event(Duration::from_secs(1)))),
        ("read_payload", size_of_future(client.read_payload(&mut [], Duration::from_secs(1)))),
    ];
    for (name, size) in sizes {
        println!("{name:15} {size:4} bytes");
        assert!(size < LIMIT, "the future of {name} takes {size} bytes");
    }
}

fn size_of_future<F: Future>(_future: F) -> usize {
    size_of::<F>()
}
