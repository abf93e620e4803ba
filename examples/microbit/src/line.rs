//! The line to the modem: UART0 sends byte by byte, and its interrupt puts what arrives into a queue.

use core::cell::Cell;
use core::convert::Infallible;

use cortex_m::peripheral::NVIC;
use critical_section::Mutex;
use embedded_io::{ErrorType, Read, ReadReady, Write};
use heapless::spsc::{Consumer, Producer, Queue};
use nrf51_pac::{Interrupt, UART0, interrupt};

use crate::pins::{self, RXD, TXD};

/// Holds what arrives while the main loop is at something else: 511 bytes come in 44 ms.
pub type ReceiveQueue = Queue<u8, 512>;

/// The UART that the driver is given.
pub struct Line {
    received: Consumer<'static, u8>,
    is_sending: bool,
}

/// What the interrupt works with. The main loop borrows the UART to send.
struct Shared {
    uart: UART0,
    queue: Producer<'static, u8>,
}

static SHARED: Mutex<Cell<Option<Shared>>> = Mutex::new(Cell::new(None));

impl Line {
    /// Opens the line at 115 200 baud, 8N1. From now on, what arrives is kept.
    pub fn start(uart: UART0, gpio: &nrf51_pac::GPIO, queue: &'static mut ReceiveQueue) -> Self {
        // The UART takes the pins over as they are: a low TXD would be the beginning of a byte.
        pins::drive(gpio, TXD, true);
        pins::listen(gpio, RXD);
        // SAFETY: the manual allows each of these values in its register.
        unsafe {
            uart.pseltxd.write(|w| w.bits(TXD));
            uart.pselrxd.write(|w| w.bits(RXD));
            uart.baudrate.write(|w| w.baudrate().baud115200());
            uart.enable.write(|w| w.enable().enabled());
            uart.events_rxdrdy.reset();
            uart.events_txdrdy.reset();
            uart.intenset.write(|w| w.rxdrdy().set());
            uart.tasks_startrx.write(|w| w.bits(1));
            uart.tasks_starttx.write(|w| w.bits(1));
        }
        let (producer, received) = queue.split();
        let shared = Shared { uart, queue: producer };
        critical_section::with(|section| SHARED.borrow(section).set(Some(shared)));
        // SAFETY: no critical section relies on this interrupt being masked.
        unsafe { NVIC::unmask(Interrupt::UART0) };
        Self { received, is_sending: false }
    }
}

/// Works with the UART while nobody else does. None before it was started.
fn with_uart<T>(work: impl FnOnce(&mut Shared) -> T) -> Option<T> {
    critical_section::with(|section| {
        let place = SHARED.borrow(section);
        let mut shared = place.take();
        let result = shared.as_mut().map(work);
        place.set(shared);
        result
    })
}

#[interrupt]
fn UART0() {
    with_uart(|Shared { uart, queue }| {
        while uart.events_rxdrdy.read().bits() != 0 {
            // In this order: once RXD was read, the next byte moves there out of the FIFO, with an event of its own.
            uart.events_rxdrdy.reset();
            let byte = uart.rxd.read().rxd().bits();
            // If the queue is full, the byte is lost: the driver notices that a line or a message is broken, and
            // counts it.
            let _ = queue.enqueue(byte);
        }
    });
}

impl ErrorType for Line {
    type Error = Infallible;
}

impl ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.received.ready())
    }
}

impl Read for Line {
    /// Waits for the first byte, and takes those that are there.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        while !buffer.is_empty() && !self.received.ready() {
            cortex_m::asm::wfi();
        }
        let mut count = 0;
        for (place, byte) in buffer.iter_mut().zip(core::iter::from_fn(|| self.received.dequeue())) {
            *place = byte;
            count += 1;
        }
        Ok(count)
    }
}

impl Write for Line {
    /// Sends one byte, so that the driver looks after each whether something has arrived.
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(&byte) = bytes.first() else { return Ok(0) };
        self.flush()?;
        with_uart(|Shared { uart, .. }| uart.txd.write(|w| w.txd().variant(byte)));
        self.is_sending = true;
        Ok(1)
    }

    /// Waits until the byte before has gone. Without one, there would be no event to wait for.
    fn flush(&mut self) -> Result<(), Infallible> {
        while self.is_sending {
            let has_gone = with_uart(|Shared { uart, .. }| {
                let has_gone = uart.events_txdrdy.read().bits() != 0;
                if has_gone {
                    uart.events_txdrdy.reset();
                }
                has_gone
            });
            self.is_sending = has_gone == Some(false);
        }
        Ok(())
    }
}
