//! The device: keeps itself signed in, and sends back on `user/update` what comes in on `user/get`. Knows no chip, only a
//! UART, a timer and three pins.
//!
//! ```text
//!  switch the modem on ──► wait for an event ──► a message, or signed in ──► an answer into the outbox
//!                            ▲      │ anything else                              │
//!                            └──────┴────────────────────────────────────────────┘
//! ```
//! All else is the supervisor's: it brings the modem up, signs in, subscribes, sends what waits in the outbox until the cloud
//! has it, and recovers, with pauses that grow, and in the end by RESET and PWRKEY.

use core::convert::Infallible;

use embedded_hal::digital::{OutputPin, PinState};
use embedded_io_async::{Read, Write};
use heapless::Vec;
use nt35e::aliyun::SignIn;
use nt35e::asynch::{self, Timer};
use nt35e::power::{Maneuver, Power};
use nt35e::supervisor::asynch::Client;
use nt35e::supervisor::{Desired, Event, Outbox, Setup, Subscription};
use nt35e::{Buffers, Duration, InvalidField, Publish, QoS};

use super::cloud::{GET, GREETING, LONGEST_ECHO, UPDATE};

/// How long the LED may show what is no longer so.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the device keeps, beside the buffers of its UART.
pub struct Memory {
    rx: [u8; 256],
    tx: [u8; 256],
    /// Six messages of 512 bytes may wait here while one is being sent back.
    inbox: [u8; 4096],
    /// Ten of them may wait here, with the topic, until the cloud has them: those of the inbox, and what is sent before.
    outbox: [u8; 6144],
}

/// The pins beside the UART.
pub struct Pins<L, P, R> {
    /// Lit while the device is signed in.
    pub led: L,
    /// The level at which the LED is lit.
    pub lit: PinState,
    /// High pulls PWRKEY of the modem low, through a transistor.
    pub power_key: P,
    /// High pulls RESET of the modem low, through a transistor.
    pub reset: R,
}

impl Memory {
    pub const fn new() -> Self {
        Self { rx: [0; 256], tx: [0; 256], inbox: [0; 4096], outbox: [0; 6144] }
    }
}

/// Is the device, for as long as it has power.
///
/// # Errors
/// The rule of the platform that the topic breaks.
pub async fn run<U, L, P, R>(
    uart: U,
    timer: impl Timer,
    memory: &mut Memory,
    sign_in: SignIn<'_>,
    pins: Pins<L, P, R>,
) -> Result<Infallible, InvalidField>
where
    U: Read + Write,
    U::Error: defmt::Format,
    L: OutputPin,
    P: OutputPin,
    R: OutputPin,
{
    let Memory { rx, tx, inbox, outbox } = memory;
    let Pins { mut led, lit, power_key, reset } = pins;
    let mut power = Power::new().power_key(power_key).reset(reset);
    let mut client = asynch::Client::new(uart, timer, Buffers::new(rx, tx, inbox));
    // One that runs is left alone. For one that cannot be switched on, the supervisor does what it can.
    defmt::info!("the modem: {}", client.operate(&mut power, Maneuver::Start).await);

    let subscriptions = [Subscription::new(GET, QoS::AtLeastOnce)?];
    let desired = Desired::new(sign_in).subscriptions(&subscriptions)?;
    let setup = Setup::new(desired).outbox(Outbox::new(outbox)).recovery(power);
    let mut client = Client::new(client, setup);
    loop {
        let answer = match client.next_event(LOOK_EVERY).await {
            Ok(Some(Event::Modem(nt35e::Event::Message { topic, payload, .. }))) if topic == GET => copy(payload),
            Ok(Some(Event::Online)) => {
                defmt::info!("signed in, listening to {=str}", GET);
                copy(GREETING)
            }
            Ok(Some(event)) => {
                defmt::info!("{}", event);
                None
            }
            Ok(None) => None,
            // It costs bytes, which the driver counts; what is under way goes on.
            Err(error) => {
                defmt::warn!("{}", error);
                None
            }
        };
        if let Some(payload) = answer {
            // It stays there until the cloud has it, over any number of sessions.
            if let Err(error) = client.publish(&Publish::new(UPDATE, &payload).qos(QoS::AtLeastOnce)) {
                defmt::error!("{} bytes are not sent: {}", payload.len(), error);
            }
        }
        // No pin of a chip fails.
        let _ = led.set_state(if client.is_online() { lit } else { !lit });
    }
}

/// Out of the inbox, so that the client can be used.
fn copy(payload: &[u8]) -> Option<Vec<u8, LONGEST_ECHO>> {
    let copy = Vec::from_slice(payload).ok();
    if copy.is_none() {
        defmt::warn!("a message of {} bytes is too long to be sent back", payload.len());
    }
    copy
}
