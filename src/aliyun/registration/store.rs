//! Where the credentials of a device are kept.

use super::Registered;

/// Memory that outlives the supply: a page of flash, an EEPROM, a file.
///
/// [`Registered::expose_bytes`] is what to write, and [`Registered::from_bytes`] reads it. `examples/dynamic_registration.rs` keeps them
/// in a page of a NOR flash.
///
/// ```
/// use core::convert::Infallible;
/// use nt35e::aliyun::registration::{CredentialStore, Registered};
///
/// /// Lasts as long as the firmware runs, for a trial.
/// struct Ram(Option<Registered>);
///
/// impl CredentialStore for Ram {
///     type Error = Infallible;
///
///     fn load(&mut self) -> Result<Option<Registered>, Infallible> {
///         Ok(self.0)
///     }
///
///     fn save(&mut self, registered: &Registered) -> Result<(), Infallible> {
///         self.0 = Some(*registered);
///         Ok(())
///     }
/// }
/// ```
pub trait CredentialStore {
    /// Why the memory failed.
    type Error;

    /// What was saved last; none if nothing ever was, or if what is there was not written to its end.
    ///
    /// # Errors
    /// If the memory cannot be read.
    fn load(&mut self) -> Result<Option<Registered>, Self::Error>;

    /// Saves, so that it is still there if the supply fails right after the return. The platform does not repeat the credentials: try
    /// again here where that may help. It may block, for at most about 10 s, since the platform closes the connection after 15 s.
    ///
    /// # Errors
    /// If it was not saved.
    fn save(&mut self, registered: &Registered) -> Result<(), Self::Error>;
}
