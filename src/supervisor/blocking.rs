//! The supervised client over the blocking front-end.

use super::conduct::{Conduct, Turn};
use super::desired::{Desired, Setup};
use super::event::{Event, PublishError};
use super::outbox::{Outbox, Ticket};
use super::recovery::{CommandsOnly, Recovery};
use crate::at::{Command, Step};
use crate::client::plan::Context;
use crate::client::{Counters, Error, Publish, blocking};
use crate::time::{Clock, Duration};
use embedded_io::{Read, ReadReady, Write};

/// A client that keeps itself signed in.
///
/// [`next_event`](Self::next_event) does all the work: call it over and over.
///
/// ```
/// use embedded_io::{Read, ReadReady, Write};
/// use nt35e::supervisor::{self, Event, Setup};
/// use nt35e::{Buffers, Clock, Duration, Publish, QoS, blocking};
///
/// fn run(uart: impl Read + ReadReady + Write, clock: impl Clock, setup: Setup, mut measure: impl FnMut() -> u8) -> ! {
///     let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
///     let client = blocking::Client::new(uart, clock, Buffers::new(&mut rx, &mut tx, &mut inbox));
///     let mut client = supervisor::blocking::Client::new(client, setup);
///     loop {
///         match client.next_event(Duration::from_secs(60)) {
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
pub struct Client<'b, 'p, 'q, U, C, R = CommandsOnly> {
    client: blocking::Client<'b, U, C>,
    conduct: Conduct<'p, 'q>,
    recovery: R,
}

impl<'b, 'p, 'q, U: Read + ReadReady + Write, C: Clock, R: Recovery> Client<'b, 'p, 'q, U, C, R> {
    /// Takes charge of a client. Nothing is sent yet.
    pub fn new(client: blocking::Client<'b, U, C>, setup: Setup<'p, 'q, R>) -> Self {
        let Setup { desired, policy, outbox, recovery } = setup;
        Self { client, conduct: Conduct::new(desired, policy, outbox, recovery.rungs()), recovery }
    }

    /// Does what is to be done, until there is something to tell or `limit` has passed. What is under way then goes on at
    /// the next call, which should come soon: nobody else reads what the modem says.
    ///
    /// # Errors
    /// [`Error::Uart`]. It costs bytes, which the driver counts; what is under way goes on.
    pub fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        let until = self.client.clock.now() + limit;
        self.begin_turns()?;
        let now = loop {
            let now = self.client.clock.now();
            let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
            let step = match self.conduct.turn(&mut context) {
                Turn::Event(event) => return Ok(Some(event)),
                Turn::Look => self.client.engine.poll(now),
                Turn::Rest(at) if at.is_none_or(|at| now < at) => self.client.step(&[])?,
                turn => self.go_on(turn)?,
            };
            match step {
                Step::Event => break now,
                Step::Receive if now >= until => return Ok(None),
                _ => {}
            }
        };
        let Self { client, conduct, .. } = self;
        Ok(client.engine.event().map(|event| conduct.observed(client.session.observe(event), now)))
    }

    /// Executes one command, such as a [`Raw`](crate::command::Raw) one, once what is under way has ended. That may take
    /// minutes, in which messages wait in the inbox.
    ///
    /// # Errors
    /// As for [`blocking::Client::execute`].
    pub fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        self.begin_turns()?;
        loop {
            let now = self.client.clock.now();
            let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
            let Some(turn) = self.conduct.work_on(&mut context) else { break };
            let _ = self.go_on(turn)?;
        }
        self.client.execute(command)
    }

    /// Reads on in the payload of an [`Event::LargeMessage`](crate::Event::LargeMessage), before
    /// [`next_event`](Self::next_event) is called again.
    ///
    /// # Errors
    /// As for [`blocking::Client::read_payload`].
    pub fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Error<U::Error>> {
        self.client.read_payload(buffer, limit)
    }

    shared_methods!();

    /// Gives the plain client and the means of recovery back. What is under way is given up.
    pub fn release(self) -> (blocking::Client<'b, U, C>, R) {
        (self.client, self.recovery)
    }

    /// What has arrived while nobody was looking is not late. A command of the application may have been dropped.
    fn begin_turns(&mut self) -> Result<(), Error<U::Error>> {
        if self.conduct.is_free() {
            self.client.engine.abandon();
        }
        if self.client.engine.receive().is_empty() {
            return Ok(());
        }
        self.client.take_in().map(|_| ())
    }

    /// Lets what is under way go on.
    fn go_on(&mut self, turn: Turn) -> Result<Step, Error<U::Error>> {
        let now = self.client.clock.now();
        match turn {
            Turn::Drive => {
                let step = self.client.step(self.conduct.payload())?;
                if step == Step::Finished {
                    self.conduct.finished();
                }
                Ok(step)
            }
            Turn::Press(rung, progress) => {
                let wait = self.recovery.take_step(rung, progress);
                let mut context = Context { engine: &mut self.client.engine, session: &mut self.client.session, now };
                self.conduct.pressed(wait, &mut context);
                Ok(Step::Finished)
            }
            _ => Ok(Step::Finished),
        }
    }
}
