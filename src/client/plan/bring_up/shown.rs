//! The whole bring-up for those who keep their work to themselves: linked only where it is asked for.

use super::WholeBringUp;
use crate::client::error::Failure;
use crate::client::plan::{Context, Next, Plan};
use crate::client::progress::Progress;
use crate::command::Registration;
use crate::network::BringUp;

/// What is called with each [`Progress`]: a function, or a closure that may be shared, as the client may be in RTIC. One
/// that captures nothing is `'static`.
pub type Show<'p> = &'p (dyn Fn(Progress<'_>) + Sync);

/// How it goes on. Being called only through this, it is linked only where it is made.
type Advance = fn(&mut WholeBringUp<'_, Show<'_>>, &mut Context<'_, '_>) -> Result<Next<Registration>, Failure>;

/// The whole bring-up as it was asked for; it can be begun any number of times.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'p> {
    settings: BringUp<'p>,
    show: Show<'p>,
    advance: Advance,
}

impl<'p> Shown<'p> {
    pub(crate) fn new(settings: BringUp<'p>, show: Show<'p>) -> Self {
        Self { settings, show, advance: |plan, context| plan.advance(context) }
    }

    pub(crate) const fn begin(self) -> ShownBringUp<'p> {
        ShownBringUp { plan: WholeBringUp::new(self.settings, self.show), advance: self.advance }
    }
}

impl core::fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.settings.fmt(formatter)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Shown<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        self.settings.format(formatter);
    }
}

/// One that is under way.
pub(crate) struct ShownBringUp<'p> {
    plan: WholeBringUp<'p, Show<'p>>,
    advance: Advance,
}

impl Plan for ShownBringUp<'_> {
    type Output = Registration;

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Registration>, Failure> {
        (self.advance)(&mut self.plan, context)
    }
}
