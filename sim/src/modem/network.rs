//! What the modem asks of the network, and what the network tells it.

/// What the modem asks of the network. There is one connection at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkRequest {
    /// Connect; answered with [`NetworkEvent::Opened`] or [`NetworkEvent::OpenFailed`].
    Open {
        /// A name or an address.
        host: String,
        /// 1 to 65535.
        port: u16,
        /// Whether the connection is to be encrypted.
        tls: bool,
    },
    /// Bytes for the peer.
    Send(Vec<u8>),
    /// Close; no event of this connection may follow.
    Close,
}

/// What the network tells the modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// The connection stands.
    Opened,
    /// There will be no connection.
    OpenFailed(OpenFailure),
    /// Bytes from the peer.
    Received(Vec<u8>),
    /// The peer closed or reset the connection.
    ClosedByPeer,
}

/// Why a connection could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFailure {
    /// The name is unknown.
    Dns,
    /// Nobody answers, or refuses.
    Network,
    /// The encrypted channel could not be set up.
    Tls,
}
