//! The supervisor: keeps a device signed in for years, from power-on and through every fault, so that the application
//! writes one loop.
//!
//! ```
//! # #[cfg(feature = "embedded-io")]
//! # mod example {
//! use embedded_io::{Read, ReadReady, Write};
//! use nt35e::aliyun::SignIn;
//! use nt35e::supervisor::{self, Desired, Event, Outbox, Setup, Subscription};
//! use nt35e::{Clock, Duration, InvalidField, Publish, QoS, Triple, blocking};
//!
//! fn run<U: Read + ReadReady + Write>(
//!     client: blocking::Client<'_, U, impl Clock>,
//!     triple: Triple<'_>,
//!     mut measure: impl FnMut() -> u8,
//! ) -> Result<(), InvalidField> {
//!     let subscriptions = [Subscription::new("/a1JszCpjS61/NT35E_06011/user/get", QoS::AtLeastOnce)?];
//!     let mut memory = [0; 1024];
//!     let desired = Desired::new(SignIn::new(triple)).subscriptions(&subscriptions)?;
//!     let setup = Setup::new(desired).outbox(Outbox::new(&mut memory));
//!     let mut supervised = supervisor::blocking::Client::new(client, setup);
//!     loop {
//!         match supervised.next_event(Duration::from_secs(60)) {
//!             Ok(Some(Event::Modem(nt35e::Event::Message { topic, payload, .. }))) => drop((topic, payload)),
//!             Ok(Some(Event::GivenUp { ticket, error })) => drop((ticket, error)),
//!             Ok(Some(_)) => {} // worth a line in a log
//!             Ok(None) => {
//!                 // A minute has passed. The message waits in the outbox for as long as it has to.
//!                 let reading = [measure()];
//!                 let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", &reading);
//!                 let _ticket = supervised.publish(&message.qos(QoS::AtLeastOnce));
//!             }
//!             Err(_uart) => {} // it goes on
//!         }
//!     }
//! }
//! # }
//! ```
//!
//! What is wanted, the [`Desired`] state, is compared with what is the case, each time anew; there is no script of steps
//! that could be left in the middle. The decisions are a [`Supervisor`] without IO and clock. The clients over the three
//! front-ends carry them out:
//!
//! ```text
//!        restart of the modem, or a rung from `Radio` on, from every state
//!   ┌──────────────────────────────────────────────────────────────────────────────┐
//!   ▼                                                                              │
//!  Down ──BringUp──► Up ──pause over: Connect──► Signed in ──Subscribe…──► Online ─┤
//!   ▲ │ failed       ▲ │ failed                    │ ▲                      │ ▲ │  │
//!   │ ▼              │ ▼                           │ └───── Ask: there ─────┼─┘ │  │
//!  ladder, pause     back-off ◄── session ended ◄──┴────────────────────────┘   │  │
//!   ▲ │                                                                         │  │
//!   │ └──── Recover(rung) ──────────────────────────────────────────────────────┼──┘
//!   └────────────── Send, Ask or Subscribe without an answer ◄──────────────────┘
//! ```
//!
//! # What it holds to
//!
//! * **It spares the broker.** Pauses double after each failure, each is random up to its ceiling, and the chance is the
//!   device's own: a thousand devices that lose their server at once do not come back at once. At least 15 s lie between two
//!   sign-ins, whatever happens, so that there are never more than five in a minute, which is the limit of Alibaba Cloud. A
//!   host that is restarted over and over forgets them: [`Policy::start_within`] is for that.
//! * **A refusal is reported and not hammered at.** Wrong credentials or a disabled device are [`Problem::Refused`], with
//!   pauses from a minute up to 2 hours: at most 32 sign-ins a day.
//! * **It does not fight.** A broker ends a session when another device signs in with the same identity. After three such
//!   short sessions in a row it is [`Problem::Contended`], with pauses from a minute up to an hour.
//! * **It always wakes up again**: after 2 hours at the latest, or a minute ([`Policy::ask_after`]) in a session.
//! * **It is back in time.** After the last fault has ended, the device is online again within 15 minutes with the default
//!   [`Policy`], after refusals within 2 hours 15 minutes, after contention within 1 hour 15 minutes. Not so a modem that waits
//!   for a payload for ever ([`Problem::Deaf`]) on a board without pins: no command can wake it.
//! * **Recovery goes up a ladder**, [`Rung`] by rung, and down again as soon as the broker has answered in a session.
//!   Rungs that the board lacks are left out; pins are reached by [`Recovery`].
//! * **A modem that is off is switched on**, by PWRKEY, once it was silent and RESET did not help: that takes up to two minutes.
//!   A [`Maneuver::Start`](crate::power::Maneuver::Start) before the client is handed over is quicker.
//! * **The outbox loses nothing in silence**, and keeps its order: a message stays until the broker has confirmed it, or
//!   [`Event::GivenUp`] says why not.
//!
//! # Repeated messages
//!
//! A message of which nobody knows whether it has arrived is sent again. MQTT marks that by DUP, but the modem's
//! `AT+LMQTTPUB` has no argument for it, and takes each for a new message. So the receiver cannot see it, but
//! the application can: [`Event::Delivered`] has `may_be_repeated`. Where that matters, put a number into the payload.
//!
//! # Cost
//!
//! It is behind the feature `supervisor`, so that who does without it has exactly the firmware of before. With it, a
//! firmware for a Cortex-M4 takes 9 KiB of flash more, 0.6 KiB of RAM and the outbox, and 0.3 KiB of stack:
//! `cargo xtask bench` measures it.

/// What the clients of all front-ends have in common.
#[cfg(any(feature = "async", feature = "embedded-io", feature = "nb"))]
macro_rules! shared_methods {
    () => {
        /// Puts a message into the outbox, from where it is sent as soon as there is a session, in order. `message` is the
        /// caller's again. What becomes of it is told by [`Event::Delivered`] or [`Event::GivenUp`].
        ///
        /// # Errors
        /// [`PublishError::Full`] if there is no room: nothing that waits is dropped for it. [`PublishError::Invalid`] if
        /// it breaks a rule.
        pub fn publish(&mut self, message: &Publish<'_>) -> Result<Ticket, PublishError> {
            self.conduct.publish(message)
        }

        /// The messages that wait for the broker.
        pub const fn outbox(&self) -> &Outbox<'q> {
            self.conduct.outbox()
        }

        /// Whether the device is signed in, and each of its subscriptions was granted or refused.
        pub fn is_online(&self) -> bool {
            self.conduct.is_online(&self.client.session, &self.client.engine)
        }

        /// Something else is wanted from now on, such as another broker or other credentials. A session that there is
        /// ends. Messages in the outbox go to the new one.
        pub fn set_desired(&mut self, desired: Desired<'p>) {
            self.conduct.set_desired(desired);
        }

        /// Whether a session is wanted at all, which it is at first. Signs off, or in again; messages wait meanwhile.
        pub const fn want_session(&mut self, is_wanted: bool) {
            self.conduct.want_session(is_wanted);
        }

        /// Takes note that the application has restarted the modem by itself, in case the banner is not heard.
        pub fn modem_restarted(&mut self) {
            self.client.modem_restarted();
        }

        /// What has happened on the line since the start.
        pub fn counters(&self) -> Counters {
            self.client.counters()
        }
    };
}

mod action;
#[cfg(feature = "async")]
pub mod asynch;
mod back_off;
#[cfg(feature = "embedded-io")]
pub mod blocking;
mod conduct;
mod desired;
mod dice;
mod event;
mod ladder;
mod machine;
#[cfg(feature = "nb")]
pub mod nonblocking;
mod outbox;
mod policy;
mod problem;
mod recovery;
mod work;

pub use crate::client::plan::Show;
pub use action::{Action, Setback, View};
pub use desired::{Desired, Setup, Subscription};
pub use event::{Event, PublishError};
pub use ladder::{Rung, Rungs};
pub use machine::Supervisor;
pub use outbox::{Outbox, Ticket};
pub use policy::Policy;
pub use problem::Problem;
pub use recovery::{CommandsOnly, Progress, Recovery};
