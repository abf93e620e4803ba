//! What pairs a request with its reply.

use crate::aliyun::json::Value;

/// The id of a request of the device's: the platform gives it back in the reply.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Id(
    /// The number, which goes over the line as decimal text.
    pub u32,
);

impl Id {
    /// The one after it, which after 4 294 967 295 is 0.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl core::fmt::Display for Id {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// An id as it came: text or a number, and given back so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ReceivedId<'m>(Value<'m>);

impl<'m> ReceivedId<'m> {
    /// Text or a number; anything else is no id.
    pub(super) fn of(value: Value<'m>) -> Option<Self> {
        matches!(value.as_bytes().first(), Some(b'"' | b'-' | b'0'..=b'9')).then_some(Self(value))
    }

    pub(super) fn as_json(self) -> &'m [u8] {
        self.0.as_bytes()
    }

    pub(super) fn is(self, id: Id) -> bool {
        self.0.unsigned() == Some(id.0.into())
    }
}
