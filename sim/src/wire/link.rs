//! The bytes of the modem's connection, in clear or encrypted.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::modem::NetworkEvent;
#[cfg(feature = "tls")]
use crate::tls::{Session, Trust};

/// What becomes of a connection that the host wants encrypted.
#[derive(Clone, Debug)]
pub(super) enum Encryption {
    /// It fails.
    Fails,
    /// It is made without encryption.
    InClear,
    /// It is encrypted, with a context in which these are trusted.
    #[cfg(feature = "tls")]
    Tls(Trust),
}

/// One half of a connection.
#[derive(Debug)]
pub(super) struct Link {
    stream: TcpStream,
    #[cfg(feature = "tls")]
    session: Option<Session>,
}

impl Link {
    /// Over a connection that stands. With TLS it shakes hands, and fails if the other side is not trusted under this name.
    pub(super) fn new(stream: TcpStream, encryption: &Encryption, host: &str) -> io::Result<Self> {
        #[cfg(feature = "tls")]
        let session = match encryption {
            Encryption::Tls(trust) => Some(Session::begin(trust, host, &stream)?),
            _ => None,
        };
        #[cfg(not(feature = "tls"))]
        let _ = (encryption, host);
        Ok(Self {
            stream,
            #[cfg(feature = "tls")]
            session,
        })
    }

    /// The other half.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self {
            stream: self.stream.try_clone()?,
            #[cfg(feature = "tls")]
            session: self.session.clone(),
        })
    }

    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        #[cfg(feature = "tls")]
        if let Some(session) = &self.session {
            return session.send(bytes, &self.stream);
        }
        (&self.stream).write_all(bytes)
    }

    /// Ends both halves.
    pub(super) fn shut_down(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Passes on what the broker sends, until the connection ends or nobody listens.
    pub(super) fn receive_all(&self, mut tell: impl FnMut(NetworkEvent) -> bool) {
        let mut buffer = [0; 4096];
        loop {
            match (&self.stream).read(&mut buffer) {
                Ok(count) if count > 0 => match self.decrypt(&buffer[..count]) {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => {
                        if !tell(NetworkEvent::Received(bytes)) {
                            return;
                        }
                    }
                    Err(_) => break,
                },
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => break,
            }
        }
        tell(NetworkEvent::ClosedByPeer);
    }

    fn decrypt(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        #[cfg(feature = "tls")]
        if let Some(session) = &self.session {
            return session.receive(bytes, &self.stream);
        }
        Ok(bytes.to_vec())
    }
}
