//! The device: greets at each sign-in, and sends back on `user/update` what comes in on `user/get`.
//!
//! It is signed in, and stays so, by the supervisor of the driver. What it publishes waits in the outbox until the broker
//! has it, over any number of sessions.

use heapless::Vec;
use nt35e::power::Power;
use nt35e::supervisor::nonblocking::Client;
use nt35e::supervisor::{Desired, Event, Outbox, Setup, Subscription, Ticket};
use nt35e::{Buffers, Duration, Instant, InvalidField, Publish, QoS, nonblocking};
use rtic_monotonics::Timebase;
use rtic_sync::signal::SignalReader;
use stm32f4xx_hal::gpio::{ErasedPin, Output};

use crate::Mono;
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
pub struct Device {
    client: Client<'static, 'static, 'static, Line, Power<ErasedPin<Output>, ErasedPin<Output>>>,
    /// From the interrupt: bytes have arrived, or all were sent.
    news: SignalReader<'static, ()>,
    led: ErasedPin<Output>,
    /// A greeting that the broker does not have yet.
    greeting: Option<Ticket>,
}

impl Device {
    pub fn new(
        line: Line,
        news: SignalReader<'static, ()>,
        buffers: Buffers<'static>,
        outbox: &'static mut [u8],
        desired: Desired<'static>,
        pins: Pins,
    ) -> Self {
        let Pins { led, power_key, reset } = pins;
        let power = Power::new().power_key(power_key).reset(reset);
        let setup = Setup::new(desired).outbox(Outbox::new(outbox)).recovery(power);
        let client = Client::new(nonblocking::Client::new(line, buffers), setup);
        Self { client, news, led, greeting: None }
    }

    /// Takes one event after the other, and sleeps while there is none. Never ends.
    pub async fn run(&mut self) -> ! {
        loop {
            let has_event = self.take_event();
            self.led.set_state(self.client.is_online().into());
            if !has_event {
                self.sleep().await;
            }
        }
    }

    /// Goes on until there was an event, or until nothing can be done without waiting: then false.
    fn take_event(&mut self) -> bool {
        match self.client.poll(now()) {
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
            // The supervisor has seen to it.
            Ok(_) => {}
            // An error of the UART costs bytes, which the driver counts.
            Err(_) => return false,
        }
        true
    }

    /// Puts a message into the outbox; none if there is no room for it.
    fn publish(&mut self, payload: &[u8]) -> Option<Ticket> {
        self.client.publish(&Publish::new(UPDATE, payload).qos(QoS::AtLeastOnce)).ok()
    }

    /// Until the interrupt has news, or the client has something to do.
    async fn sleep(&mut self) {
        // A full queue is emptied by the interrupt, and asking again at once would not help.
        let soonest = now() + Duration::from_millis(1);
        match self.client.wake_at() {
            Some(at) => {
                let at = <Mono as Timebase>::Instant::from_ticks(at.max(soonest).as_millis());
                let _ = Mono::timeout_at(at, self.news.wait()).await;
            }
            None => self.news.wait().await,
        }
    }
}

/// The monotonic counts milliseconds, with 64 bits.
fn now() -> Instant {
    Instant::from_millis(Mono::now().as_ticks())
}
