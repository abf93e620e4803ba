//! An answer borrows the client: no second command while it is in use.

use embedded_io::{Read, ReadReady, Write};
use nt35e::command::{Attention, Identity};
use nt35e::{Clock, blocking};

fn ask<U: Read + ReadReady + Write, C: Clock>(client: &mut blocking::Client<'_, U, C>) {
    let first = client.execute(&Identity);
    let second = client.execute(&Attention);
    drop((first, second));
}

fn main() {}
