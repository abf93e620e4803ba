//! One secret per product type: a device registers by the secret of its product, and gets one of its own (`aliyun.md` §4).
//!
//! So the same firmware goes into every device of a product. It knows a [`Registrant`], signs in by it once, and the platform answers
//! with the device's own credentials, [`Registered`]. These go into a [`CredentialStore`], such as a page of flash, and from then on the
//! device signs in by them.
//!
//! ```text
//!  load ──found──────────────────────────────────────────────────────────────► sign in
//!   │ none                                                                        ▲
//!   ▼                                                                             │
//!  register_device: sign off, sign in by ProductSecret ─► message ─► save ─► sign off
//! ```
//!
//! ```
//! # #[cfg(all(feature = "embedded-io", feature = "sign-sha256"))]
//! # mod example {
//! use embedded_io::{Read, ReadReady, Write};
//! use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered, Registrant};
//! use nt35e::aliyun::sign::SignMethod;
//! use nt35e::command::{Tls, TlsContext};
//! use nt35e::{Clock, InvalidField, RegisterError, blocking};
//!
//! fn credentials<U: Read + ReadReady + Write, C: Clock, S: CredentialStore>(
//!     client: &mut blocking::Client<'_, U, C>,
//!     registrant: Registrant<'_>,
//!     store: &mut S,
//! ) -> Result<Registered, RegisterError<U::Error, S::Error>> {
//!     if let Some(registered) = store.load().map_err(RegisterError::NotSaved)? {
//!         return Ok(registered);
//!     }
//!     let tls = Tls::On(TlsContext::new(1)?);
//!     let registration = DynamicRegistration::new(registrant, "8Ygb7ULYh53B6OA", SignMethod::HMAC_SHA256, tls)?;
//!     client.register_device(&registration, store)
//! }
//! # }
//! ```
//!
//! With what that returns, [`Registered::sign_in`] makes the [`SignIn`](super::SignIn) that a client, or a
//! [supervisor](crate::supervisor), takes.
//!
//! | | pre-registered | not pre-registered |
//! |---|---|---|
//! | the DeviceName is created | before, in the console | by the registration |
//! | the device gets | a DeviceSecret | a client id and a token |
//! | it can be repeated | until the device has signed in; the last secret counts | up to five times under one name; each counts |
//! | where | everywhere | Shanghai alone; an instance with an identifier wants to be named |
//!
//! The platform takes a registration over TLS only, and by default only if the switch for it is on in the console. It is never repeated
//! by the driver itself: that would make the secret invalid that was just got, or use up one more of five.
//!
//! # Without a call for it
//!
//! The non-blocking front-end has no call that waits. It takes the same steps, with [`Pending`] to read the answer:
//!
//! 1. `begin_disconnect`, and once that has ended take all events that wait: they are of an earlier session.
//! 2. `begin_registration`. Where it ends with an error, [`Error::registration_failure`](crate::Error::registration_failure) says why
//!    the platform refused.
//! 3. Once it has ended as `Outcome::Connected`: [`DynamicRegistration::pending`], and then [`Pending::observe`] for each event, and also
//!    without one, until that has an answer.
//! 4. Save the answer, and only then `begin_disconnect`.
//!
//! ```
//! # #[cfg(feature = "nb")]
//! # mod example {
//! use embedded_hal_nb::serial::{Read, Write};
//! use nt35e::aliyun::registration::{Pending, Registered, RegistrationFailure};
//! use nt35e::nonblocking::Client;
//! use nt35e::{Error, Instant};
//!
//! /// Step 3, to be called until it has an answer.
//! fn poll<U: Read<u8> + Write<u8>>(
//!     client: &mut Client<'_, '_, U>,
//!     pending: &Pending<'_>,
//!     now: Instant,
//! ) -> Result<Option<Registered>, RegistrationFailure> {
//!     // Nothing is under way, so it never ends as anything; an error of the UART costs bytes, and it goes on.
//!     let _would_block_or_uart = client.poll(now);
//!     pending.observe(client.event(), now)
//! }
//! # }
//! ```

mod answer;
mod failure;
mod registered;
mod store;

pub use crate::value::Registrant;
pub use answer::Pending;
pub use failure::RegistrationFailure;
pub use registered::Registered;
pub use store::CredentialStore;

use super::host::{Region, instance_host};
use crate::command::Tls;
use crate::mqtt::{Identity, SignOn, checked_port};
use crate::time::{Duration, Instant};
use crate::value::{ClientId, DeviceClientId, Host, InvalidField, Registering, SignMethod};

/// How long the platform keeps a connection on which a device has registered (`aliyun.md` §4a), and how long its answer is waited for.
pub const ANSWERED_WITHIN: Duration = Duration::from_secs(15);

/// The registration of one device.
///
/// It is not a [`SignOn`]: no supervisor and no `connect` takes it, since those would register again and again.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DynamicRegistration<'a> {
    sign_on: SignOn<'a>,
    registering: Registering<'a>,
}

impl<'a> DynamicRegistration<'a> {
    /// Of a pre-registered device, at the public instance in Shanghai, port 1883, with the DeviceName as client id.
    ///
    /// `random` is signed too. It need not be secret; the serial number of the chip or a count serves. `tls` is an argument so that
    /// it is not forgotten: the platform takes nothing else than TLS, with a context that was prepared as
    /// [`SignIn::tls`](super::SignIn::tls) says. [`Tls::Off`] is for a double of the platform.
    ///
    /// The command line needs a TX buffer of 180 bytes and the lengths of client id, DeviceName, ProductKey, `random` and instance id.
    ///
    /// # Errors
    /// If `random` is not 1 to 32 letters and digits.
    pub const fn new(
        registrant: Registrant<'a>,
        random: &'a str,
        method: SignMethod,
        tls: Tls,
    ) -> Result<Self, InvalidField> {
        let registering = match Registering::new(registrant, random, method) {
            Ok(registering) => registering,
            Err(invalid) => return Err(invalid),
        };
        let client_id = ClientId::of_checked(registrant.device_name());
        let mut sign_on = SignOn::new(Region::Shanghai.host(registrant.names()), client_id);
        sign_on.tls = tls;
        Ok(Self { sign_on, registering })
    }

    /// Of a device whose DeviceName was not created before. The answer is then a client id and a token.
    #[must_use]
    pub const fn not_pre_registered(mut self) -> Self {
        self.registering.is_pre_registered = false;
        self
    }

    /// The public instance in another region.
    #[must_use]
    pub const fn region(mut self, region: Region) -> Self {
        self.sign_on.host = region.host(self.registering.registrant.names());
        self.registering.instance_id = None;
        self
    }

    /// An instance with an identifier of its own, such as `iot-060a06ph`, as the console shows it.
    ///
    /// # Errors
    /// If it is empty, too long for a host name, or has other characters than letters, digits, `-` and `_`.
    pub fn instance(mut self, instance_id: &'a str) -> Result<Self, InvalidField> {
        self.sign_on.host = instance_host(instance_id)?;
        self.registering.instance_id = Some(instance_id);
        Ok(self)
    }

    /// Another host, such as a double of the cloud in a test. What the instance is stays as it was said.
    ///
    /// # Errors
    /// If the host breaks a rule, or the port is 0.
    pub fn host(mut self, host: &'a str, port: u16) -> Result<Self, InvalidField> {
        self.sign_on.host = Host::new(host)?;
        self.port(port)
    }

    /// Another port than 1883: 443, or 8883 on instances with an identifier of their own.
    ///
    /// # Errors
    /// If it is 0.
    pub fn port(mut self, port: u16) -> Result<Self, InvalidField> {
        self.sign_on.port = checked_port(port)?;
        Ok(self)
    }

    /// Another client id than the DeviceName. The platform does not look at it.
    ///
    /// # Errors
    /// If it is empty or longer than 64 bytes, or has a `|` or a comma.
    pub fn client_id(mut self, client_id: &'a str) -> Result<Self, InvalidField> {
        self.sign_on.client_id = ClientId::of_checked(DeviceClientId::new(client_id)?.as_str());
        Ok(self)
    }

    /// What is waited for once the platform has accepted the sign-in, which was now.
    pub const fn pending(&self, now: Instant) -> Pending<'a> {
        Pending::new(self.registering.registrant, now)
    }

    /// The sign-in by which the device registers.
    #[cfg_attr(
        not(any(feature = "async", feature = "embedded-io", feature = "nb")),
        allow(dead_code, reason = "without a front-end nobody signs in")
    )]
    pub(crate) const fn sign_on(&self) -> SignOn<'a> {
        let mut sign_on = self.sign_on;
        sign_on.identity = Identity::Registering(self.registering);
        sign_on
    }
}
