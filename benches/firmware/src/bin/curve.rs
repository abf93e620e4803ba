//! What a received message costs by the length of its payload: byte by byte, in chunks of 64, and read in pieces.
#![no_std]
#![no_main]

use core::cell::RefCell;
use cortex_m_rt::entry;
use nt35e::at::{Engine, Event, Piece, Push, Step};
use nt35e::{Buffers, DIALECT};
use nt35e_bench_firmware::drive::{feed, now, take};
use nt35e_bench_firmware::wire::copy;
use nt35e_bench_firmware::{finish, report_row, start, ticks};

const LENGTHS: [usize; 10] = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];
const HEADER: &[u8] = b"\r\n+LMQTTURC: RECV,0,1,\"/a1JszCpjS61/NT35E_06011/user/get\",";
const LONGEST: usize = HEADER.len() + 8192 + 16;

#[entry]
fn main() -> ! {
    static mut RX: [u8; 128] = [0; 128];
    static mut TX: [u8; 64] = [0; 64];
    static mut INBOX: [u8; 9000] = [0; 9000];
    static mut SMALL_RX: [u8; 128] = [0; 128];
    static mut SMALL_TX: [u8; 64] = [0; 64];
    static mut SMALL_INBOX: [u8; 64] = [0; 64];
    static mut MESSAGE: [u8; LONGEST] = [b'x'; LONGEST];
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let mut engine = Engine::new(Buffers::new(RX, TX, INBOX), &DIALECT);
    let mut reader = Engine::new(Buffers::new(SMALL_RX, SMALL_TX, SMALL_INBOX), &DIALECT);
    let memory = RefCell::new(MESSAGE);

    let mut ok = true;
    for length in LENGTHS {
        let mut memory = memory.borrow_mut();
        let bytes = message(&mut memory[..], length);
        let expected = "/a1JszCpjS61/NT35E_06011/user/get".len() + length;
        // The first one is not counted: it finds the buffers as the one before left them.
        let mut cost = [0; 3];
        for _ in 0..2 {
            let begin = ticks();
            let (present, mut read) = (now(), 0);
            for &byte in bytes {
                if engine.push(byte) == Push::Due && engine.poll(present) == Step::Event {
                    read += take(&mut engine);
                }
            }
            cost[0] = ticks() - begin;
            ok &= read == expected;
            let begin = ticks();
            let mut read = 0;
            for chunk in bytes.chunks(64) {
                read += feed(&mut engine, chunk);
            }
            cost[1] = ticks() - begin;
            ok &= read == expected;
            let begin = ticks();
            ok &= length <= 64 || read_in_pieces(&mut reader, bytes) == Some(length);
            cost[2] = if length <= 64 { 0 } else { ticks() - begin };
        }
        report_row("curve", &[length as u64, bytes.len() as u64, cost[0], cost[1], cost[2]]);
    }
    finish(ok)
}

/// A whole message with a payload of this length.
fn message(memory: &mut [u8], length: usize) -> &[u8] {
    copy(memory, HEADER);
    let mut end = HEADER.len();
    let mut divisor = 1000;
    while divisor > 0 {
        if length >= divisor {
            memory[end] = b'0' + (length / divisor % 10) as u8;
            end += 1;
        }
        divisor /= 10;
    }
    memory[end] = b',';
    memory[end + 1..end + 1 + length].fill(b'x');
    end += 1 + length;
    copy(&mut memory[end..], b"\r\n");
    &memory[..end + 2]
}

/// Feeds chunks of 64, and reads the payload of the large message as it comes.
fn read_in_pieces(engine: &mut Engine<'_>, bytes: &[u8]) -> Option<usize> {
    let mut piece = [0; 64];
    let mut read = 0;
    let mut is_announced = false;
    let mut chunks = bytes.chunks(64);
    loop {
        if is_announced {
            match engine.read_payload(&mut piece) {
                Piece::Bytes(count) => {
                    read += count;
                    continue;
                }
                Piece::Wait => {}
                Piece::End => return Some(read),
                Piece::Broken => return None,
            }
        }
        let mut chunk = chunks.next()?;
        while !chunk.is_empty() {
            let slot = engine.receive();
            let count = chunk.len().min(slot.len());
            copy(slot, chunk);
            engine.received(count);
            chunk = &chunk[count..];
        }
        if !is_announced && engine.poll(now()) == Step::Event {
            is_announced = matches!(engine.event(), Some(Event::LargeMessage { .. }));
        }
    }
}
