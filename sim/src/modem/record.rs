//! What the modem was handed for the host, and what the serial line did to it: for tests that keep books.

use super::serial::{Byte, Matter};

/// A message that the broker handed to the modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where it was sent to.
    pub topic: String,
    /// What it says.
    pub payload: Vec<u8>,
    /// Whether bytes of it, or of the line around it, were lost, doubled or changed on the line.
    pub is_spoiled: bool,
    /// Bytes of its line; none until it is put on the line.
    length: usize,
    /// How many of them have reached the host.
    arrived: usize,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is still in the modem, or the modem has restarted with it.
    Unsaid,
    /// Not all of it has reached the host.
    CutOff,
    /// All of it has reached the host, but perhaps for the LF at its end, behind the CR.
    Arrived,
}

impl Delivery {
    /// Bytes of its line; none until it is put on the line.
    pub fn length(&self) -> usize {
        self.length
    }

    /// How far it has come.
    pub fn fate(&self) -> Fate {
        match self.arrived {
            0 => Fate::Unsaid,
            arrived if arrived + 1 < self.length => Fate::CutOff,
            _ => Fate::Arrived,
        }
    }
}

/// How many bytes were lost, doubled or changed on the line, beside those of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spoiled {
    /// In the results of commands.
    pub results: u32,
    /// In MQTT commands from the host, and in payloads.
    pub commands: u32,
    /// In everything else.
    pub others: u32,
}

/// The record of a modem.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) deliveries: Vec<Delivery>,
    /// Lines for the host that were no message.
    pub(crate) lines: u32,
    host_lines: HostLines,
    spoiled: Spoiled,
    /// Of lines from the host that are not complete, or may have been of any kind.
    spoiled_host_lines: Vec<usize>,
}

impl Record {
    /// A message has come from the broker.
    pub(crate) fn handed(&mut self, topic: &str, payload: &[u8]) -> Matter {
        let number = self.deliveries.len();
        let (topic, payload) = (topic.to_owned(), payload.to_vec());
        self.deliveries.push(Delivery { topic, payload, is_spoiled: false, length: 0, arrived: 0 });
        Matter::Message(number)
    }

    /// So many bytes of this are put on the line to the host.
    pub(crate) fn said(&mut self, matter: Matter, length: usize) {
        match matter {
            Matter::Message(number) => self.deliveries[number].length = length,
            Matter::Other | Matter::Result | Matter::HostLine(_) => self.lines += 1,
        }
    }

    /// A byte has reached the host.
    pub(crate) fn reached_host(&mut self, byte: Byte) {
        if let Matter::Message(number) = byte.matter {
            self.deliveries[number].arrived += 1;
        }
    }

    /// What a byte is a part of that the host puts on the line.
    pub(crate) fn of_host(&mut self, byte: u8) -> Matter {
        self.host_lines.take(byte)
    }

    /// A byte was lost, doubled or changed.
    pub(crate) fn spoil(&mut self, matter: Matter) {
        match matter {
            Matter::Other => self.spoiled.others += 1,
            Matter::Result => self.spoiled.results += 1,
            Matter::Message(number) => self.deliveries[number].is_spoiled = true,
            Matter::HostLine(number) => self.spoiled_host_lines.push(number),
        }
    }

    /// What was spoiled so far.
    pub(crate) fn spoiled(&self) -> Spoiled {
        let mut spoiled = self.spoiled;
        for number in &self.spoiled_host_lines {
            if self.host_lines.is_harmless(*number) {
                spoiled.others += 1;
            } else {
                spoiled.commands += 1;
            }
        }
        spoiled
    }
}

/// How much of a line tells of what kind it is.
const TELLING: usize = 6;

/// What the host sends, cut at each CR. What is no line, as a payload, is taken for some.
#[derive(Debug, Default)]
struct HostLines {
    /// Of each complete one, whether nothing can come of it but its answer.
    are_harmless: Vec<bool>,
    /// How the present one begins.
    present: Vec<u8>,
}

impl HostLines {
    fn take(&mut self, byte: u8) -> Matter {
        let number = self.are_harmless.len();
        match byte {
            b'\r' => {
                let is_harmless = match self.present[..] {
                    [] | [b'A', b'T'] => true,
                    [b'A', b'T', b'+', next, ..] => next == b'C',
                    [b'A', b'T', next, ..] => next.is_ascii_uppercase(),
                    _ => false,
                };
                self.are_harmless.push(is_harmless);
                self.present.clear();
            }
            b'\n' if self.present.is_empty() => {}
            _ if self.present.len() < TELLING => self.present.push(byte),
            _ => {}
        }
        Matter::HostLine(number)
    }

    fn is_harmless(&self, number: usize) -> bool {
        self.are_harmless.get(number).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_from_the_host_are_told_from_what_books_are_kept_of() {
        let mut record = Record::default();
        let mut matters = Vec::new();
        for line in ["AT\r\n", "ATE0\r\n", "AT+CSQ\r\n", "AT+LMQTTCONN?\r\n", "any payload\r", "and its rest"] {
            let of_bytes: Vec<Matter> = line.bytes().map(|byte| record.of_host(byte)).collect();
            matters.push(of_bytes[0]);
        }
        for matter in matters {
            record.spoil(matter);
        }
        assert_eq!(record.spoiled(), Spoiled { results: 0, commands: 3, others: 3 });
    }
}
