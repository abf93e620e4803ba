//! Bringing the modem up: in step, without echo, with numeric errors, and registered in the network.
//!
//! ```text
//!  Attention ──OK──► Echo ──► Errors ──► Registration ──accepted──► done
//!   │  ▲                                   │      ▲
//!   └──┘ no answer, refused, restarted     └─1 s──┘ not yet
//! ```
//!
//! The whole of it, which tells what it finds, does more between the errors and the registration, and behind that. What is
//! asked or set is left out if the modem does not know it; what is in brackets, if nobody asked for it.
//!
//! ```text
//!  Attention ─► Echo ─► Errors ─► Model ─► Firmware ─► Imei ─► AccessPoint ─[another one─► set it ─► radio off, on]─┐
//!  ┌────────────────────────────────────────────────────────────────────────────────────────────────────────────────┘
//!  └► Sim ──ready──► SimNumber ─► Subscriber ─[PowerSaving]─[ExtendedReception]─[Operator]─┐
//!     │ ▲ └─PIN, once──► EnterPin ─┐                                                       │
//!     │ └──────────────────────────┤        PUK, no PIN, refused PIN: an error at once     │
//!     └─1 s: absent, busy, failed ─┘                                                       │
//!  ┌───────────────────────────────────────────────────────────────────────────────────────┘
//!  └► Registration ──accepted──► Attachment ──attached──► Address ──there──► Signal ─► Clock ─► done
//!       └─1 s─┘ not yet            └─1 s─┘ not yet          └─1 s─┘ not yet
//! ```
//!
//! Each loop has a time limit, and its error says what was seen last.

mod answers;
#[cfg(any(feature = "nb", feature = "supervisor"))]
mod shown;
mod step;
mod whole;

#[cfg(any(feature = "nb", feature = "supervisor"))]
pub use shown::Show;
#[cfg(any(feature = "nb", feature = "supervisor"))]
pub(crate) use shown::{Shown, ShownBringUp};
pub(crate) use whole::WholeBringUp;

use super::{Context, Next, Plan, is_refusal, tolerate_refusal};
use crate::client::error::Failure;
use crate::command::{Attention, Echo, ErrorReports, Registration, RegistrationQuery, SetErrorReports};
use crate::network::Network;
use crate::time::{Duration, Instant};

/// How often to ask whether the network has taken the modem in; working products ask every 0.3 to 1 s.
const ASK_EVERY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Eq, PartialEq)]
enum Step {
    Start,
    Attention,
    Echo,
    Errors,
    Registration,
    Waiting,
}

pub(crate) struct BringUp {
    network: Network,
    step: Step,
    limit: Instant,
    last: Option<Registration>,
}

impl BringUp {
    pub(crate) const fn new(network: Network) -> Self {
        Self { network, step: Step::Start, limit: Instant::from_millis(0), last: None }
    }
}

impl Plan for BringUp {
    type Output = Registration;

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Registration>, Failure> {
        match self.step {
            Step::Start => {
                self.limit = context.now + self.network.answer_within;
                self.step = Step::Attention;
                context.submit(&Attention)
            }
            Step::Attention => match context.finish(&Attention) {
                Ok(()) => {
                    self.step = Step::Echo;
                    context.submit(&Echo(false))
                }
                // Until the limit everything may be wrong: the modem may boot, adapt its baud rate, or be in the middle
                // of what an earlier life of this host asked for.
                Err(_) if context.now < self.limit => context.submit(&Attention),
                Err(error) => Err(error.into()),
            },
            // A modem that keeps its echo, or its form of errors, is understood as well.
            Step::Echo => {
                tolerate_refusal(context.finish(&Echo(false)))?;
                self.step = Step::Errors;
                context.submit(&SetErrorReports(ErrorReports::Numeric))
            }
            Step::Errors => {
                errors_answered(context)?;
                self.limit = context.now + self.network.registered_within;
                self.step = Step::Registration;
                context.submit(&RegistrationQuery)
            }
            Step::Registration => {
                match context.finish(&RegistrationQuery) {
                    Ok(state) if self.network.accepts(state) => return Ok(Next::Done(state)),
                    Ok(state) => self.last = Some(state),
                    Err(error) if is_refusal(&error) => {}
                    Err(error) => return Err(error.into()),
                }
                if context.now >= self.limit {
                    return Err(Failure::NotRegistered(self.last));
                }
                self.step = Step::Waiting;
                context.pause(ASK_EVERY)
            }
            Step::Waiting => {
                self.step = Step::Registration;
                context.submit(&RegistrationQuery)
            }
        }
    }
}

/// The last answer before the modem is of use: from here on the whole bring-up goes its own way.
fn errors_answered(context: &mut Context<'_, '_>) -> Result<(), Failure> {
    Ok(tolerate_refusal(context.finish(&SetErrorReports(ErrorReports::Numeric)))?)
}
