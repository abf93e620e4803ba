//! Waiting for the message with the credentials, which comes without a subscription, and reading it.
//!
//! ```text
//!  accepted ──message on /ext/register or /ext/regnwl──► credentials, or why they are of no use
//!      │
//!      ├── session ended, modem restarted ──► LinkLost; at about 15 s, when the platform itself closes, NoMessage
//!      └── 15 s ──► NoMessage
//! ```

use super::{ANSWERED_WITHIN, Registered, Registrant, RegistrationFailure};
use crate::aliyun::json::{Value, pick};
use crate::time::{Duration, Instant};
use crate::urc::Event;

/// Where the message comes. The vendor's documents name the first for both kinds, its SDKs the second for devices that are not
/// pre-registered (`aliyun.md` §4a), so what is in it tells them apart.
const TOPICS: [&str; 2] = ["/ext/register", "/ext/regnwl"];

/// Closing this long before the end of its 15 s, the platform may have meant it: both clocks run, and the way takes time.
const JITTER: Duration = Duration::from_secs(1);

/// A registration that the platform has accepted, and whose credentials are yet to come.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pending<'a> {
    registrant: Registrant<'a>,
    since: Instant,
}

impl<'a> Pending<'a> {
    pub(super) const fn new(registrant: Registrant<'a>, since: Instant) -> Self {
        Self { registrant, since }
    }

    /// Takes the next event, or none, at this time. The credentials; none if they are still to come.
    ///
    /// # Errors
    /// Why they will not come any more, or are of no use.
    pub fn observe(&self, event: Option<Event<'_>>, now: Instant) -> Result<Option<Registered>, RegistrationFailure> {
        self.conclude(event.map_or(Ok(None), |event| self.read(event)), now)
    }

    /// What an event says, whenever it came.
    pub(crate) fn read(&self, event: Event<'_>) -> Result<Option<Registered>, RegistrationFailure> {
        match event {
            Event::Message { topic, payload, .. } if TOPICS.iter().any(|known| topic == **known) => {
                read(payload, self.registrant).map(Some)
            }
            Event::LargeMessage { topic, length, .. } if TOPICS.iter().any(|known| topic == **known) => {
                Err(RegistrationFailure::TooLarge { length })
            }
            Event::Disconnected(_) | Event::Restarted(_) => Err(RegistrationFailure::LinkLost),
            _ => Ok(None),
        }
    }

    /// What that means at this time.
    pub(crate) fn conclude(
        &self,
        read: Result<Option<Registered>, RegistrationFailure>,
        now: Instant,
    ) -> Result<Option<Registered>, RegistrationFailure> {
        match read {
            Ok(None) if self.left(now) == Duration::from_millis(0) => Err(RegistrationFailure::NoMessage),
            Err(RegistrationFailure::LinkLost) if self.left(now) <= JITTER => Err(RegistrationFailure::NoMessage),
            read => read,
        }
    }

    /// How long the message may still take.
    pub(crate) fn left(&self, now: Instant) -> Duration {
        let passed = now.as_millis().saturating_sub(self.since.as_millis());
        let left = u64::from(ANSWERED_WITHIN.as_millis()).saturating_sub(passed);
        Duration::from_millis(left as u32)
    }
}

/// The credentials that a payload gives to this device.
fn read(payload: &[u8], registrant: Registrant<'_>) -> Result<Registered, RegistrationFailure> {
    let mut values = [None; 5];
    let names = ["productKey", "deviceName", "deviceSecret", "clientId", "deviceToken"];
    pick(payload, &names, &mut values).ok_or(RegistrationFailure::Malformed)?;
    let [product_key, device_name, device_secret, client_id, device_token] = values;
    let (Some(product_key), Some(device_name)) =
        (product_key.and_then(Value::string), device_name.and_then(Value::string))
    else {
        return Err(RegistrationFailure::Malformed);
    };
    if product_key != registrant.product_key().as_bytes() || device_name != registrant.device_name().as_bytes() {
        return Err(RegistrationFailure::AnotherDevice);
    }
    let registered = match (device_secret, client_id, device_token) {
        (Some(secret), _, None) => plain(secret).and_then(|secret| Registered::with_device_secret(secret).ok()),
        (None, Some(client_id), Some(token)) => plain(client_id)
            .zip(plain(token))
            .and_then(|(client_id, token)| Registered::with_token(client_id, token).ok()),
        _ => None,
    };
    registered.ok_or(RegistrationFailure::Malformed)
}

/// A text without escapes. One with them is not what is meant, and a secret is never taken for another.
fn plain<'t>(value: Value<'t>) -> Option<&'t str> {
    core::str::from_utf8(value.string()?).ok().filter(|text| !text.contains('\\'))
}

#[cfg(test)]
mod tests;
