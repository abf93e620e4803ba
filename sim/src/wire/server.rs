//! The server: a runner, and one of the two kinds of host.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread::JoinHandle;

use super::host_pty::HostPty;
use super::host_tcp::HostTcp;
use super::link::Encryption;
use super::resolve::Resolve;
use super::runner::{CloudStriker, Message, Observer, Runner};
use crate::fault::{Fault, Place};
use crate::modem::{Modem, ModemSettings};
#[cfg(feature = "tls")]
use crate::tls::Trust;

/// What a server needs to know.
pub struct ServerSettings {
    /// The modem.
    pub modem: ModemSettings,
    /// Where its connections lead.
    pub resolve: Resolve,
    /// Opens a connection that the modem wants encrypted without encryption, for a broker that knows; otherwise it fails.
    pub tls_in_clear: bool,
    /// Encrypts a connection that the modem wants encrypted, with a context in which these certificates are trusted.
    #[cfg(feature = "tls")]
    pub trust: Option<Trust>,
    /// Is told of everything that goes over the serial line.
    pub observer: Option<Observer>,
    /// Lets faults of the broker strike it; without it they do nothing.
    pub cloud: Option<CloudStriker>,
}

impl ServerSettings {
    /// Settings for a modem whose connections lead somewhere.
    pub fn new(modem: ModemSettings, resolve: Resolve) -> Self {
        Self {
            modem,
            resolve,
            tls_in_clear: false,
            #[cfg(feature = "tls")]
            trust: None,
            observer: None,
            cloud: None,
        }
    }

    fn encryption(&self) -> Encryption {
        #[cfg(feature = "tls")]
        if let Some(trust) = &self.trust {
            return Encryption::Tls(trust.clone());
        }
        if self.tls_in_clear { Encryption::InClear } else { Encryption::Fails }
    }
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { modem, resolve, observer, cloud, .. } = self;
        f.debug_struct("ServerSettings")
            .field("modem", modem)
            .field("resolve", resolve)
            .field("encryption", &self.encryption())
            .field("observer", &observer.is_some())
            .field("cloud", &cloud.is_some())
            .finish()
    }
}

/// A modem in real time. Its threads end when it is dropped, but for one that still waits for a name or a connection.
#[derive(Debug)]
pub struct ModemServer {
    host: Option<Host>,
    runner: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Host {
    Tcp(HostTcp),
    Pty(HostPty),
}

impl ModemServer {
    /// Serves the modem on a TCP port; port 0 takes any free one. One host at a time, the next one waits; the modem keeps
    /// its state between them, and loses what it says to nobody.
    pub fn start_tcp(address: SocketAddr, settings: ServerSettings) -> io::Result<Self> {
        Self::start(settings, |runner| HostTcp::start(address, runner).map(Host::Tcp))
    }

    /// Serves the modem on a new pseudo-terminal in raw mode.
    pub fn start_pty(settings: ServerSettings) -> io::Result<Self> {
        Self::start(settings, |runner| HostPty::start(runner).map(Host::Pty))
    }

    fn start(settings: ServerSettings, host: impl FnOnce(Sender<Message>) -> io::Result<Host>) -> io::Result<Self> {
        let (runner, messages) = channel();
        let encryption = settings.encryption();
        let ServerSettings { modem, resolve, observer, cloud, .. } = settings;
        // The host comes first: a port that is taken fails before anything runs.
        let host = host(runner.clone())?;
        let to_self = runner.clone();
        let thread = std::thread::spawn(move || {
            Runner::new(modem, resolve, encryption, observer, cloud, to_self).run(&messages);
        });
        Ok(Self { host: Some(host), runner, thread: Some(thread) })
    }

    /// Where the server listens, if it listens on TCP.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.host {
            Some(Host::Tcp(host)) => Some(host.address()),
            _ => None,
        }
    }

    /// What to open as a serial port, if the server is on a pseudo-terminal.
    pub fn path(&self) -> Option<&Path> {
        match &self.host {
            Some(Host::Pty(host)) => Some(host.path()),
            _ => None,
        }
    }

    /// Does something to the modem, with the time since its start, and waits for it. `None` if the server has failed.
    pub fn control<R: Send + 'static>(
        &self,
        control: impl FnOnce(&mut Modem, Duration) -> R + Send + 'static,
    ) -> Option<R> {
        let (answer, answered) = sync_channel(1);
        let control = move |modem: &mut Modem, now| {
            let _ = answer.send(control(modem, now));
        };
        self.runner.send(Message::Control(Box::new(control))).ok()?;
        answered.recv().ok()
    }

    /// Cuts the modem's connection, as a network does. `None` if the server has failed.
    pub fn cut_link(&self) -> Option<()> {
        self.strike(None, Fault::CUT)
    }

    /// Lets a fault strike, now or at a place among the bytes that arrive from now on. `None` if the server has failed.
    pub fn strike(&self, place: Option<Place>, fault: Fault) -> Option<()> {
        self.runner.send(Message::Fault(place, fault)).ok()?;
        // It has struck, or waits for its place, once something sent behind it is done.
        self.control(|_, _| ())
    }
}

impl Drop for ModemServer {
    fn drop(&mut self) {
        drop(self.host.take());
        let _ = self.runner.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::{Arc, Mutex};

    use super::*;

    const NOWHERE: &str = "127.0.0.1:0";

    fn settings() -> ServerSettings {
        ServerSettings::new(ModemSettings::instant(), Resolve::System)
    }

    fn expect(reader: &mut impl Read, expected: &[u8]) {
        let mut bytes = vec![0; expected.len()];
        reader.read_exact(&mut bytes).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(expected));
    }

    #[test]
    fn the_modem_keeps_its_state_between_two_hosts() {
        let server = ModemServer::start_tcp(NOWHERE.parse().unwrap(), settings()).unwrap();
        let address = server.address().unwrap();
        let mut first = TcpStream::connect(address).unwrap();
        first.write_all(b"ATE0\r\n").unwrap();
        expect(&mut first, b"ATE0\r\r\nOK\r\n");
        drop(first);
        let mut second = TcpStream::connect(address).unwrap();
        second.write_all(b"AT+CSQ\r\n").unwrap();
        expect(&mut second, b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n");
    }

    #[test]
    fn a_pseudo_terminal_is_a_raw_line() {
        let server = ModemServer::start_pty(settings()).unwrap();
        let mut port = OpenOptions::new().read(true).write(true).open(server.path().unwrap()).unwrap();
        port.write_all(b"ATE0\r\nAT+CSQ\r\n").unwrap();
        expect(&mut port, b"ATE0\r\r\nOK\r\n\r\n+CSQ: 29,0\r\n\r\nOK\r\n");
    }

    #[test]
    fn the_observer_sees_both_directions() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut settings = settings();
        let log = Arc::clone(&seen);
        settings.observer = Some(Box::new(move |traffic| {
            log.lock().unwrap().push((traffic.direction, traffic.bytes.to_vec()));
        }));
        let server = ModemServer::start_tcp(NOWHERE.parse().unwrap(), settings).unwrap();
        let mut host = TcpStream::connect(server.address().unwrap()).unwrap();
        host.write_all(b"AT\r").unwrap();
        expect(&mut host, b"AT\r\r\nOK\r\n");
        drop(server);
        let of = |direction| -> Vec<u8> {
            let seen = seen.lock().unwrap();
            seen.iter().filter(|(side, _)| *side == direction).flat_map(|(_, bytes)| bytes.clone()).collect()
        };
        assert_eq!(of(super::super::Direction::FromHost), b"AT\r");
        assert_eq!(of(super::super::Direction::FromModem), b"AT\r\r\nOK\r\n");
    }

    #[test]
    fn control_reaches_the_modem_and_its_time() {
        let server = ModemServer::start_tcp(NOWHERE.parse().unwrap(), settings()).unwrap();
        let mut host = TcpStream::connect(server.address().unwrap()).unwrap();
        host.write_all(b"AT\r").unwrap();
        expect(&mut host, b"AT\r\r\nOK\r\n");
        server.control(|modem, now| modem.inject(b"noise", now)).unwrap();
        expect(&mut host, b"noise");
    }
}
