//! The device: keeps itself signed in, and sends back on `user/update` what comes in on `user/get`.
//!
//! ```text
//!  switch the modem on ──► wait for an event ──► a message, or signed in ──► an answer into the outbox
//!                            ▲      │ anything else                              │
//!                            └──────┴────────────────────────────────────────────┘
//! ```
//! All else is the supervisor's: it brings the modem up, signs in, subscribes, sends what waits in the outbox until the cloud
//! has it, and recovers, with pauses that grow, and in the end by RESET and PWRKEY.

use core::convert::Infallible;

use heapless::Vec;
use nrf51_pac::GPIO;
use nt35e::aliyun::SignIn;
use nt35e::blocking;
use nt35e::power::{Maneuver, Power};
use nt35e::supervisor::blocking::Client;
use nt35e::supervisor::{Desired, Event, Outbox, Setup, Subscription};
use nt35e::{Buffers, Duration, InvalidField, Publish, QoS};

use crate::clock::Clock;
use crate::cloud::{GET, GREETING, LONGEST_ECHO, UPDATE};
use crate::line::Line;
use crate::pins::{self, LED_COLUMN, LED_ROW, Output, POWER_KEY, RESET};

/// How long the LED may show what is no longer so.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the device keeps, beside the queue of its UART.
pub struct Memory {
    rx: [u8; 256],
    tx: [u8; 256],
    /// Three messages of 512 bytes may wait here while one is being sent back.
    inbox: [u8; 2048],
    /// Five of them may wait here, with the topic, until the cloud has them: those of the inbox, and what is sent before.
    outbox: [u8; 3072],
    /// An answer on its way from the one to the other. There is no room for it on this chip's stack.
    answer: Vec<u8, LONGEST_ECHO>,
}

impl Memory {
    pub const fn new() -> Self {
        Self { rx: [0; 256], tx: [0; 256], inbox: [0; 2048], outbox: [0; 3072], answer: Vec::new() }
    }
}

/// Is the device, for as long as it has power.
///
/// # Errors
/// The rule of the platform that the topic breaks.
pub fn run(
    line: Line,
    clock: Clock,
    memory: &mut Memory,
    sign_in: SignIn<'_>,
    gpio: &GPIO,
) -> Result<Infallible, InvalidField> {
    let Memory { rx, tx, inbox, outbox, answer } = memory;
    pins::drive(gpio, LED_COLUMN, false);
    pins::drive(gpio, LED_ROW, false);
    let mut power = Power::new().power_key(Output::new(gpio, POWER_KEY)).reset(Output::new(gpio, RESET));
    let mut client = blocking::Client::new(line, clock, Buffers::new(rx, tx, inbox));
    // One that runs is left alone. For one that cannot be switched on, the supervisor does what it can.
    let _ = client.operate(&mut power, Maneuver::Start);

    let subscriptions = [Subscription::new(GET, QoS::AtLeastOnce)?];
    let desired = Desired::new(sign_in).subscriptions(&subscriptions)?;
    let setup = Setup::new(desired).outbox(Outbox::new(outbox)).recovery(power);
    let mut client = Client::new(client, setup);
    loop {
        answer.clear();
        let is_due = match client.next_event(LOOK_EVERY) {
            Ok(Some(Event::Modem(nt35e::Event::Message { topic, payload, .. }))) if topic == GET => {
                answer.extend_from_slice(payload).is_ok()
            }
            Ok(Some(Event::Online)) => answer.extend_from_slice(GREETING).is_ok(),
            Ok(_) => false,
            // This UART reports none.
            Err(_) => false,
        };
        if is_due {
            // It stays there until the cloud has it, over any number of sessions. If it is full, the answer is lost.
            let _ = client.publish(&Publish::new(UPDATE, answer).qos(QoS::AtLeastOnce));
        }
        pins::drive(gpio, LED_ROW, client.is_online());
    }
}
