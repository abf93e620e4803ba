//! The non-blocking front-end on the mock that firmware users know: each call of the UART, in its order.

#![cfg(feature = "nb")]

use embedded_hal_mock::eh1::serial::{Mock, Transaction};
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::ErrorKind;
use nt35e::command::{Raw, Registration};
use nt35e::nonblocking::{Client, Outcome};
use nt35e::{Broker, Buffers, Duration, Error, Event, Instant, Network, Publish, QoS};

const NOTHING: nb::Error<ErrorKind> = nb::Error::WouldBlock;
const OK: &str = "\r\nOK\r\n";

/// What the UART is expected to be asked, and what it gives.
#[derive(Default)]
struct Expected(Vec<Transaction<u8>>);

impl Expected {
    /// A line is sent. Its end waits until what has been received was looked at.
    fn line(mut self, line: &str) -> Self {
        for part in [line, "\r\n"] {
            let part = [Transaction::read_error(NOTHING), Transaction::write_many(part), Transaction::flush()];
            self.0.extend(part);
        }
        self
    }

    /// Nothing has arrived: the poll ends.
    fn silence(mut self) -> Self {
        self.0.push(Transaction::read_error(NOTHING));
        self
    }

    /// These bytes have arrived.
    fn arrived(mut self, bytes: &str) -> Self {
        self.0.push(Transaction::read_many(bytes));
        self.silence()
    }

    fn exchange(self, line: &str, answer: &str) -> Self {
        self.line(line).silence().arrived(answer)
    }

    fn then(mut self, transaction: Transaction<u8>) -> Self {
        self.0.push(transaction);
        self
    }

    fn mock(&self) -> Mock<u8> {
        Mock::new(&self.0)
    }
}

/// Polls until what was begun has ended; time stands still.
fn ended(client: &mut Client<'_, '_, Mock<u8>>) -> Result<Outcome, Error<ErrorKind>> {
    nb::block!(client.poll(Instant::from_millis(0)))
}

#[test]
fn a_short_session() {
    let connect = Expected::default()
        .exchange("AT+LMQTTDISC=0", "\r\n+CME ERROR: 3\r\n")
        .exchange("AT+LMQTTCLOSE=0", "\r\n+CME ERROR: 3\r\n")
        .exchange("AT+LMQTTCFG=\"version\",0,4", OK)
        .exchange("AT+LMQTTCFG=\"session\",0,1", OK)
        .exchange("AT+LMQTTCFG=\"keepalive\",0,300", OK)
        .exchange("AT+LMQTTCFG=\"cache\",0,0", OK)
        .exchange("AT+LMQTTCFG=\"send/mode\",0,0", OK)
        .exchange("AT+LMQTTCFG=\"recv/mode\",0,0,1", OK)
        .exchange("AT+LMQTTCFG=\"urc\",0,1", OK)
        .exchange("AT+LMQTTOPEN=0,\"broker\",1883", "\r\nOK\r\n\r\n+LMQTTOPEN: 0,0\r\n")
        .exchange("AT+LMQTTCONN=0,\"c\"", "\r\nOK\r\n\r\n+LMQTTCONN: 0,0,0\r\n");
    let bring_up = Expected::default()
        .exchange("AT+CSQ", "\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
        .exchange("AT", OK)
        .exchange("ATE0", OK)
        .exchange("AT+CMEE=1", OK)
        .exchange("AT+CEREG?", "\r\n+CEREG: 0,1\r\n\r\nOK\r\n");
    let subscribe = Expected::default().exchange(
        "AT+LMQTTSUBUNSUB=0,0,1,\"/a\",1",
        "\r\nOK\r\n\r\n+LMQTTURC: RECV,0,1,\"/a\",2,hi\r\n\r\n+LMQTTSUBUNSUB: 0,1,0,1\r\n",
    );
    let publish = Expected::default()
        .exchange("AT+LMQTTPUB=0,2,1,0,\"/b\",2,\"21\"", "\r\nOK\r\n")
        .arrived("\r\n+LMQTTPUB: 0,2,0\r\n");

    let mut mock = bring_up.mock();
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = Client::new(mock.clone(), Buffers::new(&mut rx, &mut tx, &mut inbox));
    client.begin_bring_up(&Network::default());
    assert_eq!(ended(&mut client), Ok(Outcome::BroughtUp(Registration::Home)));

    mock.update_expectations(&connect.0);
    client.begin_connect(Broker::new("broker", "c").unwrap());
    assert!(matches!(ended(&mut client), Ok(Outcome::Connected(connection)) if connection.length_framed()));
    assert!(client.is_connected());

    mock.update_expectations(&subscribe.0);
    client.begin_subscribe("/a", QoS::AtLeastOnce);
    assert_eq!(ended(&mut client), Ok(Outcome::Subscribed));
    let event = client.event();
    assert!(matches!(event, Some(Event::Message { topic, payload: b"hi", .. }) if topic == "/a"), "{event:?}");
    assert_eq!(client.event(), None);

    mock.update_expectations(&publish.0);
    {
        let payload = String::from("21");
        let message = Publish::new("/b", payload.as_bytes()).qos(QoS::AtLeastOnce);
        client.begin_publish(&message, Instant::from_millis(0)).unwrap();
    }
    assert!(client.is_busy());
    assert_eq!(ended(&mut client), Ok(Outcome::Published), "after the payload has gone out of scope");
    mock.done();
}

#[test]
fn an_error_of_the_uart_is_told_and_what_was_begun_goes_on() {
    let failed = |kind| nb::Error::Other(kind);
    let expected = Expected::default()
        .line("AT+CSQ")
        .silence()
        .then(Transaction::read_many("\r\n+CS"))
        .then(Transaction::read_error(failed(ErrorKind::Overrun)))
        .arrived("Q: 20,99\r\n\r\nOK\r\n")
        .silence()
        .then(Transaction::write(b'A'))
        .then(Transaction::write_error(b'T', failed(ErrorKind::Other)))
        .then(Transaction::flush_error(NOTHING))
        .silence()
        .then(Transaction::write_many("T+CGMR"))
        .then(Transaction::flush_error(failed(ErrorKind::Other)))
        .silence()
        .then(Transaction::write_many("\r\n"))
        .then(Transaction::flush())
        .arrived("\r\nV1\r\n\r\nOK\r\n");
    let mut mock = expected.mock();
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = Client::new(mock.clone(), Buffers::new(&mut rx, &mut tx, &mut inbox));
    let version = Raw::new("AT+CGMR", Duration::from_secs(5)).unwrap();
    client.begin(&version, Instant::from_millis(0)).unwrap();
    assert_eq!(ended(&mut client), Err(Error::Uart(ErrorKind::Overrun)));
    assert_eq!(ended(&mut client), Err(Error::Uart(ErrorKind::Other)), "of writing");
    assert_eq!(ended(&mut client), Err(Error::Uart(ErrorKind::Other)), "of flushing");
    assert_eq!(ended(&mut client), Ok(Outcome::Answered));
    let answer = client.finish(&version).unwrap();
    assert_eq!(answer.lines().collect::<Vec<_>>(), [b"V1"]);
    mock.done();
}

#[test]
fn a_uart_that_takes_a_byte_at_a_time_is_not_waited_for() {
    let mut expected = Expected::default();
    let line = b"AT+CSQ\r";
    for (index, byte) in line.iter().enumerate() {
        // What would have to wait: the next byte, but nothing before the end of the line, which goes on its own.
        let next = [&b"T+CSQ"[..], b"\0\n"].concat()[index];
        expected = expected.silence().then(Transaction::write(*byte));
        if next != 0 {
            expected = expected.then(Transaction::write_error(next, NOTHING));
        }
        expected = expected.then(Transaction::flush());
    }
    // The modem answers at the CR. The LF goes out all the same, before anything else.
    let mut mock = expected
        .arrived("\r\n+CSQ: 20,99\r\n\r\nOK\r\n")
        .silence()
        .then(Transaction::write(b'\n'))
        .then(Transaction::flush())
        .exchange("AT+X", OK)
        .mock();
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = Client::new(mock.clone(), Buffers::new(&mut rx, &mut tx, &mut inbox));
    let command = Raw::new("AT+X", Duration::from_secs(5)).unwrap();
    client.begin(&command, Instant::from_millis(0)).unwrap();
    assert_eq!(ended(&mut client), Ok(Outcome::Answered));
    assert!(client.finish(&command).is_ok());
    mock.done();
}

#[test]
fn a_client_can_be_shared_with_an_interrupt() {
    const fn can_be_sent<T: Send>() {}
    // Also with what it holds to show progress by: RTIC asks for it.
    can_be_sent::<Client<'static, 'static, ()>>();
}
