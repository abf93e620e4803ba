//! How surely a message arrives, and the number by which its acknowledgement is known.

use core::num::NonZeroU16;

/// MQTT quality of service.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum QoS {
    /// 0: sent once, never acknowledged.
    #[default]
    AtMostOnce = 0,
    /// 1: acknowledged, and possibly delivered more than once.
    AtLeastOnce = 1,
    /// 2: delivered once. Aliyun does not support publishing at this level.
    ExactlyOnce = 2,
}

/// The message id of a publish with acknowledgement, or of a subscription: 1 to 65535.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MessageId(NonZeroU16);

impl MessageId {
    /// The first one.
    pub const FIRST: Self = Self(NonZeroU16::MIN);

    /// The id `number`; none for 0, which stands for "no acknowledgement".
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// The id after this one; 1 comes after 65535.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(number) => Self(number),
            None => Self::FIRST,
        }
    }
}

/// A quality of service with the message id that belongs to it: a message at QoS 0 has none (`protocol.md` §3.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Delivery {
    /// QoS 0.
    AtMostOnce,
    /// QoS 1.
    AtLeastOnce(MessageId),
    /// QoS 2.
    ExactlyOnce(MessageId),
}

impl Delivery {
    /// The quality of service `qos`, with `message_id` where one is needed.
    pub const fn new(qos: QoS, message_id: MessageId) -> Self {
        match qos {
            QoS::AtMostOnce => Self::AtMostOnce,
            QoS::AtLeastOnce => Self::AtLeastOnce(message_id),
            QoS::ExactlyOnce => Self::ExactlyOnce(message_id),
        }
    }

    /// The quality of service.
    pub const fn qos(self) -> QoS {
        match self {
            Self::AtMostOnce => QoS::AtMostOnce,
            Self::AtLeastOnce(_) => QoS::AtLeastOnce,
            Self::ExactlyOnce(_) => QoS::ExactlyOnce,
        }
    }

    /// The number that goes on the wire as message id: 0 at QoS 0.
    pub const fn wire_id(self) -> u16 {
        match self {
            Self::AtMostOnce => 0,
            Self::AtLeastOnce(message_id) | Self::ExactlyOnce(message_id) => message_id.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, MessageId, QoS};

    #[test]
    fn message_ids_go_round_without_zero() {
        assert_eq!(MessageId::new(0), None);
        assert_eq!(MessageId::FIRST.next().get(), 2);
        assert_eq!(MessageId::new(65_535).unwrap().next(), MessageId::FIRST);
    }

    #[test]
    fn only_an_acknowledged_delivery_has_an_id() {
        let id = MessageId::new(7).unwrap();
        assert_eq!(Delivery::new(QoS::AtMostOnce, id).wire_id(), 0);
        assert_eq!(Delivery::new(QoS::AtLeastOnce, id).wire_id(), 7);
        assert_eq!(Delivery::new(QoS::ExactlyOnce, id), Delivery::ExactlyOnce(id));
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
            assert_eq!(Delivery::new(qos, id).qos(), qos);
        }
    }
}
