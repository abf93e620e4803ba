//! What the engine reports beside answers, and the memory that it works in.

use super::inbox::Loss;

/// The memory that the caller lends. The driver allocates none.
///
/// | buffer | has to hold | typical | at least |
/// |---|---|---|---|
/// | `rx` | the longest line, and twice the longest answer; of a message only the part before its payload | 256 | 64 |
/// | `tx` | the longest command line; a payload that fits behind it can be sent without the caller | 256 | 64 |
/// | `inbox` | the messages that arrive during a command, with their topics and 26 bytes beside | 512 | 64 |
///
/// ```
/// use nt35e::Buffers;
/// let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
/// let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
/// ```
pub struct Buffers<'b> {
    pub(crate) rx: &'b mut [u8],
    pub(crate) tx: &'b mut [u8],
    pub(crate) inbox: &'b mut [u8],
}

impl<'b> Buffers<'b> {
    /// The three buffers.
    pub const fn new(rx: &'b mut [u8], tx: &'b mut [u8], inbox: &'b mut [u8]) -> Self {
        Self { rx, tx, inbox }
    }
}

impl core::fmt::Debug for Buffers<'_> {
    /// Prints their sizes alone: what an earlier driver left in them may be a secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { rx, tx, inbox } = self;
        let sizes = (rx.len(), tx.len(), inbox.len());
        formatter.debug_tuple("Buffers").field(&sizes).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Buffers<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        let Self { rx, tx, inbox } = self;
        defmt::write!(formatter, "Buffers(({=usize}, {=usize}, {=usize}))", rx.len(), tx.len(), inbox.len());
    }
}

/// What came of reading on in a large message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Piece {
    /// So many bytes were read.
    Bytes(usize),
    /// Nothing more has arrived yet.
    Wait,
    /// The message has been read to its end, and ended as its length said.
    End,
    /// The message did not end as its length said: what was read of it is not to be trusted.
    Broken,
}

/// How the modem went away.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Restart {
    /// It said that it switches itself off.
    PoweredDown,
    /// It has booted: its boot banner came.
    Booted,
}

/// Something that no command asked for.
///
/// `era` is [`Engine::era`](super::Engine::era) as it was when this arrived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'a> {
    /// A line.
    Line {
        /// The line without its end.
        line: &'a [u8],
        /// When it arrived.
        era: u8,
    },
    /// A message whose payload came with its length.
    Message {
        /// What stands between the name and the length of the payload: in this dialect connection, message id and topic.
        header: &'a [u8],
        /// The payload, byte for byte.
        payload: &'a [u8],
    },
    /// A message that the inbox cannot hold; its payload waits to be read.
    LargeMessage {
        /// What stands between the name and the length of the payload: in this dialect connection, message id and topic.
        header: &'a [u8],
        /// Bytes of the payload.
        length: usize,
    },
    /// Something was lost since this was reported last.
    Lost(Loss),
    /// The modem went away, and with it all of its state.
    Restarted(Restart),
}
