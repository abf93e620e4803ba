//! The pins, by their number at the chip.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, OutputPin};
use nrf51_pac::GPIO;

/// P0 of the edge connector, to RXD of the modem.
pub const TXD: u32 = 3;
/// P1 of the edge connector, from TXD of the modem.
pub const RXD: u32 = 2;
/// P2 of the edge connector. High pulls PWRKEY of the modem low, through a transistor.
pub const POWER_KEY: u32 = 1;
/// P8 of the edge connector. High pulls RESET of the modem low, through a transistor.
pub const RESET: u32 = 18;
/// The LED in the upper left corner is lit while its row is high and its column is low.
pub const LED_ROW: u32 = 13;
pub const LED_COLUMN: u32 = 4;

/// A pin that is driven.
pub struct Output<'g> {
    gpio: &'g GPIO,
    pin: u32,
}

impl<'g> Output<'g> {
    /// Makes the pin an output that is low.
    pub fn new(gpio: &'g GPIO, pin: u32) -> Self {
        drive(gpio, pin, false);
        Self { gpio, pin }
    }
}

impl ErrorType for Output<'_> {
    type Error = Infallible;
}

impl OutputPin for Output<'_> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        drive(self.gpio, self.pin, false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        drive(self.gpio, self.pin, true);
        Ok(())
    }
}

/// Makes a pin an output, and drives it.
pub fn drive(gpio: &GPIO, pin: u32, high: bool) {
    let bit = 1 << pin;
    // SAFETY: in these registers a bit is a pin, and zeros change nothing.
    unsafe {
        if high {
            gpio.outset.write(|w| w.bits(bit));
        } else {
            gpio.outclr.write(|w| w.bits(bit));
        }
        gpio.dirset.write(|w| w.bits(bit));
    }
}

/// Makes a pin an input that is high unless somebody pulls it low.
pub fn listen(gpio: &GPIO, pin: u32) {
    if let Some(configuration) = gpio.pin_cnf.get(pin as usize) {
        configuration.write(|w| w.dir().input().input().connect().pull().pullup());
    }
}
