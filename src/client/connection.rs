//! What came of a sign-in: which settings the modem took.

use crate::command::Setting;

/// A session, with what the modem did not agree to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connection {
    refused: u8,
}

/// The settings that a sign-in can do without, each with its bit.
const OPTIONAL: [&str; 8] = ["version", "session", "keepalive", "cache", "send/mode", "recv/mode", "urc", "cloud"];

impl Connection {
    pub(super) const fn new() -> Self {
        Self { refused: 0 }
    }

    pub(super) fn refuse(&mut self, setting: &Setting<'_>) {
        for (bit, key) in OPTIONAL.iter().enumerate() {
            if *key == setting.key() {
                self.refused |= 1_u8.wrapping_shl(bit as u32);
            }
        }
    }

    /// Whether received messages come with the length of their payload. Without it, a payload with CR or LF in it is cut
    /// there, and its rest arrives as [`Event::Line`](crate::Event::Line).
    pub fn length_framed(&self) -> bool {
        self.refused().all(|key| key != "recv/mode")
    }

    /// The settings that the modem refused, by their names in its manual. It keeps its own defaults for these.
    pub fn refused(&self) -> impl Iterator<Item = &'static str> {
        let refused = self.refused;
        let is_refused = move |bit: usize| refused & 1_u8.wrapping_shl(bit as u32) != 0;
        OPTIONAL.into_iter().enumerate().filter(move |(bit, _)| is_refused(*bit)).map(|(_, key)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;
    use crate::command::{PayloadFormat, Setting};

    #[test]
    fn refused_settings_are_named() {
        let mut connection = Connection::new();
        assert!(connection.length_framed());
        connection.refuse(&Setting::result_urcs(true));
        connection.refuse(&Setting::receive_mode(PayloadFormat::Text, true));
        let mut refused = connection.refused();
        assert_eq!((refused.next(), refused.next(), refused.next()), (Some("recv/mode"), Some("urc"), None));
        assert!(!connection.length_framed());
    }
}
