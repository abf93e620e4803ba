//! A triple and a password have no Display.

use nt35e::{Password, Triple};

fn print(triple: Triple<'_>, password: Password<'_>) {
    println!("{triple}");
    println!("{password}");
}

fn main() {}
