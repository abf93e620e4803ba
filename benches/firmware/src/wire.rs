//! The modem: a script in memory that answers each command line at once.

use core::convert::Infallible;

/// What the driver's UART ends in.
#[derive(Debug)]
pub struct Wire {
    script: core::slice::Iter<'static, &'static [u8]>,
    unread: &'static [u8],
    /// Bytes of a payload that are still to come, and what the modem says to them.
    payload: (usize, &'static [u8]),
}

impl Wire {
    /// A modem that gives these answers, one after the other.
    pub fn new(script: &'static [&'static [u8]]) -> Self {
        Self::with_payload(script, 0, &[])
    }

    /// A modem that, after all these answers, takes a payload of this `length`, and then says this.
    pub fn with_payload(script: &'static [&'static [u8]], length: usize, result: &'static [u8]) -> Self {
        Self { script: script.iter(), unread: &[], payload: (length, result) }
    }

    /// Takes what is sent. With the end of a line, the next answer is there.
    pub fn write(&mut self, bytes: &[u8]) -> usize {
        if self.has_ended() {
            let (left, result) = &mut self.payload;
            *left = left.saturating_sub(bytes.len());
            if *left == 0 {
                self.unread = core::mem::take(result);
            }
        } else if bytes.ends_with(b"\n") {
            self.answer();
        }
        bytes.len()
    }

    /// The next answer is there.
    pub fn answer(&mut self) {
        self.unread = self.script.next().copied().unwrap_or_default();
    }

    /// Hands over as much as `slot` takes.
    pub fn read(&mut self, slot: &mut [u8]) -> usize {
        let count = self.unread.len().min(slot.len());
        copy(slot, self.unread);
        self.unread = self.unread.get(count..).unwrap_or_default();
        count
    }

    /// Whether there is something to read.
    pub fn is_ready(&self) -> bool {
        !self.unread.is_empty()
    }

    /// Whether every answer was given.
    pub fn has_ended(&self) -> bool {
        self.script.as_slice().is_empty()
    }
}

/// Copies `source` to the beginning of `target`: four bytes at a time, without a panic.
pub fn copy(target: &mut [u8], source: &[u8]) {
    let words = source.len().min(target.len()) / 4;
    let (word_targets, _) = target.as_chunks_mut::<4>();
    for (target, source) in word_targets.iter_mut().zip(source.as_chunks().0) {
        *target = *source;
    }
    let (target, source) =
        (target.get_mut(words * 4..).unwrap_or_default(), source.get(words * 4..).unwrap_or_default());
    for (target, source) in target.iter_mut().zip(source) {
        *target = *source;
    }
}

/// A UART with the script at its other end.
#[derive(Debug)]
pub struct Uart(pub Wire);

impl embedded_io::ErrorType for Uart {
    type Error = Infallible;
}

impl embedded_io::ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_ready())
    }
}

impl embedded_io::Read for Uart {
    fn read(&mut self, slot: &mut [u8]) -> Result<usize, Infallible> {
        Ok(self.0.read(slot))
    }
}

impl embedded_io::Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(self.0.write(bytes))
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
