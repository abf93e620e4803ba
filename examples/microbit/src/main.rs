//! Firmware for a BBC micro:bit (V1) with an NT35E modem: signs in at Alibaba Cloud IoT and sends back what it receives.
//!
//! ```text
//! main.rs         memory, peripherals
//! device.rs       what the device does
//! recovery.rs     what it does when that fails
//! cloud.rs        who it is, and its topics
//! line.rs         the UART to the modem
//! pins.rs         the pins
//! clock.rs        the time
//! last_resort.rs  what happens after a panic or a fault
//! ```

#![no_main]
#![no_std]

mod clock;
mod cloud;
mod device;
mod last_resort;
mod line;
mod pins;
mod recovery;

use cortex_m_rt::entry;
use nrf51_pac::Peripherals;
use nt35e::Buffers;

use clock::Clock;
use device::Device;
use line::{Line, ReceiveQueue};

#[entry]
fn main() -> ! {
    static mut QUEUE: ReceiveQueue = ReceiveQueue::new();
    static mut RX: [u8; 256] = [0; 256];
    static mut TX: [u8; 256] = [0; 256];
    // Three messages of 512 bytes may wait here while one is being sent back.
    static mut INBOX: [u8; 2048] = [0; 2048];

    let Some(chip) = Peripherals::take() else { last_resort::restart() };
    let clock = Clock::start(&chip.CLOCK, chip.TIMER0);
    let line = Line::start(chip.UART0, &chip.GPIO, QUEUE);
    Device::new(line, clock, Buffers::new(RX, TX, INBOX), cloud::SIGN_IN, chip.GPIO).run()
}
