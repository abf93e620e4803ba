//! An event borrows the inbox: it is gone when the client is used again.

use embedded_io::{Read, ReadReady, Write};
use nt35e::{Clock, Duration, blocking};

fn keep<U: Read + ReadReady + Write, C: Clock>(client: &mut blocking::Client<'_, U, C>) {
    let Ok(Some(event)) = client.next_event(Duration::from_secs(1)) else { return };
    let _ = client.disconnect();
    drop(event);
}

fn main() {}
