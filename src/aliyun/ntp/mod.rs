//! The time from the platform (`aliyun.md` §6): asked for at QoS 0, answered with two points in time of its own.
//!
//! ```
//! use nt35e::aliyun::ntp::Request;
//! use nt35e::{Duration, Instant};
//!
//! // Published to `Uplink::NtpRequest` at QoS 0.
//! let request = Request::new(Instant::from_millis(100));
//! assert_eq!(request.payload(), br#"{"deviceSendTime":"100"}"#);
//! // Received at `Downlink::NtpResponse`, 25 ms later.
//! let answer = br#"{"deviceSendTime":"100","serverRecvTime":"1010","serverSendTime":"1015"}"#;
//! let time = request.answer(answer, Instant::from_millis(125))?;
//! assert_eq!(time.unix_millis(), 1_025);
//! assert_eq!(time.error_bound(), Duration::from_millis(13));
//! assert_eq!(time.at(Instant::from_millis(5_125)), 6_025);
//! # Ok::<(), nt35e::aliyun::ntp::NtpError>(())
//! ```

mod response;

use crate::time::{Duration, Instant};

/// What comes before and after the digits.
const PAYLOAD: [&[u8]; 2] = [b"{\"deviceSendTime\":\"", b"\"}"];

/// A question for the time.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Request {
    sent: Instant,
    payload: [u8; 31],
    length: usize,
}

impl Request {
    /// A question that is sent now, by the device's own clock. Make it just before it is published.
    pub fn new(now: Instant) -> Self {
        let mut request = Self { sent: now, payload: [0; 31], length: 0 };
        let mut digits = [0; 10];
        let mut first = digits.len();
        let mut rest = request.mark();
        for (index, place) in digits.iter_mut().enumerate().rev() {
            *place = b'0'.wrapping_add((rest % 10) as u8);
            first = index;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let [before, behind] = PAYLOAD;
        let pieces = [before, digits.get(first..).unwrap_or_default(), behind];
        for (place, byte) in request.payload.iter_mut().zip(pieces.into_iter().flatten()) {
            *place = *byte;
            request.length = request.length.wrapping_add(1);
        }
        request
    }

    /// The payload for `Uplink::NtpRequest`, which the platform answers at QoS 0 only.
    pub fn payload(&self) -> &[u8] {
        self.payload.get(..self.length).unwrap_or_default()
    }

    /// The time that an answer gives, which was received at this point by the device's own clock.
    ///
    /// Numbers may be text or not, in any order, with other members among them.
    ///
    /// # Errors
    /// If the payload is not such an answer, answers another question, or cannot be true.
    pub fn answer(&self, payload: &[u8], received: Instant) -> Result<Time, NtpError> {
        let response = response::read(payload).ok_or(NtpError::Malformed)?;
        if response.device_send_time != u64::from(self.mark()) {
            return Err(NtpError::AnotherQuestion);
        }
        self.time(response.server_receive_time, response.server_send_time, received).ok_or(NtpError::Implausible)
    }

    /// What tells the answer to this question from others: the low half of the time, which is the device's own affair.
    const fn mark(&self) -> u32 {
        self.sent.as_millis() as u32
    }

    /// The answer left at `server_send`, and was on its way for at most what was not spent in the platform. In the middle of that the
    /// error is smallest: half of it. All of the four are cut to milliseconds, which adds up to three more.
    fn time(&self, server_receive: u64, server_send: u64, received: Instant) -> Option<Time> {
        let round_trip = received.as_millis().checked_sub(self.sent.as_millis())?;
        let in_platform = server_send.checked_sub(server_receive)?;
        // Cut to milliseconds, the part may seem longer by one than the whole.
        if in_platform > round_trip.saturating_add(1) {
            return None;
        }
        let on_the_way = round_trip.saturating_sub(in_platform);
        let unix_millis = server_send.checked_add(on_the_way / 2)?;
        let error = u32::try_from(on_the_way.div_ceil(2).saturating_add(3)).ok()?;
        Some(Time { received, unix_millis, error: Duration::from_millis(error) })
    }
}

/// The time at a point of the device's own clock, and how far off it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Time {
    received: Instant,
    unix_millis: u64,
    error: Duration,
}

impl Time {
    /// Milliseconds since the start of 1970, UTC, when the answer was received.
    pub const fn unix_millis(&self) -> u64 {
        self.unix_millis
    }

    /// How far the time may be off at most, in either direction, if the platform's is right: half of the time that question and answer
    /// were on their way, and 3 ms.
    pub const fn error_bound(&self) -> Duration {
        self.error
    }

    /// Milliseconds since the start of 1970 at another point of the device's own clock. What that clock gains or loses in between adds
    /// to the error.
    pub const fn at(&self, now: Instant) -> u64 {
        self.unix_millis.wrapping_add(now.as_millis().wrapping_sub(self.received.as_millis()))
    }
}

/// Why an answer gives no time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NtpError {
    /// It is not a JSON object with the three numbers, each once.
    Malformed,
    /// It answers another question, such as one that was given up.
    AnotherQuestion,
    /// It was in the platform for longer than from question to answer, or before the question, or the numbers are beyond all times.
    Implausible,
}

impl core::fmt::Display for NtpError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "not an answer with a time",
            Self::AnotherQuestion => "the answer to another question",
            Self::Implausible => "an answer that cannot be true",
        })
    }
}

impl core::error::Error for NtpError {}

#[cfg(test)]
mod tests;
