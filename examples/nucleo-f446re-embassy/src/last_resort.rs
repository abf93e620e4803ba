//! When nothing else helps: say why, if somebody listens, and begin again. A device in the field has nobody to reset it.

use cortex_m::peripheral::SCB;
use cortex_m_rt::{ExceptionFrame, exception};

pub fn restart() -> ! {
    SCB::sys_reset()
}

#[panic_handler]
fn panic(panic: &core::panic::PanicInfo<'_>) -> ! {
    if let Some(location) = panic.location() {
        defmt::error!("panic at {=str}:{=u32}", location.file(), location.line());
    }
    restart()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    defmt::error!("fault at {=u32:#010x}", frame.pc());
    restart()
}
