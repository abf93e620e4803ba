//! The two directions of the serial line.

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the host to the modem.
    FromHost,
    /// From the modem to the host.
    FromModem,
}

impl Direction {
    /// How it is written: `>` from the host, `<` from the modem.
    pub const fn mark(self) -> char {
        match self {
            Self::FromHost => '>',
            Self::FromModem => '<',
        }
    }

    /// The direction that is written so.
    pub const fn from_mark(mark: char) -> Option<Self> {
        match mark {
            '>' => Some(Self::FromHost),
            '<' => Some(Self::FromModem),
            _ => None,
        }
    }
}
