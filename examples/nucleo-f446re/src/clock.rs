//! Milliseconds since the reset, counted by SysTick.

use core::cell::Cell;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use critical_section::Mutex;
use nt35e::Instant;
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Rcc;
use stm32f4xx_hal::time::Hertz;

/// 64 bits: 32 would turn over after 49 days.
static MILLISECONDS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

/// Starts the clock.
pub fn start(mut systick: SYST, rcc: &Rcc) {
    systick.set_clock_source(SystClkSource::Core);
    systick.set_reload(core_clock(rcc).to_kHz() - 1);
    systick.clear_current();
    systick.enable_interrupt();
    systick.enable_counter();
}

pub fn now() -> Instant {
    Instant::from_millis(critical_section::with(|section| MILLISECONDS.borrow(section).get()))
}

/// What SysTick counts.
///
/// On the chip, it is what the HAL has set. QEMU has no clock control, so that the HSI is never ready there, and always
/// runs at the full speed of an STM32F405. Nothing else in this firmware knows of QEMU.
fn core_clock(rcc: &Rcc) -> Hertz {
    if rcc.cr().read().hsirdy().is_ready() { rcc.clocks.hclk() } else { 168.MHz() }
}

#[exception]
fn SysTick() {
    critical_section::with(|section| {
        let milliseconds = MILLISECONDS.borrow(section);
        milliseconds.set(milliseconds.get() + 1);
    });
}
