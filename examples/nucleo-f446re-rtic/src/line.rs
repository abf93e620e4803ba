//! The line to the modem: the interrupt of USART1 puts what arrives into one queue, and sends what is in another.
//!
//! So the interrupt shares nothing with the task that works with the modem, and never waits for it. With the client as a
//! resource that both share, and `Client::push`, a byte would wait until the task lets go of the client. Publishing 512
//! bytes takes the driver about 4 000 instructions (docs/performance.md), and at 16 MHz a byte comes every 1 400 cycles.

use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{ErrorType, Read as _, Write as _};
use heapless::spsc::{Consumer, Producer, Queue};
use rtic_sync::signal::SignalWriter;
use stm32f4xx_hal::pac::{Interrupt, USART1};
use stm32f4xx_hal::serial::{self, Rx, RxListen as _, Serial, Tx, TxISR as _, TxListen as _};

/// Holds what arrives while the task is at something else: 1023 bytes come in 89 ms.
pub type ReceiveQueue = Queue<u8, 1024>;
/// Holds what the task has written; it is woken for more once this is empty.
pub type SendQueue = Queue<u8, 128>;

/// The UART that the driver is given.
pub struct Line {
    received: Consumer<'static, u8>,
    to_send: Producer<'static, u8>,
}

/// What the interrupt works with.
pub struct Transfer {
    rx: Rx<USART1>,
    tx: Tx<USART1>,
    received: Producer<'static, u8>,
    to_send: Consumer<'static, u8>,
    /// Wakes the task.
    news: SignalWriter<'static, ()>,
}

/// From now on, what arrives is kept.
pub fn start(
    usart: Serial<USART1>,
    received: &'static mut ReceiveQueue,
    to_send: &'static mut SendQueue,
    news: SignalWriter<'static, ()>,
) -> (Line, Transfer) {
    let (tx, mut rx) = usart.split();
    rx.listen();
    let (received_in, received_out) = received.split();
    let (to_send_in, to_send_out) = to_send.split();
    let transfer = Transfer { rx, tx, received: received_in, to_send: to_send_out, news };
    (Line { received: received_out, to_send: to_send_in }, transfer)
}

impl Transfer {
    /// Moves what can be moved, whatever the interrupt came for.
    pub fn on_interrupt(&mut self) {
        // Also where no byte is waiting: there may be an overrun alone, which only reading clears. What is lost by it, and
        // what the queue has no room for, the driver notices as a broken line or message, and counts.
        if let Ok(byte) = self.rx.read() {
            let _ = self.received.enqueue(byte);
            self.news.write(());
        }
        let mut has_sent = false;
        while self.tx.is_tx_empty()
            && let Some(byte) = self.to_send.dequeue()
        {
            let _ = self.tx.write(byte);
            has_sent = true;
        }
        if self.to_send.ready() {
            self.tx.listen();
        } else {
            self.tx.unlisten();
            if has_sent {
                self.news.write(());
            }
        }
    }
}

impl ErrorType for Line {
    type Error = serial::Error;
}

impl embedded_hal_nb::serial::Read for Line {
    fn read(&mut self) -> nb::Result<u8, serial::Error> {
        self.received.dequeue().ok_or(nb::Error::WouldBlock)
    }
}

impl embedded_hal_nb::serial::Write for Line {
    fn write(&mut self, byte: u8) -> nb::Result<(), serial::Error> {
        self.to_send.enqueue(byte).map_err(|_| nb::Error::WouldBlock)
    }

    /// The driver calls this after the last byte that goes for now.
    fn flush(&mut self) -> nb::Result<(), serial::Error> {
        rtic::pend(Interrupt::USART1);
        Ok(())
    }
}
