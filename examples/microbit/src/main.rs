//! Firmware for a BBC micro:bit (V1) with an NT35E modem: signs in at Alibaba Cloud IoT and sends back what it receives.
//!
//! ```text
//! main.rs         memory, peripherals
//! device.rs       what the device does
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

use cortex_m_rt::entry;
use nrf51_pac::Peripherals;

use clock::Clock;
use device::Memory;
use line::{Line, ReceiveQueue};

#[entry]
fn main() -> ! {
    static mut QUEUE: ReceiveQueue = ReceiveQueue::new();
    static mut MEMORY: Memory = Memory::new();

    let Some(chip) = Peripherals::take() else { last_resort::restart() };
    let clock = Clock::start(&chip.CLOCK, chip.TIMER0);
    let line = Line::start(chip.UART0, &chip.GPIO, QUEUE);
    let Err(_) = device::run(line, clock, MEMORY, cloud::SIGN_IN, &chip.GPIO);
    last_resort::restart()
}
