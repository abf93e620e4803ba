//! What is put to the test: the driver, with what keeps it connected. There are two: [`plain`](crate::plain), and
//! [`supervised`](crate::supervised).

use core::time::Duration;

use nt35e::{Counters, Error, Event};

use crate::bench::GET;
use crate::journal::Journal;

/// A firmware.
pub(crate) trait Firmware {
    /// Lives on for a moment, and writes down what happened.
    fn live(&mut self, journal: &mut Journal);

    /// How long after the last fault, which ended then, messages have to come through in either direction.
    fn back_within(&self, since: Duration) -> Duration;

    /// Publishes nothing any more, if that keeps it from coming to rest.
    fn publish_no_more(&mut self) {}

    /// The driver's counters.
    fn counters(&self) -> Counters;
}

/// The driver has handed out everything if nothing happens for so long.
pub(crate) const QUIET: Duration = Duration::from_secs(3);
/// For a byte of a large message.
pub(crate) const NEXT_BYTE: Duration = Duration::from_secs(2);

pub(crate) type Failure = Error<core::convert::Infallible>;

/// What an event leaves to do.
pub(crate) enum Told {
    Message(Vec<u8>),
    Large(usize),
    Lost(usize),
    SessionEnded,
    Other,
}

impl From<Event<'_>> for Told {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Message { topic, payload, .. } if topic.as_str() == Some(GET) => Self::Message(payload.to_vec()),
            Event::LargeMessage { length, .. } => Self::Large(length),
            Event::Lost(loss) => Self::Lost(loss.frames as usize),
            Event::Disconnected(_) | Event::Restarted(_) => Self::SessionEnded,
            _ => Self::Other,
        }
    }
}

/// Not every error can come of a fault.
pub(crate) fn check(error: &Failure) {
    let is_ours = matches!(error, Error::Uart(_) | Error::Closed | Error::Invalid(_) | Error::TxTooSmall { .. });
    assert!(!is_ours, "no fault makes this error: {error:?}");
}
