//! Milliseconds since the reset, counted by TIMER0: this chip has no SysTick.

use core::cell::Cell;

use cortex_m::peripheral::NVIC;
use critical_section::Mutex;
use nrf51_pac::{CLOCK, Interrupt, TIMER0, interrupt};
use nt35e::Instant;

/// 64 bits: 32 would turn over after 49 days.
static MILLISECONDS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));
static TIMER: Mutex<Cell<Option<TIMER0>>> = Mutex::new(Cell::new(None));

/// What the driver asks for the time.
pub struct Clock;

impl Clock {
    /// Starts the crystal and the clock.
    pub fn start(clock: &CLOCK, timer: TIMER0) -> Self {
        // SAFETY: the manual allows each of these values in its register.
        unsafe {
            // The RC oscillator, which runs from the reset on, may be off by more than a UART bears.
            clock.tasks_hfclkstart.write(|w| w.bits(1));
            while clock.events_hfclkstarted.read().bits() == 0 {}
            timer.prescaler.write(|w| w.bits(4)); // 16 MHz / 2⁴: 1 MHz
            timer.cc[0].write(|w| w.bits(1_000));
        }
        timer.shorts.write(|w| w.compare0_clear().enabled());
        timer.intenset.write(|w| w.compare0().set());
        // SAFETY: as above.
        timer.tasks_start.write(|w| unsafe { w.bits(1) });
        critical_section::with(|section| TIMER.borrow(section).set(Some(timer)));
        // SAFETY: no critical section relies on this interrupt being masked.
        unsafe { NVIC::unmask(Interrupt::TIMER0) };
        Self
    }
}

impl nt35e::Clock for Clock {
    fn now(&mut self) -> Instant {
        Instant::from_millis(critical_section::with(|section| MILLISECONDS.borrow(section).get()))
    }

    /// Sleeps until a byte arrives or the next millisecond begins.
    fn idle(&mut self) {
        cortex_m::asm::wfi();
    }
}

#[interrupt]
fn TIMER0() {
    critical_section::with(|section| {
        let place = TIMER.borrow(section);
        let timer = place.take();
        if let Some(timer) = &timer {
            timer.events_compare[0].reset();
        }
        place.set(timer);
        let milliseconds = MILLISECONDS.borrow(section);
        milliseconds.set(milliseconds.get() + 1);
    });
}
