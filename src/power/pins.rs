//! The pins of the MCU, in what way they are wired, or that they are not.

use embedded_hal::digital::{Error, ErrorKind, ErrorType, OutputPin, PinState};

/// A pin of the MCU at a line of the modem: any [`OutputPin`], or [`NoPin`].
pub trait Wire {
    /// Whether there is one.
    const IS_WIRED: bool;

    /// Works the line with true: holds a key, or switches the supply on.
    ///
    /// # Errors
    /// That of the pin.
    fn set(&mut self, is_high: bool) -> Result<(), ErrorKind>;
}

impl<P: OutputPin> Wire for P {
    const IS_WIRED: bool = true;

    fn set(&mut self, is_high: bool) -> Result<(), ErrorKind> {
        self.set_state(PinState::from(is_high)).map_err(|error| error.kind())
    }
}

/// The line is not wired to the MCU.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoPin;

impl Wire for NoPin {
    const IS_WIRED: bool = false;

    fn set(&mut self, _is_high: bool) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A pin that works its line when it is low, such as an open drain that is wired to PWRKEY without a transistor.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Inverted<P>(pub P);

impl<P: OutputPin> ErrorType for Inverted<P> {
    type Error = P::Error;
}

impl<P: OutputPin> OutputPin for Inverted<P> {
    fn set_low(&mut self) -> Result<(), P::Error> {
        self.0.set_high()
    }

    fn set_high(&mut self) -> Result<(), P::Error> {
        self.0.set_low()
    }
}
