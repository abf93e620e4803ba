//! Which address a host name leads to.

use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::io;
use std::net::ToSocketAddrs;

/// How the host names in `AT+LMQTTOPEN` become addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolve {
    /// Every name and port leads here.
    All(SocketAddr),
    /// Each name leads to its address, whatever the port; other names are unknown.
    Map(BTreeMap<String, SocketAddr>),
    /// The system's name service, and the port that was asked for.
    System,
}

impl Resolve {
    /// The address; an error for an unknown name. May block on the system's name service.
    pub fn address(&self, host: &str, port: u16) -> io::Result<SocketAddr> {
        let unknown = || io::Error::new(io::ErrorKind::NotFound, format!("unknown host {host}"));
        match self {
            Self::All(address) => Ok(*address),
            Self::Map(addresses) => addresses.get(host).copied().ok_or_else(unknown),
            Self::System => (host, port).to_socket_addrs()?.next().ok_or_else(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_where_the_settings_say() {
        let here: SocketAddr = "127.0.0.1:1883".parse().unwrap();
        assert_eq!(Resolve::All(here).address("anything", 1).unwrap(), here);
        let map = Resolve::Map(BTreeMap::from([("broker".to_owned(), here)]));
        assert_eq!(map.address("broker", 1).unwrap(), here);
        assert_eq!(map.address("other", 1).unwrap_err().to_string(), "unknown host other");
        assert_eq!(Resolve::System.address("127.0.0.1", 1883).unwrap(), here);
    }
}
