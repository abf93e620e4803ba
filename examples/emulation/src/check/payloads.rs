//! What a firmware is sent: everything that a modem may say, everything that a command line may trip over, and noise.

/// The longest payload that a firmware sends back.
pub(super) const LONGEST: usize = 512;

/// So many, each different from the others.
pub(super) fn many(count: usize) -> Vec<Vec<u8>> {
    let mut payloads: Vec<Vec<u8>> = NASTY.iter().map(|payload| payload.to_vec()).collect();
    payloads.extend([b'"', b'\r', b'\n', 0, 0xFF].map(|byte| vec![byte; LONGEST]));
    payloads.extend((0..4).map(every_byte));
    payloads.push(b"\r\nOK\r\n".iter().copied().cycle().take(LONGEST).collect());
    payloads.push(b"+LMQTTURC: RECV,0,1,\"/a/b\",512,".iter().copied().cycle().take(LONGEST).collect());
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15);
    while payloads.len() < count {
        let length = usize::from(noise.byte()) * 2 + 1;
        payloads.push((0..length).map(|_| noise.byte()).collect());
    }
    payloads.truncate(count);
    payloads
}

/// Exactly 512 bytes, in which each value comes twice.
pub(super) fn every_byte(turn: u8) -> Vec<u8> {
    (0..=255).chain(0..=255).map(|byte: u8| byte.wrapping_add(turn.wrapping_mul(37))).collect()
}

const NASTY: &[&[u8]] = &[
    b"",
    b"x",
    b"\r\n",
    b"\r",
    b"\n",
    b"x\r",
    b"x\r\n",
    b"OK",
    b"\r\nOK\r\n",
    b"OK\r\n",
    b"ERROR",
    b"\r\nERROR\r\n",
    b"+CME ERROR: 3",
    b"\r\n+CME ERROR: 3\r\n",
    b"+LMQTTURC: RECV,0,1,\"/a/b\",5,hello",
    b"\r\n+LMQTTURC: RECV,0,1,\"/a/b\",5,hello\r\n",
    b"+LMQTTURC: RECV,",
    b"\r\n+LMQTTURC: STATS,0,1\r\n",
    b"\r\n+LMQTTPUB: 0,3,0\r\n",
    b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n",
    b"\"both ends\"",
    b"\"",
    b"\"\"",
    b"\"begins",
    b"ends\"",
    b"a\",\"b",
    b"\0",
    b"\0\0\0\0",
    b"x\0y",
    b"\x1a",
    b"\x1b",
    b"a\x1ab\x1bc",
    b"> ",
    b"\r\n> ",
    b"\r\n> \r\nOK\r\n",
    b"^boot.rom'v\x01\x00\x82'!\\n",
    b"\r\nLierda NT35E\r\n",
    b"\r\nRDY\r\n",
    b"NORMAL POWER DOWN",
    b"\r\nNORMAL POWER DOWN\r\n",
    b"AT\r\n",
    b"AT+LMQTTCLOSE=0\r\n",
    b"ATE1\r\nAT+CFUN=0,1\r\n",
    b"99999",
    b"{\"id\":\"1\",\"params\":{\"name\":\"hall, \\\"east\\\"\",\"level\":21.5}}",
    b"\xe6\xb8\xa9\xe5\xba\xa6 21.5",
    b"\xff\xfe\x80\xc0",
    b" ",
    b",",
    b"\\r\\n\\0",
];

/// Numbers that look random and are the same in every run.
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        // xorshift64
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) as u8
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn all_are_different_and_none_is_too_long() {
        let payloads = many(100);
        assert_eq!(payloads.len(), 100);
        assert_eq!(payloads.iter().collect::<BTreeSet<_>>().len(), 100);
        assert!(payloads.iter().all(|payload| payload.len() <= LONGEST));
        for length in [0, 1, LONGEST] {
            assert!(payloads.iter().any(|payload| payload.len() == length));
        }
        assert!((0..=255).all(|byte| every_byte(3).contains(&byte)));
    }
}
