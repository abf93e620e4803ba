//! Where the modem is: a serial port or TCP; opening it; and whether a transcript of it is one of hardware.

use std::io;
use std::net::ToSocketAddrs as _;
use std::path::Path;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e_sim::transcript::Provenance;

use crate::line::{LineError, SerialUart, TcpUart};
use crate::playback::Playback;

/// Where the modem is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// At a serial port, which answers at the baud rate, or at one that is to be found.
    Serial { path: String, baud_rate: Option<u32> },
    /// Behind a TCP port.
    Tcp((String, u16)),
}

/// The baud rates to try, the likely ones first: 115200 is the factory's (`protocol.md` §5.2).
const BAUD_RATES: [u32; 9] = [115_200, 9_600, 57_600, 38_400, 19_200, 230_400, 460_800, 921_600, 4_800];

impl Place {
    /// Opens the line, at the first of the [`baud_rates`](Self::baud_rates).
    pub(crate) fn open(&self) -> Result<Line, String> {
        match self {
            Self::Serial { path, .. } => {
                let baud_rate = self.baud_rates().first().copied().unwrap_or_default();
                SerialUart::open(path, baud_rate).map(Line::Serial).map_err(|error| format!("{path}: {error}"))
            }
            Self::Tcp(place @ (host, port)) => {
                connect(place).map(Line::Tcp).map_err(|error| format!("{host}:{port}: {error}"))
            }
        }
    }

    /// The baud rates to try; none over TCP.
    pub(crate) fn baud_rates(&self) -> &[u32] {
        match self {
            Self::Serial { baud_rate: Some(only), .. } => core::slice::from_ref(only),
            Self::Serial { baud_rate: None, .. } => &BAUD_RATES,
            Self::Tcp(_) => &[],
        }
    }

    /// Whether what is recorded here comes from hardware: only if the port is known to be a device of this machine. Whoever
    /// connects a simulator to a real port by a cable has to say so.
    pub(crate) fn provenance(&self) -> Provenance {
        match self {
            Self::Serial { path, .. } if is_hardware(Path::new(path), Path::new("/sys/class/tty")) => {
                Provenance::Recorded
            }
            _ => Provenance::Simulated,
        }
    }
}

fn connect(place: &(String, u16)) -> io::Result<TcpUart> {
    let (host, port) = place;
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in (host.as_str(), *port).to_socket_addrs()? {
        match TcpUart::connect(address) {
            Ok(uart) => return Ok(uart),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// On Linux a serial port of hardware has a device in `/sys/class/tty`, and a pseudo-terminal has none. Elsewhere the
/// system's list of ports has to name it as one of USB or PCI.
fn is_hardware(path: &Path, classes: &Path) -> bool {
    if cfg!(target_os = "linux") {
        let Ok(path) = path.canonicalize() else { return false };
        return path.file_name().is_some_and(|name| classes.join(name).join("device").exists());
    }
    let ports = serialport::available_ports().unwrap_or_default();
    ports.iter().any(|port| {
        Path::new(&port.port_name) == path
            && matches!(port.port_type, serialport::SerialPortType::UsbPort(_) | serialport::SerialPortType::PciPort)
    })
}

/// An open line.
#[derive(Debug)]
pub(crate) enum Line {
    /// A serial port.
    Serial(SerialUart),
    /// TCP.
    Tcp(TcpUart),
    /// What was recorded.
    Recorded(Playback),
}

impl Line {
    /// Goes on at another baud rate, if it has one.
    pub(crate) fn set_baud_rate(&mut self, baud_rate: u32) -> Result<(), LineError> {
        match self {
            Self::Serial(uart) => uart.set_baud_rate(baud_rate),
            Self::Tcp(_) | Self::Recorded(_) => Ok(()),
        }
    }
}

impl ErrorType for Line {
    type Error = LineError;
}

impl ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, LineError> {
        match self {
            Self::Serial(uart) => uart.read_ready(),
            Self::Tcp(uart) => uart.read_ready(),
            Self::Recorded(playback) => playback.read_ready(),
        }
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, LineError> {
        match self {
            Self::Serial(uart) => uart.read(buffer),
            Self::Tcp(uart) => uart.read(buffer),
            Self::Recorded(playback) => playback.read(buffer),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, LineError> {
        match self {
            Self::Serial(uart) => uart.write(bytes),
            Self::Tcp(uart) => uart.write(bytes),
            Self::Recorded(playback) => playback.write(bytes),
        }
    }

    fn flush(&mut self) -> Result<(), LineError> {
        match self {
            Self::Serial(uart) => uart.flush(),
            Self::Tcp(uart) => uart.flush(),
            Self::Recorded(playback) => playback.flush(),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_a_port_with_a_device_is_hardware() {
        let folder = std::env::temp_dir().join(format!("nt35e-tools-{}", std::process::id()));
        let (ports, classes) = (folder.join("dev"), folder.join("class"));
        fs::create_dir_all(&ports).unwrap();
        for (name, device) in [("ttyUSB0", true), ("tty0", false)] {
            fs::write(ports.join(name), "").unwrap();
            fs::create_dir_all(classes.join(name)).unwrap();
            if device {
                fs::create_dir_all(classes.join(name).join("device")).unwrap();
            }
        }
        std::os::unix::fs::symlink(ports.join("ttyUSB0"), ports.join("modem")).unwrap();
        let is = |name: &str| is_hardware(&ports.join(name), &classes);
        assert_eq!(["ttyUSB0", "modem", "tty0", "absent"].map(is), [true, true, false, false]);
        fs::remove_dir_all(folder).unwrap();
        assert_eq!(Place::Tcp(("localhost".to_owned(), 1)).provenance(), Provenance::Simulated);
    }
}
