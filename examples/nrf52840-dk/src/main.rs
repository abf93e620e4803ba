//! Firmware for an nRF52840-DK with an NT35E modem, on Embassy: signs in at Alibaba Cloud IoT and sends back what it
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
use embassy_nrf::buffered_uarte::{self, BufferedUarte};
use embassy_nrf::config::{Config, HfclkSource, LfclkSource};
use embassy_nrf::gpio::{Level, Output, OutputDrive};
use embassy_nrf::{bind_interrupts, peripherals, uarte};
use embedded_hal::digital::PinState;
use nt35e::asynch::EmbassyTimer;
use static_cell::ConstStaticCell;

use device::Pins;

bind_interrupts!(struct Interrupts {
    UARTE1 => buffered_uarte::InterruptHandler<peripherals::UARTE1>;
});

struct Memory {
    device: device::Memory,
    /// What the DMA writes while the client waits for its own bytes to go out, which takes 45 ms for the longest payload.
    /// It fills one half while the other is being read.
    received: [u8; 2048],
    to_send: [u8; 256],
}

static MEMORY: ConstStaticCell<Memory> =
    ConstStaticCell::new(Memory { device: device::Memory::new(), received: [0; 2048], to_send: [0; 256] });

#[embassy_executor::main]
async fn main(_spawner: Spawner) -> ! {
    let Memory { device: memory, received, to_send } = MEMORY.take();
    let mut config = Config::default();
    // The DK has both crystals. The oscillators inside the chip may be off by more than a UART bears.
    config.hfclk_source = HfclkSource::ExternalXtal;
    config.lfclk_source = LfclkSource::ExternalXtal;
    let chip = embassy_nrf::init(config);
    let led = Output::new(chip.P0_13, Level::High, OutputDrive::Standard);

    let mut settings = uarte::Config::default();
    settings.baudrate = uarte::Baudrate::Baud115200;
    // The timer counts the bytes, and the channels start the next transfer without the CPU.
    let uart = BufferedUarte::new(
        chip.UARTE1,
        chip.TIMER1,
        chip.PPI_CH0,
        chip.PPI_CH1,
        chip.PPI_GROUP0,
        chip.P1_01,
        chip.P1_02,
        Interrupts,
        settings,
        received,
        to_send,
    );

    let pins = Pins {
        led,
        lit: PinState::Low,
        power_key: Output::new(chip.P1_08, Level::Low, OutputDrive::Standard),
        reset: Output::new(chip.P1_07, Level::Low, OutputDrive::Standard),
    };
    let Err(invalid) = device::run(uart, EmbassyTimer, memory, cloud::SIGN_IN, pins).await;
    defmt::error!("{}", invalid);
    last_resort::restart()
}
