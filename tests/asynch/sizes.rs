//! How much memory the futures take, beyond the buffers.

use core::mem::size_of_val;

use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::pipe::Pipe;
use nt35e::asynch::{Client, DelayTimer, Halves, forward};
use nt35e::{BringUp, Duration, Network, Publish, QoS};

use crate::rig::{GET, Memory, UPDATE, triple};

/// What `docs/dropping.md` promises.
const LIMIT: usize = 512;

#[test]
fn the_futures_are_small() {
    let mut memory = Memory::typical();
    let (received, to_send) = (Pipe::<NoopRawMutex, 64>::new(), Pipe::<NoopRawMutex, 16>::new());
    let timer = DelayTimer::new(embassy_time::Delay);
    let mut client = Client::new(Halves { rx: &received, tx: &to_send }, timer, memory.buffers());
    println!("Client          {:4} bytes", size_of_val(&client));
    let message = Publish::new(UPDATE, b"x");
    let sizes = [
        ("bring_up", size_of_future(client.bring_up(&Network::default()))),
        ("bring_up_with", size_of_future(client.bring_up_with(&BringUp::default(), |_| {}))),
        ("connect_aliyun", size_of_future(client.connect_aliyun(triple()))),
        ("subscribe", size_of_future(client.subscribe(GET, QoS::AtLeastOnce))),
        ("publish", size_of_future(client.publish(&message))),
        ("disconnect", size_of_future(client.disconnect())),
        ("next_event", size_of_future(client.next_event(Duration::from_secs(1)))),
        ("read_payload", size_of_future(client.read_payload(&mut [], Duration::from_secs(1)))),
        ("forward", size_of_future(forward(&received, &to_send))),
    ];
    for (name, size) in sizes {
        println!("{name:15} {size:4} bytes");
        assert!(size < LIMIT, "the future of {name} takes {size} bytes");
    }
}

fn size_of_future<F: Future>(_future: F) -> usize {
    size_of::<F>()
}
