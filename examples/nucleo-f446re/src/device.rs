//! The device: greets at each sign-in, and sends back on `user/update` what comes in on `user/get`.
//!
//! It is signed in, and stays so, by the supervisor of the driver. What it publishes waits in the outbox until the broker
//! has it, over any number of sessions.

use heapless::Vec;
use nt35e::power::Power;
use nt35e::supervisor::nonblocking::Client;
use nt35e::supervisor::{Desired, Event, Outbox, Setup, Subscription, Ticket};
use nt35e::{Buffers, Instant, InvalidField, Publish, QoS, nonblocking};
use stm32f4xx_hal::gpio::{ErasedPin, Output};

use crate::cloud::{GET, GREETING, LONGEST_ECHO, SIGN_IN, UPDATE};
use crate::line::Line;

/// What the device wants: to be signed in, and to hear what it listens to.
pub fn desired() -> Result<Desired<'static>, InvalidField> {
    const SUBSCRIPTIONS: &[Subscription<'static>] = &[match Subscription::new(GET, QoS::AtLeastOnce) {
        Ok(subscription) => subscription,
        Err(_) => panic!("NT35E_PRODUCT_KEY or NT35E_DEVICE_NAME is not what the console shows"),
    }];
    Desired::new(SIGN_IN).subscriptions(SUBSCRIPTIONS)
}

/// The pins beside the UART.
pub struct Pins {
    /// On while the device is signed in.
    pub led: ErasedPin<Output>,
    /// High pulls PWRKEY of the modem low, through a transistor.
    pub power_key: ErasedPin<Output>,
    /// High pulls RESET of the modem low, through a transistor.
    pub reset: ErasedPin<Output>,
}

/// The device.
pub struct Device<'b> {
    client: Client<'b, 'static, 'b, Line, Power<ErasedPin<Output>, ErasedPin<Output>>>,
    led: ErasedPin<Output>,
    /// A greeting that the broker does not have yet.
    greeting: Option<Ticket>,
}

impl<'b> Device<'b> {
    pub fn new(line: Line, buffers: Buffers<'b>, outbox: &'b mut [u8], desired: Desired<'static>, pins: Pins) -> Self {
        let Pins { led, power_key, reset } = pins;
        let power = Power::new().power_key(power_key).reset(reset);
        let setup = Setup::new(desired).outbox(Outbox::new(outbox)).recovery(power);
        let client = Client::new(nonblocking::Client::new(line, buffers), setup);
        Self { client, led, greeting: None }
    }

    /// Goes on until there was an event, or until nothing can be done without waiting.
    pub fn turn(&mut self, now: Instant) {
        match self.client.poll(now) {
            Ok(Event::Modem(nt35e::Event::Message { topic, payload, .. })) if topic == GET => {
                if let Ok(payload) = Vec::<u8, LONGEST_ECHO>::from_slice(payload) {
                    let _ = self.publish(&payload);
                }
            }
            // One that still waits is enough: however often sessions come and go, greetings leave room for messages.
            Ok(Event::Online) if self.greeting.is_none() => self.greeting = self.publish(GREETING),
            Ok(Event::Delivered { ticket, .. } | Event::GivenUp { ticket, .. }) if self.greeting == Some(ticket) => {
                self.greeting = None;
            }
            // The supervisor has seen to it. An error of the UART costs bytes, which the driver counts.
            Ok(_) | Err(_) => {}
        }
        self.led.set_state(self.client.is_online().into());
    }

    /// Whether there is nothing to do until the next interrupt.
    pub fn is_idle(&self, now: Instant) -> bool {
        self.client.wake_at().is_none_or(|at| now < at)
    }

    /// Puts a message into the outbox; none if there is no room for it.
    fn publish(&mut self, payload: &[u8]) -> Option<Ticket> {
        self.client.publish(&Publish::new(UPDATE, payload).qos(QoS::AtLeastOnce)).ok()
    }
}
