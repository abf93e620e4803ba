//! A UART of embedded-io 0.6 drives the blocking front-end as well.

#![cfg(feature = "embedded-io-06")]

use core::cell::RefCell;
use core::time::Duration;

use embedded_io::{Error as _, ReadReady as _, Write as _};
use nt35e::{Buffers, Error, Error06, FromEmbeddedIo06, Instant, Network, blocking};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

/// As a HAL of today implements it.
struct Uart<'w>(&'w RefCell<World>);

impl embedded_io_06::ErrorType for Uart<'_> {
    type Error = core::convert::Infallible;
}

impl embedded_io_06::Read for Uart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        Ok(self.0.borrow_mut().read(buffer))
    }
}

impl embedded_io_06::ReadReady for Uart<'_> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        Ok(self.0.borrow().available() > 0)
    }
}

impl embedded_io_06::Write for Uart<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn a_modem_is_brought_up_over_the_older_traits() {
    let world = RefCell::new(World::without_broker(ModemSettings::instant()));
    let clock = || {
        let mut world = world.borrow_mut();
        world.advance_to_next_due(Duration::from_millis(1));
        Instant::from_millis(world.now().as_millis() as u64)
    };
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
    let mut client = blocking::Client::new(FromEmbeddedIo06(Uart(&world)), clock, buffers);
    assert!(client.bring_up(&Network::default()).unwrap().is_registered());
}

/// A UART that only fails.
struct Broken;

impl embedded_io_06::ErrorType for Broken {
    type Error = embedded_io_06::ErrorKind;
}

impl embedded_io_06::Read for Broken {
    fn read(&mut self, _buffer: &mut [u8]) -> Result<usize, Self::Error> {
        Err(embedded_io_06::ErrorKind::InvalidData)
    }
}

impl embedded_io_06::ReadReady for Broken {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        Err(embedded_io_06::ErrorKind::TimedOut)
    }
}

impl embedded_io_06::Write for Broken {
    fn write(&mut self, _bytes: &[u8]) -> Result<usize, Self::Error> {
        Err(embedded_io_06::ErrorKind::WriteZero)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Err(embedded_io_06::ErrorKind::Other)
    }
}

#[test]
fn its_errors_come_through() {
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
    let mut client = blocking::Client::new(FromEmbeddedIo06(Broken), || Instant::from_millis(0), buffers);
    let timed_out = Error06(embedded_io_06::ErrorKind::TimedOut);
    assert_eq!(client.bring_up(&Network::default()), Err(Error::Uart(timed_out)));
    let mut uart = FromEmbeddedIo06(Broken);
    assert_eq!(uart.read_ready().unwrap_err().kind(), embedded_io::ErrorKind::TimedOut);
    assert_eq!(uart.write(b"x").unwrap_err().kind(), embedded_io::ErrorKind::WriteZero);
    assert_eq!(uart.flush().unwrap_err().kind(), embedded_io::ErrorKind::Other);
}
