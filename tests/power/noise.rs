//! A UART that reports errors while the modem has no power, as one does whose line is pulled low then.

use core::convert::Infallible;

use std::rc::Rc;

use embedded_hal_nb::serial;
use embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write};
use nt35e::Network;
use nt35e::power::{Maneuver, Proof};

use super::front_end::{self, Client, FrontEnd};
use super::pins::Pins;
use super::rig::{Memory, Uart};
use super::{bench, is_on, switched_off};

front_end::each_front_end!(errors_of_the_uart_end_no_maneuver);

fn errors_of_the_uart_end_no_maneuver(front_end: FrontEnd) {
    for maneuver in [Maneuver::Start, Maneuver::Reset, Maneuver::RestartByKey, Maneuver::CutSupply] {
        let is_off = maneuver == Maneuver::Start;
        let bench = bench(front_end, |settings| {
            if is_off {
                switched_off(settings);
            }
        });
        let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
        let uart = Noisy {
            uart: bench.uart(64),
            is_noisy: {
                let bench = bench.clone();
                Rc::new(move || !is_on(&bench))
            },
        };
        let mut client = Client::new(front_end, uart, bench.clock(), memory.buffers(), 64);
        if !is_off {
            client.bring_up(&Network::default()).unwrap();
        }
        assert_eq!(client.operate(&mut pins.all(), maneuver), Ok(Proof::Booted), "{maneuver:?}");
        assert!(pins.are_released());
        client.bring_up(&Network::default()).unwrap();
    }
}

#[derive(Clone)]
struct Noisy {
    uart: Uart,
    is_noisy: Rc<dyn Fn() -> bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Framing;

impl Noisy {
    fn listen(&self) -> Result<(), Framing> {
        if (self.is_noisy)() { Err(Framing) } else { Ok(()) }
    }
}

fn quiet<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
    }
}

impl core::fmt::Display for Framing {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("framing")
    }
}

impl core::error::Error for Framing {}

impl Error for Framing {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl serial::Error for Framing {
    fn kind(&self) -> serial::ErrorKind {
        serial::ErrorKind::FrameFormat
    }
}

impl core::fmt::Debug for Noisy {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Noisy")
    }
}

impl ErrorType for Noisy {
    type Error = Framing;
}

impl ReadReady for Noisy {
    fn read_ready(&mut self) -> Result<bool, Framing> {
        self.listen()?;
        Ok(quiet(self.uart.read_ready()))
    }
}

impl Read for Noisy {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Framing> {
        self.listen()?;
        Ok(quiet(self.uart.read(buffer)))
    }
}

impl Write for Noisy {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Framing> {
        Ok(quiet(self.uart.write(bytes)))
    }

    fn flush(&mut self) -> Result<(), Framing> {
        Ok(())
    }
}
