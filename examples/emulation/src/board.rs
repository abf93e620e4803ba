//! The boards whose firmware QEMU can run.

/// A board.
#[derive(Debug)]
pub(crate) struct Board {
    /// Its folder in `examples`, and the binary that is built there.
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    /// The machine of QEMU that the binary runs on.
    pub(crate) machine: &'static str,
    /// How many messages of 512 bytes its README promises to keep if they come at once.
    pub(crate) burst: usize,
}

pub(crate) const BOARDS: [Board; 3] = [
    Board {
        name: "nucleo-f446re",
        target: "thumbv7em-none-eabihf",
        // An STM32F405: memory, USART1 and SysTick are where the STM32F446 has them.
        machine: "netduinoplus2",
        burst: 6,
    },
    Board { name: "nucleo-f446re-rtic", target: "thumbv7em-none-eabihf", machine: "netduinoplus2", burst: 6 },
    Board { name: "microbit", target: "thumbv6m-none-eabi", machine: "microbit", burst: 3 },
];
