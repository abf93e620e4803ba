//! Registering a device, with the async front-end.

use super::{Client, Timer};
use crate::aliyun::registration::{CredentialStore, DynamicRegistration, Registered};
use crate::client::plan::Connect;
use crate::client::register::RegisterError;
use crate::time::Duration;
use embedded_io_async::{Read, Write};

impl<U: Read + Write, T: Timer> Client<'_, U, T> {
    /// Registers a device by the secret of its product: signs in by it, waits for the credentials, has them saved, and only then signs off.
    ///
    /// A session that was left open is closed first, and events that wait are dropped, since they could be of an earlier registration.
    /// With `Ok` there is no session: sign in by [`Registered::sign_in`]. Nothing is repeated.
    ///
    /// The store is not awaited. A call that is dropped has saved or not; nothing in between.
    ///
    /// # Errors
    /// [`RegisterError::Registration`] says why the platform did not, [`RegisterError::NotSaved`] that the store failed,
    /// [`RegisterError::Client`] that the platform was not reached.
    pub async fn register_device<S: CredentialStore>(
        &mut self,
        registration: &DynamicRegistration<'_>,
        store: &mut S,
    ) -> Result<Registered, RegisterError<U::Error, S::Error>> {
        self.disconnect().await?;
        while self.next_event(Duration::from_millis(0)).await?.is_some() {}
        let registered = self.receive_credentials(registration).await.and_then(|registered| {
            store.save(&registered).map_err(RegisterError::NotSaved)?;
            Ok(registered)
        });
        // What was saved, or failed before, counts. A session that is still open is closed by the next sign-in.
        let _ = self.disconnect().await;
        registered
    }

    async fn receive_credentials<S>(
        &mut self,
        registration: &DynamicRegistration<'_>,
    ) -> Result<Registered, RegisterError<U::Error, S>> {
        self.run(Connect::new(registration.sign_on())).await?;
        let pending = registration.pending(self.timer.now());
        loop {
            let left = pending.left(self.timer.now());
            let read = self.next_event(left).await?.map_or(Ok(None), |event| pending.read(event));
            if let Some(registered) = pending.conclude(read, self.timer.now())? {
                return Ok(registered);
            }
        }
    }
}
