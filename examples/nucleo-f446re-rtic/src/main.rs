//! Firmware for a NUCLEO-F446RE with an NT35E modem, on RTIC: signs in at Alibaba Cloud IoT and sends back what it
//! receives.
//!
//! ```text
//! main.rs         clocks, pins, the tasks
//! device.rs       what the device does
//! cloud.rs        who it is, and its topics
//! line.rs         the UART to the modem
//! last_resort.rs  what happens after a panic or a fault
//! ```

#![no_main]
#![no_std]

mod cloud;
mod device;
mod last_resort;
mod line;

rtic_monotonics::systick_monotonic!(Mono, 1_000);

#[rtic::app(device = stm32f4xx_hal::pac, peripherals = true, dispatchers = [EXTI0])]
mod app {
    use nt35e::Buffers;
    use rtic_sync::signal::Signal;

    use stm32f4xx_hal::prelude::*;
    use stm32f4xx_hal::rcc::{Config, Rcc};
    use stm32f4xx_hal::serial;
    use stm32f4xx_hal::time::Hertz;

    use crate::device::{Device, Pins};
    use crate::line::{self, ReceiveQueue, SendQueue, Transfer};
    use crate::{Mono, device, last_resort};

    #[shared]
    struct Shared {}

    #[local]
    struct Local {
        transfer: Transfer,
        device: Device,
    }

    #[init(local = [
        received: ReceiveQueue = ReceiveQueue::new(),
        to_send: SendQueue = SendQueue::new(),
        news: Signal<()> = Signal::new(),
        rx: [u8; 256] = [0; 256],
        // Has to hold a command line with the longest payload behind it.
        tx: [u8; 768] = [0; 768],
        // Six messages of 512 bytes may wait here while one is being sent back.
        inbox: [u8; 4096] = [0; 4096],
        // Fourteen messages of 512 bytes wait here for the broker: all of the inbox and as many again.
        outbox: [u8; 8192] = [0; 8192],
    ])]
    fn init(context: init::Context) -> (Shared, Local) {
        let init::LocalResources { received, to_send, news, rx, tx, inbox, outbox, .. } = context.local;
        // As it comes out of the reset: the internal oscillator, 16 MHz.
        let mut rcc = context.device.RCC.freeze(Config::hsi());
        Mono::start(context.core.SYST, core_clock(&rcc).raw());
        let gpioa = context.device.GPIOA.split(&mut rcc);
        let gpiob = context.device.GPIOB.split(&mut rcc);
        let pins = Pins {
            led: gpioa.pa5.into_push_pull_output().erase(),
            power_key: gpioa.pa8.into_push_pull_output().erase(),
            reset: gpiob.pb10.into_push_pull_output().erase(),
        };
        let settings = serial::Config::default().baudrate(115_200.bps());
        // A modem without supply does not hold the line.
        let wires = (gpioa.pa9, gpioa.pa10.internal_pull_up(true));
        let Ok(usart) = context.device.USART1.serial(wires, settings, &mut rcc) else { last_resort::restart() };
        let (writer, reader) = news.split();
        let (line, transfer) = line::start(usart, received, to_send, writer);
        let Ok(desired) = device::desired() else { last_resort::restart() };
        let device = Device::new(line, reader, Buffers::new(rx, tx, inbox), outbox, desired, pins);
        let _ = modem::spawn();
        (Shared {}, Local { transfer, device })
    }

    #[task(binds = USART1, priority = 2, local = [transfer])]
    fn usart1(context: usart1::Context) {
        context.local.transfer.on_interrupt();
    }

    #[task(priority = 1, local = [device])]
    async fn modem(context: modem::Context) -> ! {
        context.local.device.run().await
    }

    /// What SysTick counts.
    ///
    /// On the chip, it is what the HAL has set. QEMU has no clock control, so that the HSI is never ready there, and always
    /// runs at the full speed of an STM32F405. Nothing else in this firmware knows of QEMU.
    fn core_clock(rcc: &Rcc) -> Hertz {
        if rcc.cr().read().hsirdy().is_ready() { rcc.clocks.hclk() } else { 168.MHz() }
    }
}
