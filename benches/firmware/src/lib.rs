//! What every firmware here shares: the clock that counts instructions, the painted stack, and the report.
#![no_std]

pub mod drive;
pub mod job;
pub mod measure;
#[cfg(feature = "ota")]
pub mod ota;
#[cfg(feature = "registration")]
pub mod registration;
pub mod sign;
pub mod thing;
pub mod wire;

use core::sync::atomic::{AtomicU32, Ordering};

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use cortex_m_semihosting::{debug, hio};

/// SysTick counts 24 bits.
const RELOAD: u32 = 0x00ff_ffff;
const PAINT: u32 = 0x5a5a_5a5a;

static WRAPS: AtomicU32 = AtomicU32::new(0);

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    finish(false)
}

#[exception]
fn SysTick() {
    WRAPS.fetch_add(1, Ordering::Relaxed);
}

/// Starts the clock.
pub fn start(peripherals: cortex_m::Peripherals) {
    let mut clock = peripherals.SYST;
    clock.set_clock_source(SystClkSource::Core);
    clock.set_reload(RELOAD);
    clock.clear_current();
    clock.enable_counter();
    clock.enable_interrupt();
}

/// Ticks of the core clock since [`start`].
pub fn ticks() -> u64 {
    loop {
        let wraps = WRAPS.load(Ordering::Relaxed);
        let current = SYST::get_current();
        if wraps == WRAPS.load(Ordering::Relaxed) {
            return u64::from(wraps) * u64::from(RELOAD + 1) + u64::from(RELOAD - current);
        }
    }
}

/// Prints a figure.
pub fn report(name: &str, value: u64) {
    report_row(name, &[value]);
}

/// Prints figures on one line, without `core::fmt`, which would cost more than some drivers.
pub fn report_row(name: &str, values: &[u64]) {
    let Ok(mut host) = hio::hstdout() else { return };
    let mut print = |bytes: &[u8]| {
        let _ = host.write_all(bytes);
    };
    print(name.as_bytes());
    for &value in values {
        print(b" ");
        let mut divisor = 1_000_000_000_000;
        while divisor > 1 && value < divisor {
            divisor /= 10;
        }
        while divisor > 0 {
            print(&[b'0' + (value / divisor % 10) as u8]);
            divisor /= 10;
        }
    }
    print(b"\n");
}

/// Ends the emulation; `ok` is whether the job was done as it should.
pub fn finish(ok: bool) -> ! {
    report("ok", u64::from(ok));
    debug::exit(if ok { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {
        cortex_m::asm::nop();
    }
}

/// The stack below this frame, painted so that the depth of what runs next can be seen.
#[derive(Debug)]
pub struct PaintedStack {
    top: *mut u32,
}

impl PaintedStack {
    /// How far down to paint; nothing here goes deeper.
    const WORDS: usize = 4096;
    /// Left alone, since painting itself uses the stack.
    const MARGIN: usize = 16;

    /// Paints.
    #[inline(never)]
    pub fn new() -> Self {
        let mut here = 0u32;
        let top = core::ptr::from_mut(&mut here).wrapping_sub(Self::MARGIN);
        for index in 0..Self::WORDS {
            // SAFETY: 16 KiB below a stack of 128 KiB that holds nothing else; nobody has a frame down there.
            unsafe { top.wrapping_sub(index).write_volatile(PAINT) };
        }
        Self { top }
    }

    /// How many bytes were used since.
    #[inline(never)]
    pub fn used(&self) -> usize {
        // SAFETY: as in `new`.
        let is_painted = |index: &usize| unsafe { self.top.wrapping_sub(*index).read_volatile() } == PAINT;
        let untouched = (0..Self::WORDS).rev().take_while(is_painted).count();
        (Self::WORDS + Self::MARGIN - untouched) * size_of::<u32>()
    }
}

impl Default for PaintedStack {
    fn default() -> Self {
        Self::new()
    }
}
