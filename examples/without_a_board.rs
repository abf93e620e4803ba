//! Testing an application without a board: copy the module `tests`, and write down what your modem says.
//!
//! `cargo run --example without_a_board --features mock` runs the application once over the script;
//! `cargo test --example without_a_board --features mock` runs its tests.

use embedded_io::{Read, ReadReady, Write};
use nt35e::mock::{Exchange, ScriptedUart, VirtualClock};
use nt35e::{Broker, Buffers, Clock, Connection, Error, Network, Publish, QoS, blocking};

const TOPIC: &str = "meters/17/reading";

/// The application: generic over the UART and the clock, so that firmware and tests give their own.
struct Meter<'b, U, C> {
    client: blocking::Client<'b, U, C>,
}

impl<'b, U: Read + ReadReady + Write, C: Clock> Meter<'b, U, C> {
    fn new(uart: U, clock: C, buffers: Buffers<'b>) -> Self {
        Self { client: blocking::Client::new(uart, clock, buffers) }
    }

    fn sign_in(&mut self) -> Result<Connection, Error<U::Error>> {
        self.client.bring_up(&Network::default())?;
        self.client.connect(Broker::new("mqtt.example.com", "meter-17")?)
    }

    /// Reports a reading; one that is not confirmed is sent once more.
    fn report(&mut self, reading: &str) -> Result<(), Error<U::Error>> {
        let message = Publish::new(TOPIC, reading.as_bytes()).qos(QoS::AtLeastOnce);
        match self.client.publish(&message) {
            Err(Error::Unconfirmed { .. }) => self.client.publish(&message),
            result => result,
        }
    }
}

/// What the driver says to bring the modem up and to sign in, and what a modem answers.
const SIGN_IN: [Exchange<'_>; 17] = [
    // The driver first gets in step with a modem that it knows nothing of.
    Exchange::new(b"AT+CSQ\r\n", b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n"),
    Exchange::new(b"AT\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"ATE0\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+CMEE=1\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+CEREG?\r\n", b"\r\n+CEREG: 0,1\r\n\r\nOK\r\n"),
    // What an earlier session may have left is closed; here there is none.
    Exchange::new(b"AT+LMQTTDISC=0\r\n", b"\r\n+CME ERROR: 3\r\n"),
    Exchange::new(b"AT+LMQTTCLOSE=0\r\n", b"\r\n+CME ERROR: 3\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"version\",0,4\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"session\",0,1\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"keepalive\",0,300\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"cache\",0,0\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"send/mode\",0,0\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"recv/mode\",0,0,1\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTCFG=\"urc\",0,1\r\n", b"\r\nOK\r\n"),
    Exchange::new(b"AT+LMQTTOPEN=0,\"mqtt.example.com\",1883\r\n", b"\r\nOK\r\n\r\n+LMQTTOPEN: 0,0\r\n"),
    Exchange::new(b"AT+LMQTTCONN=0,\"meter-17\"\r\n", b"\r\nOK\r\n"),
    Exchange::unasked(b"\r\n+LMQTTCONN: 0,0,0\r\n"),
];

const CONFIRMED: Exchange<'_> =
    Exchange::new(b"AT+LMQTTPUB=0,1,1,0,\"meters/17/reading\",2,\"21\"\r\n", b"\r\nOK\r\n\r\n+LMQTTPUB: 0,1,0\r\n");

fn main() {
    let script = [&SIGN_IN[..], &[CONFIRMED]].concat();
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
    let mut meter = Meter::new(ScriptedUart::new(&script), VirtualClock::new(), buffers);
    meter.sign_in().expect("the script signs in");
    meter.report("21").expect("the script confirms");
    meter.client.release().0.finish().expect("the script was followed to its end");
    println!("signed in and reported, without a board");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs `act` on an application that has signed in, and holds it to the rest of the script.
    fn over(script: &[Exchange<'_>], act: impl FnOnce(&mut Meter<'_, ScriptedUart<'_>, VirtualClock>)) {
        let script = [&SIGN_IN[..], script].concat();
        let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
        let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
        let mut meter = Meter::new(ScriptedUart::new(&script), VirtualClock::new(), buffers);
        meter.sign_in().unwrap();
        act(&mut meter);
        meter.client.release().0.finish().unwrap();
    }

    #[test]
    fn a_reading_is_reported_once() {
        over(&[CONFIRMED], |meter| meter.report("21").unwrap());
    }

    #[test]
    fn an_unconfirmed_reading_is_reported_again() {
        let unconfirmed = Exchange::new(
            b"AT+LMQTTPUB=0,1,1,0,\"meters/17/reading\",2,\"21\"\r\n",
            b"\r\nOK\r\n\r\n+LMQTTPUB: 0,1,1\r\n",
        );
        let again = Exchange::new(
            b"AT+LMQTTPUB=0,2,1,0,\"meters/17/reading\",2,\"21\"\r\n",
            b"\r\nOK\r\n\r\n+LMQTTPUB: 0,2,0\r\n",
        );
        over(&[unconfirmed, again], |meter| meter.report("21").unwrap());
    }

    #[test]
    fn what_the_script_does_not_expect_is_an_error_that_says_so() {
        over(&[], |meter| {
            let Err(Error::Uart(departure)) = meter.report("21") else { panic!("nothing more is expected") };
            let text = departure.to_string();
            assert!(text.starts_with("exchange 17: expected \"\", \"AT+LMQTTPUB=0,1,1,0,"), "{text}");
        });
    }
}
