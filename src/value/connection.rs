//! Which of the modem's MQTT connections.

use super::{Field, InvalidField, Rule};

/// The `tcpconnectID` of the modem's manual, 0 to 4.
///
/// At present the firmware supports only 0 (`protocol.md` §3), which is the default.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ConnectionId(u8);

impl ConnectionId {
    /// Connection 0.
    pub const FIRST: Self = Self(0);

    /// Connection `number`.
    ///
    /// # Errors
    /// If it is over 4.
    pub const fn new(number: u8) -> Result<Self, InvalidField> {
        if number <= 4 {
            Ok(Self(number))
        } else {
            Err(InvalidField::new(Field::Setting, Rule::Between { least: 0, most: 4, actual: number as u32 }))
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionId;

    #[test]
    fn connections_count_from_0_to_4() {
        assert_eq!(ConnectionId::new(4).unwrap().get(), 4);
        assert!(ConnectionId::new(5).is_err());
        assert_eq!(ConnectionId::default().get(), 0);
    }
}
