//! Bytes as they pass, put together to entries that a reader can read.

use core::time::Duration;

use super::Entry;

/// Bytes of one direction that follow each other faster than this belong to one entry: a byte at 9600 baud takes 1 ms.
const SAME_ENTRY: Duration = Duration::from_millis(2);

/// Writes down what goes over the line, in the order in which it is told.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    entries: Vec<Entry>,
    last_at: Duration,
}

impl Recorder {
    /// Nothing has been said yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes bytes from the host.
    pub fn host_sent(&mut self, at: Duration, bytes: &[u8]) {
        let follows = self.follows(at);
        match self.entries.last_mut() {
            Some(Entry::FromHost { bytes: earlier, .. }) if follows => earlier.extend_from_slice(bytes),
            _ => self.entries.push(Entry::FromHost { at, bytes: bytes.to_vec() }),
        }
    }

    /// Notes bytes from the modem.
    pub fn modem_sent(&mut self, at: Duration, bytes: &[u8]) {
        let follows = self.follows(at);
        match self.entries.last_mut() {
            Some(Entry::FromModem { bytes: earlier, .. }) if follows => earlier.extend_from_slice(bytes),
            _ => self.entries.push(Entry::FromModem { at, bytes: bytes.to_vec() }),
        }
    }

    /// Everything so far; the time of an entry is that of its first bytes.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Gives everything so far, but for the last entry, to which more bytes may still belong; each is given once.
    pub fn take_complete(&mut self) -> Vec<Entry> {
        let last = self.entries.len().saturating_sub(1);
        self.entries.drain(..last).collect()
    }

    /// Gives everything so far; each entry is given once.
    pub fn take_all(&mut self) -> Vec<Entry> {
        core::mem::take(&mut self.entries)
    }

    fn follows(&mut self, at: Duration) -> bool {
        let follows = at.saturating_sub(self.last_at) < SAME_ENTRY;
        self.last_at = at;
        follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_in_a_row_are_one_entry() {
        let ms = Duration::from_millis;
        let mut recorder = Recorder::new();
        recorder.host_sent(ms(1), b"A");
        recorder.host_sent(ms(2), b"T");
        recorder.modem_sent(ms(2), b"O");
        recorder.modem_sent(ms(3), b"K");
        recorder.modem_sent(ms(5), b"!");
        let lines: Vec<String> = recorder.entries().iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["> 1ms AT", "< 2ms OK", "< 5ms !"]);
        assert_eq!(recorder.take_complete().len(), 2);
        assert_eq!(recorder.entries().len(), 1);
    }
}
