//! TLS between the simulated modem and the double of the cloud: a certificate made at the start, and who trusts it.
//!
//! A modem keeps what it trusts in a context that its user has prepared (`protocol.md` §6.3); here that is a [`Trust`].

use core::time::Duration;
use std::io::{self, Error, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::TLS12;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// The hosts of the platform (`aliyun.md` §2), and this machine.
const HOSTS: [&str; 11] = [
    "*.iot-as-mqtt.cn-shanghai.aliyuncs.com",
    "*.iot-as-mqtt.cn-beijing.aliyuncs.com",
    "*.iot-as-mqtt.cn-shenzhen.aliyuncs.com",
    "*.iot-as-mqtt.ap-southeast-1.aliyuncs.com",
    "*.iot-as-mqtt.ap-northeast-1.aliyuncs.com",
    "*.iot-as-mqtt.us-west-1.aliyuncs.com",
    "*.iot-as-mqtt.us-east-1.aliyuncs.com",
    "*.iot-as-mqtt.eu-central-1.aliyuncs.com",
    "*.mqtt.iothub.aliyuncs.com",
    "localhost",
    "127.0.0.1",
];

/// Longer than any handshake takes on one machine.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(20);

/// A certificate with its key, by which a server shows who it is.
#[derive(Clone, Debug)]
pub struct Identity {
    server: Arc<ServerConfig>,
    certificate: CertificateDer<'static>,
}

/// The certificates that a client trusts.
#[derive(Clone, Debug)]
pub struct Trust(Arc<ClientConfig>);

impl Identity {
    /// A new certificate for the hosts of the platform, which nobody trusts yet.
    pub fn of_the_platform() -> io::Result<Self> {
        let made = rcgen::generate_simple_self_signed(HOSTS.map(String::from)).map_err(Error::other)?;
        let certificate = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(Error::other)?;
        // The platform speaks TLS 1.0 to 1.2 (`aliyun.md` §2).
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS12])
            .map_err(Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .map_err(Error::other)?;
        Ok(Self { server: Arc::new(server), certificate })
    }

    /// Trust in this certificate, and no other.
    pub fn trust(&self) -> io::Result<Trust> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(Error::other)?;
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS12])
            .map_err(Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Trust(Arc::new(client)))
    }

    /// The server's side of a connection.
    pub(crate) fn serve(&self, stream: TcpStream) -> io::Result<StreamOwned<ServerConnection, TcpStream>> {
        let connection = ServerConnection::new(Arc::clone(&self.server)).map_err(Error::other)?;
        Ok(StreamOwned::new(connection, stream))
    }
}

/// The client's side of a connection, of which one thread reads and another writes.
#[derive(Clone, Debug)]
pub(crate) struct Session(Arc<Mutex<ClientConnection>>);

impl Session {
    /// Shakes hands. It fails if the server is not trusted, or not under this name.
    pub(crate) fn begin(trust: &Trust, host: &str, mut stream: &TcpStream) -> io::Result<Self> {
        let name = ServerName::try_from(host.to_owned()).map_err(Error::other)?;
        let mut connection = ClientConnection::new(Arc::clone(&trust.0), name).map_err(Error::other)?;
        connection.set_buffer_limit(None);
        stream.set_read_timeout(Some(HANDSHAKE_LIMIT))?;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        stream.set_read_timeout(None)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    pub(crate) fn send(&self, bytes: &[u8], stream: &TcpStream) -> io::Result<()> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connection.writer().write_all(bytes)?;
        flush(&mut connection, stream)
    }

    /// What is in bytes that have arrived; nothing if they are only a part of it.
    pub(crate) fn receive(&self, mut bytes: &[u8], stream: &TcpStream) -> io::Result<Vec<u8>> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut plain = Vec::new();
        while !bytes.is_empty() {
            connection.read_tls(&mut bytes)?;
            let state = connection.process_new_packets().map_err(Error::other)?;
            let before = plain.len();
            plain.resize(before + state.plaintext_bytes_to_read(), 0);
            connection.reader().read_exact(&mut plain[before..])?;
        }
        flush(&mut connection, stream)?;
        Ok(plain)
    }
}

fn flush(connection: &mut ClientConnection, mut stream: &TcpStream) -> io::Result<()> {
    while connection.wants_write() {
        connection.write_tls(&mut stream)?;
    }
    Ok(())
}
