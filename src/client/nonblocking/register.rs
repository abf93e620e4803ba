//! Beginning to register a device, with the non-blocking front-end.

use super::Client;
use crate::aliyun::registration::DynamicRegistration;
use crate::client::plan::{Connect, Operation};

impl<'p, U> Client<'_, 'p, U> {
    /// Begins to sign in by the secret of a product, which registers the device. What has to be done before and after it is described at
    /// [`registration`](crate::aliyun::registration#without-a-call-for-it).
    ///
    /// Ends as [`Outcome::Connected`](super::Outcome::Connected), or as [`Client::begin_connect`] does;
    /// [`Error::registration_failure`](crate::Error::registration_failure) says why the platform refused.
    pub fn begin_registration(&mut self, registration: &DynamicRegistration<'p>) {
        self.start(Operation::Connect(Connect::new(registration.sign_on())));
    }
}
