//! Firmware for a NUCLEO-F446RE with an NT35E modem, on Embassy: signs in at Alibaba Cloud IoT and sends back what it
//! receives.
//!
//! ```text
//! main.rs         clocks, pins, the UART to the modem
//! device.rs       what the device does
//! cloud.rs        who it is, and its topics
//! last_resort.rs  what happens after a panic or a fault
//! ```

#![no_main]
#![no_std]

mod cloud;
mod device;
mod last_resort;

use defmt_rtt as _;
use embassy_executor::Spawner;
use embassy_stm32::gpio::{Level, Output, Pull, Speed};
use embassy_stm32::usart::{self, BufferedInterruptHandler, BufferedUart};
use embassy_stm32::{bind_interrupts, peripherals};
use embedded_hal::digital::PinState;
use nt35e::asynch::EmbassyTimer;
use static_cell::ConstStaticCell;

use device::Pins;

bind_interrupts!(struct Interrupts {
    USART1 => BufferedInterruptHandler<peripherals::USART1>;
});

struct Memory {
    device: device::Memory,
    /// What the interrupt keeps while the client waits for its own bytes to go out, which takes 45 ms for the longest
    /// payload. The HAL drops what does not fit.
    received: [u8; 1024],
    /// What the interrupt sends. The HAL refuses a write that does not fit as a whole, and does not come back from one
    /// that has to wait for room: with twice the longest payload there is always room.
    to_send: [u8; 1024],
}

static MEMORY: ConstStaticCell<Memory> =
    ConstStaticCell::new(Memory { device: device::Memory::new(), received: [0; 1024], to_send: [0; 1024] });

#[embassy_executor::main]
async fn main(_spawner: Spawner) -> ! {
    let Memory { device: memory, received, to_send } = MEMORY.take();
    // As it comes out of the reset: the internal oscillator, 16 MHz.
    let chip = embassy_stm32::init(embassy_stm32::Config::default());
    let led = Output::new(chip.PA5, Level::Low, Speed::Low);

    let mut settings = usart::Config::default();
    settings.baudrate = 115_200;
    // A modem without supply does not hold the line.
    settings.rx_pull = Pull::Up;
    let uart = BufferedUart::new(chip.USART1, chip.PA10, chip.PA9, to_send, received, Interrupts, settings);
    let Ok(uart) = uart else { last_resort::restart() };

    let pins = Pins {
        led,
        lit: PinState::High,
        power_key: Output::new(chip.PA8, Level::Low, Speed::Low),
        reset: Output::new(chip.PB10, Level::Low, Speed::Low),
    };
    let Err(invalid) = device::run(uart, EmbassyTimer, memory, cloud::SIGN_IN, pins).await;
    defmt::error!("{}", invalid);
    last_resort::restart()
}
