//! The line to the modem: USART1 sends byte by byte, and its interrupt puts what arrives into a queue.

use core::cell::Cell;

use cortex_m::peripheral::NVIC;
use critical_section::Mutex;
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{ErrorType, Read, Write};
use heapless::spsc::{Consumer, Producer, Queue};
use stm32f4xx_hal::pac::{self, USART1, interrupt};
use stm32f4xx_hal::serial::{self, Rx, RxListen, Serial, Tx};

/// Holds what arrives while the main loop is at something else: 1023 bytes come in 89 ms.
pub type ReceiveQueue = Queue<u8, 1024>;

/// The UART that the driver is given.
pub struct Line {
    tx: Tx<USART1>,
    received: Consumer<'static, u8>,
}

/// What the interrupt works with.
struct Reception {
    rx: Rx<USART1>,
    queue: Producer<'static, u8>,
}

static RECEPTION: Mutex<Cell<Option<Reception>>> = Mutex::new(Cell::new(None));

impl Line {
    /// From now on, what arrives is kept.
    pub fn start(usart: Serial<USART1>, queue: &'static mut ReceiveQueue) -> Self {
        let (tx, mut rx) = usart.split();
        let (producer, received) = queue.split();
        rx.listen();
        let reception = Reception { rx, queue: producer };
        critical_section::with(|section| RECEPTION.borrow(section).set(Some(reception)));
        // SAFETY: no critical section relies on this interrupt being masked.
        unsafe { NVIC::unmask(pac::Interrupt::USART1) };
        Self { tx, received }
    }
}

#[interrupt]
fn USART1() {
    critical_section::with(|section| {
        let place = RECEPTION.borrow(section);
        let mut reception = place.take();
        if let Some(Reception { rx, queue }) = &mut reception
            && let Ok(byte) = rx.read()
        {
            // If the queue is full, or the byte came damaged, it is lost: the driver notices that a line or a message
            // is broken, and counts it.
            let _ = queue.enqueue(byte);
        }
        place.set(reception);
    });
}

impl ErrorType for Line {
    type Error = serial::Error;
}

impl Read for Line {
    fn read(&mut self) -> nb::Result<u8, serial::Error> {
        self.received.dequeue().ok_or(nb::Error::WouldBlock)
    }
}

impl Write for Line {
    fn write(&mut self, byte: u8) -> nb::Result<(), serial::Error> {
        Write::write(&mut self.tx, byte)
    }

    fn flush(&mut self) -> nb::Result<(), serial::Error> {
        Write::flush(&mut self.tx)
    }
}
