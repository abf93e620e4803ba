//! Registering a device, with the blocking front-end.

use super::Client;
use crate::aliyun::registration::{CredentialStore, DynamicRegistration, Registered};
use crate::client::plan::Connect;
use crate::client::register::RegisterError;
use crate::time::{Clock, Duration};
use embedded_io::{Read, ReadReady, Write};

impl<U: Read + ReadReady + Write, C: Clock> Client<'_, U, C> {
    /// Registers a device by the secret of its product: signs in by it, waits for the credentials, has them saved, and only then signs off.
    ///
    /// A session that was left open is closed first, and events that wait are dropped, since they could be of an earlier registration.
    /// With `Ok` there is no session: sign in by [`Registered::sign_in`]. Nothing is repeated.
    ///
    /// # Errors
    /// [`RegisterError::Registration`] says why the platform did not, [`RegisterError::NotSaved`] that the store failed,
    /// [`RegisterError::Client`] that the platform was not reached.
    pub fn register_device<S: CredentialStore>(
        &mut self,
        registration: &DynamicRegistration<'_>,
        store: &mut S,
    ) -> Result<Registered, RegisterError<U::Error, S::Error>> {
        self.disconnect()?;
        while self.next_event(Duration::from_millis(0))?.is_some() {}
        let registered = self.receive_credentials(registration).and_then(|registered| {
            store.save(&registered).map_err(RegisterError::NotSaved)?;
            Ok(registered)
        });
        // What was saved, or failed before, counts. A session that is still open is closed by the next sign-in.
        let _ = self.disconnect();
        registered
    }

    fn receive_credentials<S>(
        &mut self,
        registration: &DynamicRegistration<'_>,
    ) -> Result<Registered, RegisterError<U::Error, S>> {
        self.run(Connect::new(registration.sign_on()))?;
        let pending = registration.pending(self.clock.now());
        loop {
            let left = pending.left(self.clock.now());
            let read = self.next_event(left)?.map_or(Ok(None), |event| pending.read(event));
            if let Some(registered) = pending.conclude(read, self.clock.now())? {
                return Ok(registered);
            }
        }
    }
}
