//! Reads the platform's answer: a JSON object with three numbers that are wanted, and whatever else.

/// The three points in time, in milliseconds.
pub(super) struct Response {
    pub(super) device_send_time: u64,
    pub(super) server_receive_time: u64,
    pub(super) server_send_time: u64,
}

const NAMES: [&[u8]; 3] = [b"deviceSendTime", b"serverRecvTime", b"serverSendTime"];

/// The answer, if it has each of the three once.
pub(super) fn read(payload: &[u8]) -> Option<Response> {
    let mut times = [None; 3];
    let mut text = Text(payload);
    text.expect(b'{')?;
    loop {
        text.expect(b'"')?;
        let name = text.string()?;
        text.expect(b':')?;
        match NAMES.iter().zip(&mut times).find(|(wanted, _)| **wanted == name) {
            Some((_, Some(_))) => return None,
            Some((_, time)) => *time = Some(text.time()?),
            None => text.skip()?,
        }
        match text.token()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    let [device_send_time, server_receive_time, server_send_time] = times;
    if text.token().is_some() {
        return None;
    }
    Some(Response {
        device_send_time: device_send_time?,
        server_receive_time: server_receive_time?,
        server_send_time: server_send_time?,
    })
}

/// What is still to be read.
struct Text<'t>(&'t [u8]);

impl<'t> Text<'t> {
    /// The next byte.
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next byte that is not white space.
    fn token(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\t' | b'\r' | b'\n' => {}
                byte => return Some(byte),
            }
        }
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.token()? == wanted).then_some(())
    }

    /// The rest of a string, behind its first quote, with its escapes as they are.
    fn string(&mut self) -> Option<&'t [u8]> {
        let all = self.0;
        loop {
            let before = self.0.len();
            match self.byte()? {
                b'"' => return all.get(..all.len().wrapping_sub(before)),
                b'\\' => drop(self.byte()?),
                0..b' ' => return None,
                _ => {}
            }
        }
    }

    /// A number, as it is or as text.
    fn time(&mut self) -> Option<u64> {
        match self.token()? {
            b'"' => {
                let (first, rest) = self.string()?.split_first()?;
                let mut digits = Text(rest);
                let time = digits.number(*first)?;
                digits.0.is_empty().then_some(time)
            }
            first => self.number(first),
        }
    }

    /// The rest of a number without sign, fraction and exponent; what follows it is not looked at.
    fn number(&mut self, first: u8) -> Option<u64> {
        let mut number = digit(first)?;
        while let Some(next) = self.0.first().and_then(|byte| digit(*byte)) {
            if number == 0 {
                // JSON has no zeros in front.
                return None;
            }
            number = number.checked_mul(10)?.checked_add(next)?;
            self.byte()?;
        }
        Some(number)
    }

    /// Leaves out a value. Of what is in it only strings and brackets are looked at, the latter 31 deep.
    fn skip(&mut self) -> Option<()> {
        // Behind a leading one, a bit for each open bracket: set if it is a square one.
        let mut open = 1_u32;
        loop {
            match self.token()? {
                b'"' => drop(self.string()?),
                bracket @ (b'{' | b'[') => {
                    if open.leading_zeros() == 0 {
                        return None;
                    }
                    open = open << 1 | u32::from(bracket == b'[');
                }
                bracket @ (b'}' | b']') => {
                    if open == 1 || (open & 1 == 1) != (bracket == b']') {
                        return None;
                    }
                    open >>= 1;
                }
                b',' | b':' if open > 1 => {}
                byte if is_plain(byte) => {
                    while self.0.first().is_some_and(|byte| is_plain(*byte)) {
                        self.byte()?;
                    }
                }
                _ => return None,
            }
            if open == 1 {
                return Some(());
            }
        }
    }
}

fn digit(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| u64::from(byte.wrapping_sub(b'0')))
}

/// Whether it may be in a number, `true`, `false` or `null`.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}
