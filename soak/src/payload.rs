//! Numbered payloads, of any bytes or of text.

use nt35e_sim::random::Random;

/// What a framer may stumble over.
const STUMBLING_BLOCKS: [&[u8]; 8] = [
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"+LMQTTURC: RECV,0,1,\"t\",5,hello\r\n",
    b"+LMQTTPUB: 0,7,0\r\n",
    b"> ",
    b"\x1a\x1b\0\xff",
    b"\"",
    b"NORMAL POWER DOWN\r\n",
];

/// A payload that no other number has, of at most `longest` bytes but for its number.
pub(crate) fn numbered(
    direction: &str,
    number: usize,
    longest: usize,
    any_bytes: bool,
    random: &mut Random,
) -> Vec<u8> {
    let mut payload = format!("{direction} {number};").into_bytes();
    // Short ones more often.
    let limit = 1 + random.below(longest as u64);
    let length = random.below(limit) as usize;
    while payload.len() < length {
        if any_bytes && random.one_in(4) {
            payload.extend_from_slice(random.pick(&STUMBLING_BLOCKS));
        } else {
            payload.push(b'a' + random.below(26) as u8);
        }
    }
    payload.truncate(longest.max(12));
    payload
}
