//! Shows the firmware at work: its traffic, messages that it sends back, a lost link. Then it is the watcher's turn.

use core::time::Duration;
use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

use nt35e_screen::{Escaped, Screen, Traffic};
use nt35e_sim::aliyun::{Cloud, QoS};
use nt35e_sim::wire::{Direction, Observer};

use crate::board::Board;
use crate::failure::Failure;
use crate::firmware::{self, DEVICE_SECRET, GET, PRODUCT_KEY, UPDATE};
use crate::rig::{Pace, Rig, published};

/// What to show first.
const MESSAGES: [&[u8]; 3] =
    [br#"{"light":"on","level":21.5}"#, b"\r\nOK\r\n", b"\0\xff any bytes \x1a +LMQTTURC: RECV \"quoted\""];

/// How long anything may take that takes seconds.
const LIMIT: Duration = Duration::from_secs(60);
/// How often to look whether the watcher wants something.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often to look whether a line has ended: none takes longer than 100 ms.
const MOST_LOOKS: usize = 4;

/// What the watcher asks for.
enum Order {
    Stop,
    Send(String),
}

/// Runs until the watcher stops it.
pub(crate) fn run(board: &Board, pace: Pace, quiet: bool) -> Result<String, Failure> {
    let orders = listen_to_watcher()?;
    let image = firmware::build(board)?;
    let traffic = Traffic::new(Screen::new(DEVICE_SECRET, quiet));
    let rig = Rig::start(board, &image, pace, observer(&traffic))?;
    introduce(board, pace, &rig, &traffic);
    let mut watch = Watch { rig, traffic, orders, published: 0 };
    match watch.show(board) {
        Ok(()) | Err(End::Stopped) => {}
        Err(End::Failed(failure)) => return Err(failure),
    }
    let Watch { published, .. } = watch;
    Ok(format!("stopped; the firmware of {} has published {published} messages", board.name))
}

/// Why watching ends.
enum End {
    Stopped,
    Failed(Failure),
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

struct Watch {
    rig: Rig,
    traffic: Traffic,
    orders: Receiver<Order>,
    /// How many messages of the device were shown.
    published: usize,
}

impl Watch {
    fn show(&mut self, board: &Board) -> Result<(), End> {
        let greeting = firmware::greeting(board);
        self.traffic.step("Start", "The firmware brings the modem up, signs in, subscribes, and publishes a greeting.");
        self.expect(&greeting)?;

        self.traffic
            .step("Send messages", "What the cloud sends to user/get comes back on user/update, byte for byte.");
        for message in MESSAGES {
            self.send(message);
            self.expect(message)?;
        }

        self.traffic.step("Cut the link", "The firmware notices it, signs in again by itself, and goes on.");
        self.rig.modem.cut_link().ok_or_else(|| Failure::new("the simulated modem has stopped"))?;
        self.expect(&greeting)?;

        self.traffic.step("Your turn", "What you type, with Enter, is sent to user/get. Ctrl-C stops.");
        loop {
            self.turn()?;
        }
    }

    fn send(&self, payload: &[u8]) {
        let receivers = self.rig.cloud.cloud().publish_to(GET, payload, QoS::AtLeastOnce);
        let outcome = if receivers == 0 { "nobody listens to" } else { "the cloud sends to" };
        self.traffic.screen().note(&format!("   {outcome} {GET}: {}", Escaped(payload)));
    }

    /// Waits until the device has published this.
    fn expect(&mut self, payload: &[u8]) -> Result<(), End> {
        let before = self.published;
        let mut left = LIMIT;
        loop {
            self.turn()?;
            let has_come = published(&self.rig.cloud.cloud()).iter().skip(before).any(|found| found.payload == payload);
            if has_come {
                return Ok(());
            }
            left = left.checked_sub(LOOK_EVERY).ok_or_else(|| {
                Failure::new(format!("the firmware did not publish {} within {} s", Escaped(payload), LIMIT.as_secs()))
            })?;
        }
    }

    /// Shows what the device has published, and obeys.
    fn turn(&mut self) -> Result<(), End> {
        let known = self.published;
        let is_new = |cloud: &Cloud| published(cloud).len() > known;
        if self.rig.wait_for(LOOK_EVERY, is_new)? {
            let payloads: Vec<Vec<u8>> =
                published(&self.rig.cloud.cloud()).iter().skip(known).map(|found| found.payload.clone()).collect();
            self.published += payloads.len();
            self.let_lines_end();
            for payload in payloads {
                self.traffic.screen().result(&format!("published on {UPDATE}: {}", Escaped(&payload)));
            }
        }
        match self.orders.recv_timeout(Duration::ZERO) {
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => Err(End::Stopped),
            Ok(Order::Send(text)) => {
                self.send(text.as_bytes());
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Ok(()),
        }
    }

    /// The cloud may know of a message while the modem still answers.
    fn let_lines_end(&self) {
        for _ in 0..MOST_LOOKS {
            if self.traffic.is_shown() {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

fn introduce(board: &Board, pace: Pace, rig: &Rig, traffic: &Traffic) {
    let mut screen = traffic.screen();
    let modem = rig.modem.address().map_or_else(String::new, |address| address.to_string());
    screen.note(&format!("The firmware of {}, in qemu-system-arm -M {}.", board.name, board.machine));
    screen.note(&format!("  modem: {modem}, simulated, in place of a UART, at {}", pace.name()));
    let cloud = rig.cloud.address();
    screen.note(&format!("  cloud: {cloud}, in place of {PRODUCT_KEY}.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883"));
    screen
        .note("Below, -> goes to the modem and <- comes from it, at a time in ms; the DeviceSecret is shown as ****.");
}

fn observer(traffic: &Traffic) -> Observer {
    let traffic = traffic.clone();
    Box::new(move |bytes| match bytes.direction {
        Direction::FromHost => traffic.sent(bytes.bytes),
        Direction::FromModem => traffic.received(bytes.bytes),
    })
}

/// Ctrl-C, and lines that are typed.
fn listen_to_watcher() -> Result<Receiver<Order>, Failure> {
    let (typed, orders) = channel();
    let on_signal = typed.clone();
    ctrlc::set_handler(move || {
        let _ = on_signal.send(Order::Stop);
    })
    .map_err(Failure::while_trying("cannot wait for Ctrl-C"))?;
    // Nothing can wake a thread that waits for the keyboard; it ends with the program.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if typed.send(Order::Send(line)).is_err() {
                return;
            }
        }
    });
    Ok(orders)
}
