//! Firmware for a NUCLEO-F446RE with an NT35E modem: signs in at Alibaba Cloud IoT and sends back what it receives.
//!
//! ```text
//! main.rs         clocks, pins, the loop
//! device.rs       what the device does
//! cloud.rs        who it is, and its topics
//! line.rs         the UART to the modem
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

use cortex_m_rt::entry;
use nt35e::Buffers;
use stm32f4xx_hal::pac;
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Config;
use stm32f4xx_hal::serial;

use device::{Device, Pins};
use line::{Line, ReceiveQueue};

#[entry]
fn main() -> ! {
    static mut QUEUE: ReceiveQueue = ReceiveQueue::new();
    static mut RX: [u8; 256] = [0; 256];
    // Has to hold a command line with the longest payload behind it.
    static mut TX: [u8; 768] = [0; 768];
    // Six messages of 512 bytes may wait here while one is being sent back.
    static mut INBOX: [u8; 4096] = [0; 4096];
    // Fourteen messages of 512 bytes wait here for the broker: all of the inbox and as many again.
    static mut OUTBOX: [u8; 8192] = [0; 8192];

    let (Some(chip), Some(core)) = (pac::Peripherals::take(), cortex_m::Peripherals::take()) else {
        last_resort::restart()
    };
    let mut rcc = chip.RCC.freeze(Config::hsi());
    clock::start(core.SYST, &rcc);
    let gpioa = chip.GPIOA.split(&mut rcc);
    let gpiob = chip.GPIOB.split(&mut rcc);
    let pins = Pins {
        led: gpioa.pa5.into_push_pull_output().erase(),
        power_key: gpioa.pa8.into_push_pull_output().erase(),
        reset: gpiob.pb10.into_push_pull_output().erase(),
    };
    let settings = serial::Config::default().baudrate(115_200.bps());
    // A modem without supply does not hold the line.
    let wires = (gpioa.pa9, gpioa.pa10.internal_pull_up(true));
    let Ok(usart) = chip.USART1.serial(wires, settings, &mut rcc) else { last_resort::restart() };
    let line = Line::start(usart, QUEUE);
    let Ok(desired) = device::desired() else { last_resort::restart() };
    let mut device = Device::new(line, Buffers::new(RX, TX, INBOX), OUTBOX, desired, pins);
    loop {
        let now = clock::now();
        device.turn(now);
        if device.is_idle(now) {
            // Until a byte arrives or the next millisecond begins.
            cortex_m::asm::wfi();
        }
    }
}
