//! Messages that wait for the broker: a queue in the caller's memory, sent from in order, kept until confirmed.

use crate::at::bytes::{after, after_mut, before, between, copy, move_down};
use crate::client::Publish;
use crate::value::QoS;

/// Bytes that a message takes beside its topic and payload.
const HEAD: usize = 10;
const RETAIN: u8 = 0b0100;
const REPEATED: u8 = 0b1000;

/// By which a message of the outbox is known when its fate is told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ticket(u32);

impl Ticket {
    /// Its number. They are given one after the other, and begin anew after 2³².
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// There is no room for another message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Full {
    pub(super) needed: usize,
    pub(super) free: usize,
}

/// The oldest message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting<'a> {
    pub(super) ticket: Ticket,
    pub(super) message: Publish<'a>,
    /// The broker may have it already.
    pub(super) may_repeat: bool,
    pub(super) refusals: u8,
}

/// A queue of messages, in memory that the caller gives: each takes its topic, its payload and 10 bytes.
///
/// A message stays until the broker has confirmed it, over any number of sessions and restarts of the modem. It is gone
/// when the host restarts.
///
/// ```
/// use nt35e::supervisor::Outbox;
/// let mut memory = [0; 1024];
/// let outbox = Outbox::new(&mut memory);
/// assert!(outbox.is_empty());
/// ```
pub struct Outbox<'q> {
    memory: &'q mut [u8],
    /// Where the oldest begins, and where the next will. What is before and behind is free.
    next: usize,
    tail: usize,
    count: usize,
    tickets: u32,
}

impl<'q> Outbox<'q> {
    /// An empty one. Without memory, nothing can be published.
    pub const fn new(memory: &'q mut [u8]) -> Self {
        Self { memory, next: 0, tail: 0, count: 0, tickets: 0 }
    }

    /// How many messages wait.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether none waits.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes that are free: the next message needs its topic, its payload, and 10 of them.
    pub const fn free(&self) -> usize {
        self.memory.len().saturating_sub(self.tail.saturating_sub(self.next))
    }

    /// Copies a message into the queue.
    pub(super) fn push(&mut self, message: &Publish<'_>) -> Result<Ticket, Full> {
        let Publish { topic, payload, qos, retain } = *message;
        let needed = topic.len().saturating_add(payload.len()).saturating_add(HEAD);
        let (free, ticket) = (self.free(), self.tickets);
        let lengths = (u16::try_from(topic.len()), u16::try_from(payload.len()));
        let (Ok(topic_length), Ok(payload_length), true) = (lengths.0, lengths.1, needed <= free) else {
            return Err(Full { needed, free });
        };
        if self.memory.len().saturating_sub(self.tail) < needed {
            let length = self.tail.saturating_sub(self.next);
            move_down(self.memory, self.next, 0, length);
            self.next = 0;
            self.tail = length;
        }
        let flags = qos as u8 | if retain { RETAIN } else { 0 };
        let [t0, t1] = topic_length.to_le_bytes();
        let [p0, p1] = payload_length.to_le_bytes();
        let [n0, n1, n2, n3] = ticket.to_le_bytes();
        let slot = after_mut(self.memory, self.tail);
        copy(slot, &[t0, t1, p0, p1, n0, n1, n2, n3, flags, 0]);
        copy(after_mut(slot, HEAD), topic.as_bytes());
        copy(after_mut(slot, HEAD.saturating_add(topic.len())), payload);
        self.tail = self.tail.saturating_add(needed);
        self.count = self.count.saturating_add(1);
        self.tickets = ticket.wrapping_add(1);
        Ok(Ticket(ticket))
    }

    /// The message whose turn it is.
    pub(super) fn oldest(&self) -> Option<Waiting<'_>> {
        let record = between(self.memory, self.next, self.tail);
        let (&[t0, t1, p0, p1, n0, n1, n2, n3, flags, refusals], texts) = record.split_first_chunk::<HEAD>()?;
        let topic_length = usize::from(u16::from_le_bytes([t0, t1]));
        let topic = core::str::from_utf8(before(texts, topic_length)).unwrap_or_default();
        let payload = before(after(texts, topic_length), usize::from(u16::from_le_bytes([p0, p1])));
        let qos = match flags & 0b11 {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        };
        Some(Waiting {
            ticket: Ticket(u32::from_le_bytes([n0, n1, n2, n3])),
            message: Publish { topic, payload, qos, retain: flags & RETAIN != 0 },
            may_repeat: flags & REPEATED != 0,
            refusals,
        })
    }

    /// From now on the broker may have the oldest message.
    pub(super) fn may_repeat(&mut self) {
        if let Some([.., flags, _]) = self.head() {
            *flags |= REPEATED;
        }
    }

    /// The oldest message was refused once more.
    pub(super) fn refused(&mut self) {
        if let Some([.., refusals]) = self.head() {
            *refusals = refusals.saturating_add(1);
        }
    }

    /// Takes the oldest message out.
    pub(super) fn pop(&mut self) {
        let Some(Waiting { message, .. }) = self.oldest() else { return };
        let length = HEAD.saturating_add(message.topic.len()).saturating_add(message.payload.len());
        self.next = self.next.saturating_add(length);
        self.count = self.count.saturating_sub(1);
    }

    fn head(&mut self) -> Option<&mut [u8; HEAD]> {
        if self.is_empty() { None } else { after_mut(self.memory, self.next).first_chunk_mut() }
    }
}

impl core::fmt::Debug for Outbox<'_> {
    /// Prints no content.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let (count, free) = (self.count, self.free());
        formatter.debug_struct("Outbox").field("len", &count).field("free", &free).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Full, HEAD, Outbox, Waiting};
    use crate::client::Publish;
    use crate::value::QoS;
    use proptest::prelude::{Strategy, any, prop_assert_eq, proptest};
    use std::collections::VecDeque;
    use std::string::String;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn messages_come_out_as_they_went_in() {
        let mut memory = [0; 64];
        let mut outbox = Outbox::new(&mut memory);
        let first = Publish::new("a/b", b"\0\xff\r\n").qos(QoS::AtLeastOnce);
        let second = Publish::new("c", b"").qos(QoS::ExactlyOnce).retain(true);
        let tickets = [outbox.push(&first).unwrap(), outbox.push(&second).unwrap()];
        assert_eq!((tickets[0].number(), tickets[1].number(), outbox.len()), (0, 1, 2));
        outbox.may_repeat();
        outbox.refused();
        let Waiting { ticket, message, may_repeat, refusals } = outbox.oldest().unwrap();
        assert_eq!((ticket, message, may_repeat, refusals), (tickets[0], first, true, 1));
        outbox.pop();
        let Waiting { ticket, message, may_repeat, refusals } = outbox.oldest().unwrap();
        assert_eq!((ticket, message, may_repeat, refusals), (tickets[1], second, false, 0));
        outbox.pop();
        assert!(outbox.oldest().is_none() && outbox.is_empty());
        outbox.pop();
        outbox.may_repeat();
        assert_eq!(outbox.len(), 0);
    }

    #[test]
    fn what_does_not_fit_is_refused_and_changes_nothing() {
        let mut memory = [0; HEAD + 3];
        let mut outbox = Outbox::new(&mut memory);
        assert_eq!(outbox.push(&Publish::new("t", b"abc")), Err(Full { needed: HEAD + 4, free: HEAD + 3 }));
        outbox.push(&Publish::new("t", b"ab")).unwrap();
        assert_eq!(outbox.push(&Publish::new("t", b"")), Err(Full { needed: HEAD + 1, free: 0 }));
        assert_eq!(outbox.oldest().unwrap().message, Publish::new("t", b"ab"));
        assert!(Outbox::new(&mut []).push(&Publish::new("t", b"")).is_err());
    }

    /// What a test does to the queue.
    #[derive(Clone, Debug)]
    enum Step {
        Push(String, Vec<u8>),
        MayRepeat,
        Pop,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let push = ("[a-zä/]{1,9}", proptest::collection::vec(any::<u8>(), 0..20));
        let step = proptest::prop_oneof![
            3 => push.prop_map(|(topic, payload)| Step::Push(topic, payload)),
            1 => proptest::prelude::Just(Step::MayRepeat),
            2 => proptest::prelude::Just(Step::Pop),
        ];
        proptest::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn it_is_a_queue_of_all_that_was_taken_and_of_nothing_else(steps in steps(), size in 0..150_usize) {
            let mut memory = vec![0; size];
            let mut outbox = Outbox::new(&mut memory);
            let mut expected: VecDeque<(String, Vec<u8>, bool)> = VecDeque::new();
            for step in steps {
                match step {
                    Step::Push(topic, payload) => {
                        let used: usize = expected.iter().map(|(topic, payload, _)| topic.len() + payload.len() + HEAD).sum();
                        let fits = topic.len() + payload.len() + HEAD <= size - used;
                        prop_assert_eq!(outbox.push(&Publish::new(&topic, &payload)).is_ok(), fits);
                        if fits {
                            expected.push_back((topic, payload, false));
                        }
                    }
                    Step::MayRepeat => {
                        outbox.may_repeat();
                        if let Some(oldest) = expected.front_mut() {
                            oldest.2 = true;
                        }
                    }
                    Step::Pop => {
                        outbox.pop();
                        expected.pop_front();
                    }
                }
                prop_assert_eq!(outbox.len(), expected.len());
                let oldest = outbox.oldest().map(|oldest| {
                    (oldest.message.topic.into(), oldest.message.payload.to_vec(), oldest.may_repeat)
                });
                prop_assert_eq!(oldest, expected.front().cloned());
            }
        }
    }
}
