//! The supervised client over the async front-end.

use super::conduct::{Conduct, Turn};
use super::desired::{Desired, Setup};
use super::event::{Event, PublishError};
use super::outbox::{Outbox, Ticket};
use super::recovery::{CommandsOnly, Recovery};
use crate::at::{Command, Step};
use crate::client::asynch::{self, Timer};
use crate::client::plan::Context;
use crate::client::{Counters, Error, Publish};
use crate::time::{Duration, Instant};
use embedded_io_async::{Read, Write};

/// A client that keeps itself signed in.
///
/// [`next_event`](Self::next_event) does all the work: call it over and over. Its future may be dropped at any point, such
/// as for a message of another task; what is under way is not given up by that, and goes on at the next call.
///
/// ```
/// use embedded_io_async::{Read, Write};
/// use nt35e::asynch::{self, Timer};
/// use nt35e::supervisor::{self, Event, Setup};
/// use nt35e::{Buffers, Duration, Publish, QoS};
///
/// async fn run(uart: impl Read + Write, timer: impl Timer, setup: Setup<'_, '_>, mut measure: impl FnMut() -> u8) -> ! {
///     let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
///     let client = asynch::Client::new(uart, timer, Buffers::new(&mut rx, &mut tx, &mut inbox));
///     let mut client = supervisor::asynch::Client::new(client, setup);
///     loop {
///         match client.next_event(Duration::from_secs(60)).await {
///             Ok(Some(Event::Modem(nt35e::Event::Message { topic, payload, .. }))) => drop((topic, payload)),
///             Ok(Some(Event::GivenUp { ticket, error })) => drop((ticket, error)),
///             Ok(Some(_)) => {} // worth a line in a log
///             Ok(None) => {
///                 // It waits in the outbox for as long as it has to. What does not fit is refused now.
///                 let reading = [measure()];
///                 let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", &reading);
///                 let _ticket = client.publish(&message.qos(QoS::AtLeastOnce));
///             }
///             Err(_uart) => {} // it goes on
///         }
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Client<'b, 'p, 'q, U, T, R = CommandsOnly> {
    client: asynch::Client<'b, U, T>,
    conduct: Conduct<'p, 'q>,
    recovery: R,
}

impl<'b, 'p, 'q, U: Read + Write, T: Timer, R: Recovery> Client<'b, 'p, 'q, U, T, R> {
    /// Takes charge of a client. Nothing is sent yet.
    pub fn new(client: asynch::Client<'b, U, T>, setup: Setup<'p, 'q, R>) -> Self {
        let Setup { desired, policy, outbox, recovery } = setup;
        Self { client, conduct: Conduct::new(desired, policy, outbox, recovery.rungs()), recovery }
    }

    /// Does what is to be done, until there is something to tell or `limit` has passed. What is under way then goes on at
    /// the next call, which should come soon: nobody else reads what the modem says.
    ///
    /// # Errors
    /// [`Error::Uart`], [`Error::Closed`]. It costs bytes, which the driver counts; what is under way goes on.
    pub async fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        let until = self.client.timer.now() + limit;
        self.begin_turns().await?;
        let now = loop {
            let (now, turn) = self.turn();
            let step = match turn {
                Turn::Event(event) => return Ok(Some(event)),
                Turn::Look => self.client.engine.poll(now) == Step::Event,
                Turn::Rest(at) => {
                    let at = at.map_or(until, |at| at.min(until));
                    self.client.turn(&[], Some(at)).await? == asynch::Turn::Event
                }
                turn => {
                    self.go_on(turn, Some(until)).await?;
                    false
                }
            };
            if step {
                break now;
            }
            if now >= until {
                return Ok(None);
            }
        };
        let Self { client, conduct, .. } = self;
        Ok(client.engine.event().map(|event| conduct.observed(client.session.observe(event), now)))
    }

    /// Executes one command, such as a [`Raw`](crate::command::Raw) one, once what is under way has ended. That may take
    /// minutes, in which messages wait in the inbox.
    ///
    /// # Errors
    /// As for [`asynch::Client::execute`].
    pub async fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        self.begin_turns().await?;
        loop {
            let now = self.client.timer.now();
            let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
            let Some(turn) = self.conduct.work_on(&mut context) else { break };
            self.go_on(turn, None).await?;
        }
        self.client.execute(command).await
    }

    /// Reads on in the payload of an [`Event::LargeMessage`](crate::Event::LargeMessage), before
    /// [`next_event`](Self::next_event) is called again.
    ///
    /// # Errors
    /// As for [`asynch::Client::read_payload`].
    pub async fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Error<U::Error>> {
        self.client.read_payload(buffer, limit).await
    }

    shared_methods!();

    /// Gives the plain client and the means of recovery back. What is under way is given up.
    pub fn release(self) -> (asynch::Client<'b, U, T>, R) {
        (self.client, self.recovery)
    }

    fn turn(&mut self) -> (Instant, Turn) {
        let now = self.client.timer.now();
        let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
        (now, self.conduct.turn(&mut context))
    }

    /// What has arrived while nobody was looking is not late. A command of the application may have been dropped.
    async fn begin_turns(&mut self) -> Result<(), Error<U::Error>> {
        if self.conduct.is_free() {
            self.client.engine.abandon();
        }
        if self.client.engine.receive().is_empty() {
            return Ok(());
        }
        let now = self.client.timer.now();
        self.client.take_in(now).await.map(|_| ())
    }

    /// Lets what is under way go on, at the longest until `limit`.
    async fn go_on(&mut self, turn: Turn, limit: Option<Instant>) -> Result<(), Error<U::Error>> {
        match turn {
            Turn::Drive => {
                let turn = self.client.turn(self.conduct.payload(), limit).await?;
                if turn == asynch::Turn::Finished {
                    self.conduct.finished();
                }
            }
            Turn::Press(rung, progress) => {
                let wait = self.recovery.take_step(rung, progress);
                let now = self.client.timer.now();
                let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
                self.conduct.pressed(wait, &mut context);
            }
            _ => {}
        }
        Ok(())
    }
}
