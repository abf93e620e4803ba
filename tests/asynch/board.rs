//! What the Embassy examples do, without their boards: their `device.rs` on the simulated modem, with pins that reach it.

// There, what is `pub` is so for the crate.
#![allow(unreachable_pub)]

#[path = "../../examples/nrf52840-dk/src/device.rs"]
mod device;

/// In place of the file that reads the environment of the build.
mod cloud {
    pub(super) use crate::rig::{GET, UPDATE};
    pub(super) const GREETING: &[u8] = b"{\"start\":\"test\"}";
    pub(super) const LONGEST_ECHO: usize = 512;
}

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::pin::pin;
use core::task::{Context, Waker};
use core::time::Duration;
use std::rc::Rc;

use embedded_hal::digital::{ErrorType, OutputPin, PinState};
use nt35e::Triple;
use nt35e::aliyun::SignIn;
use nt35e_sim::aliyun::QoS;
use nt35e_sim::transcript::Entry;
use nt35e_sim::world::World;

use self::device::{Memory, Pins};
use crate::bench::{Uart, WorldTimer, pass_time, plain};
use crate::rig::{Bench, DEVICE_NAME, DEVICE_SECRET, GET, PRODUCT_KEY};

/// Nothing that a test waits for takes longer, in the time of the world.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// Pins at the lines of the modem, whose pulses are noted with their lengths.
#[derive(Clone)]
struct Board {
    bench: Bench,
    is_lit: Rc<Cell<bool>>,
    pulses: Rc<RefCell<Vec<(&'static str, Duration)>>>,
}

struct Led(Rc<Cell<bool>>);

struct Key {
    name: &'static str,
    board: Board,
    pressed_at: Option<Duration>,
}

impl ErrorType for Led {
    type Error = Infallible;
}

impl OutputPin for Led {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.set(true);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.set(false);
        Ok(())
    }
}

impl ErrorType for Key {
    type Error = Infallible;
}

impl OutputPin for Key {
    fn set_low(&mut self) -> Result<(), Infallible> {
        if let Some(at) = self.pressed_at.take() {
            let length = self.board.now() - at;
            self.board.pulses.borrow_mut().push((self.name, length));
        }
        self.work(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.pressed_at = Some(self.board.now());
        self.work(true);
        Ok(())
    }
}

impl Key {
    fn work(&self, is_high: bool) {
        let set = if self.name == "RESET" { World::set_reset } else { World::set_power_key };
        self.board.bench.with(|world| set(world, is_high));
    }
}

impl Board {
    fn new() -> Self {
        Self { bench: plain(), is_lit: Rc::default(), pulses: Rc::default() }
    }

    fn now(&self) -> Duration {
        self.bench.with(|world| world.now())
    }

    fn key(&self, name: &'static str) -> Key {
        Key { name, board: self.clone(), pressed_at: None }
    }

    /// Lets the device run for as long as `until` is false; that is asked again and again, and may do things as well.
    fn run(&self, device_secret: &'static str, mut until: impl FnMut() -> bool) {
        let mut memory = Memory::new();
        let triple = Triple::new(PRODUCT_KEY, DEVICE_NAME, device_secret).unwrap();
        let pins = Pins {
            led: Led(Rc::clone(&self.is_lit)),
            lit: PinState::Low,
            power_key: self.key("PWRKEY"),
            reset: self.key("RESET"),
        };
        let (uart, timer) = (Uart::new(&self.bench), WorldTimer::new(&self.bench));
        let sign_in = SignIn::new(triple).clean_session(false);
        let mut life = pin!(device::run(uart, timer, &mut memory, sign_in, pins));
        while !until() {
            assert!(self.now() < LONGEST, "what the test waits for does not happen");
            assert!(life.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(), "it never ends");
            pass_time(&self.bench);
        }
    }

    /// Sends the device a message, or leaves it with the cloud until the device is back.
    fn send(&self, payload: &[u8]) {
        self.bench.with(|world| world.cloud().unwrap().publish_to(GET, payload, QoS::AtLeastOnce));
    }

    /// What has reached the broker, but for the greetings.
    fn echoes(&self) -> Vec<Vec<u8>> {
        self.bench.published().into_iter().filter(|payload| payload != cloud::GREETING).collect()
    }

    fn greetings(&self) -> usize {
        self.bench.published().len() - self.echoes().len()
    }

    fn is_online(&self) -> bool {
        self.is_lit.get()
    }
}

/// So many messages, with every byte at every place and of every length that is sent back.
fn messages(count: usize) -> Vec<Vec<u8>> {
    let nasty = [
        &b"\r\nOK\r\n"[..],
        b"+LMQTTURC: RECV,0,1,\"t\",5,hello\r\n",
        b"> ",
        b"\x1a\x1b\0",
        b"\"",
        b"NORMAL POWER DOWN",
    ];
    let message = |number: usize| {
        let mut message = format!("{number}:").into_bytes();
        message.extend_from_slice(nasty[number % nasty.len()]);
        let length = (number * 37 % 512).max(message.len());
        message.extend((message.len()..length).map(|at| (at + number) as u8));
        message
    };
    (0..count).map(message).collect()
}

#[test]
fn every_message_comes_back_once_and_as_it_was() {
    let board = Board::new();
    let messages = messages(100);
    let (mut sent, mut all_done_at) = (0, None);
    board.run(DEVICE_SECRET, || {
        let done = board.echoes().len();
        while board.is_online() && sent < messages.len() && sent < done + 4 {
            board.send(&messages[sent]);
            sent += 1;
        }
        if done == messages.len() {
            all_done_at.get_or_insert(board.now());
        }
        // Long enough for one that is repeated.
        all_done_at.is_some_and(|at| board.now() - at > Duration::from_secs(300))
    });
    assert_eq!(board.echoes(), messages);
    assert_eq!(board.greetings(), 1);
    board.bench.with(|world| {
        let records = world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME);
        assert!(records.iter().all(|record| record.qos == QoS::AtLeastOnce), "else nobody confirms them");
    });
}

#[test]
fn six_messages_of_the_longest_may_come_at_once() {
    let board = Board::new();
    let messages: Vec<Vec<u8>> = (0..6).map(|number| vec![number; 512]).collect();
    let mut are_sent = false;
    board.run(DEVICE_SECRET, || {
        if board.is_online() && !are_sent {
            messages.iter().for_each(|message| board.send(message));
            are_sent = true;
        }
        board.echoes().len() == messages.len()
    });
    assert_eq!(board.echoes(), messages);
}

#[test]
fn a_burst_outlives_a_lost_link() {
    let board = Board::new();
    let messages: Vec<Vec<u8>> = (0..6).map(|number| vec![number; 512]).collect();
    let mut are_sent = false;
    board.run(DEVICE_SECRET, || {
        if board.is_online() && board.greetings() == 1 && !are_sent {
            messages.iter().for_each(|message| board.send(message));
            board.bench.with(World::cut_link);
            are_sent = true;
        }
        board.echoes().len() >= messages.len() && board.greetings() == 2
    });
    assert_eq!(board.echoes(), messages, "the cloud does not keep what the modem has confirmed");
}

#[test]
fn a_modem_that_is_off_is_switched_on() {
    let board = Board::new();
    board.bench.with(World::power_down_modem);
    board.run(DEVICE_SECRET, || board.is_online());
    let pulses = board.pulses.borrow();
    let [("PWRKEY", length)] = pulses[..] else { panic!("{pulses:?}") };
    assert!((3_100..3_150).contains(&length.as_millis()), "{length:?}");
    assert!(board.now() < Duration::from_secs(60), "{:?}", board.now());
}

#[test]
fn a_modem_that_stays_silent_has_its_keys_pressed_in_turn() {
    let board = Board::new();
    let silence = Duration::from_secs(600);
    // The simulated modem says nothing for that time whatever is pressed.
    board.run(DEVICE_SECRET, || {
        let now = board.now();
        if now < silence {
            board.bench.with(|world| world.mute(silence - now));
        }
        board.is_online()
    });
    let pulses = board.pulses.borrow();
    let reset = pulses.iter().position(|(name, _)| *name == "RESET").unwrap_or_default();
    let (start, recovery) = pulses.split_at(reset);
    assert!(!start.is_empty() && start.iter().all(|(name, _)| *name == "PWRKEY"), "{pulses:?}");
    assert!(recovery.iter().filter(|(name, _)| *name == "RESET").count() >= 2, "{pulses:?}");
    assert!(recovery.iter().any(|(name, _)| *name == "PWRKEY"), "{pulses:?}");
    for (name, length) in recovery {
        // PWRKEY is held for longer than at a start where the modem has to be switched off first.
        let span = if *name == "RESET" { 400..450 } else { 3_100..7_250 };
        assert!(span.contains(&length.as_millis()), "{pulses:?}");
    }
}

#[test]
fn nothing_is_lost_whatever_happens_to_modem_and_link() {
    let board = Board::new();
    let messages = messages(60);
    let (mut sent, mut trouble) = (0, 0);
    board.run(DEVICE_SECRET, || {
        let echoes = board.echoes();
        let is_idle = messages[..sent].iter().all(|message| echoes.contains(message));
        if is_idle && sent == messages.len() {
            return true;
        }
        if board.is_online() && is_idle {
            board.send(&messages[sent]);
            sent += 1;
            // In the middle of the echo, some time after the modem has passed the message on.
            if sent % 6 == 0 && trouble * 6 < sent {
                trouble += 1;
                board.bench.with(|world| if sent % 12 == 0 { world.cut_link() } else { world.restart_modem() });
            }
        }
        false
    });
    assert_eq!(trouble, 10);
    assert!(board.greetings() > trouble, "it signs in again each time: {} of {trouble}", board.greetings());
    let mut echoes = board.echoes();
    echoes.dedup();
    assert_eq!(echoes, messages, "in their order, and nothing but repetitions beside");
    assert!(board.pulses.borrow().is_empty(), "a modem that answers is left alone");
}

#[test]
fn a_refused_device_signs_in_at_most_five_times_a_minute() {
    let board = Board::new();
    board.run("fedcba9876543210fedcba9876543210", || board.now() > Duration::from_secs(23 * 3_600));
    let times = sign_ins(&board);
    assert!((8..=32).contains(&times.len()), "it goes on trying, and does not hammer: {times:?}");
    for window in times.windows(6) {
        assert!(window[5] - window[0] > Duration::from_secs(60), "{window:?}");
    }
    assert!(!board.is_lit.get());
}

/// When the modem was told to sign in.
fn sign_ins(board: &Board) -> Vec<Duration> {
    board.bench.with(|world| {
        let lines = world.log().iter().filter_map(|entry| match entry {
            Entry::FromHost { at, bytes } if bytes.starts_with(b"AT+LMQTTCONN=") => Some(*at),
            _ => None,
        });
        lines.collect()
    })
}

#[test]
fn a_lost_link_is_noticed_at_once() {
    let board = Board::new();
    let (mut cut_at, mut dark_at) = (None, None);
    board.run(DEVICE_SECRET, || {
        if board.is_online() && cut_at.is_none() {
            cut_at = Some(board.now());
            board.bench.with(World::cut_link);
        } else if !board.is_online() && cut_at.is_some() {
            dark_at.get_or_insert(board.now());
        }
        board.greetings() == 2
    });
    let dark = dark_at.unwrap() - cut_at.unwrap();
    assert!(dark <= Duration::from_secs(1), "{dark:?}");
    let again = sign_ins(&board)[1] - cut_at.unwrap();
    assert!(again <= Duration::from_secs(31), "{again:?}");
}

#[test]
fn a_session_that_was_lost_unnoticed_is_found_out() {
    let board = Board::new();
    let mut hushed = false;
    board.run(DEVICE_SECRET, || {
        if board.is_online() && !hushed {
            hushed = true;
            // The modem has lost its supply for a moment, and nothing of what it said then arrived.
            board.bench.with(|world| {
                world.restart_modem();
                let mut said = [0; 256];
                while world.read(&mut said) > 0 {}
            });
        }
        board.greetings() == 2
    });
    assert!(board.now() > Duration::from_secs(60));
}

#[test]
fn what_the_boards_have_in_common_is_the_same() {
    // Copies, so that each folder can be copied alone.
    macro_rules! same {
        ($file:literal in $($board:literal)+) => {
            $(assert!(
                include_str!(concat!("../../examples/nrf52840-dk/src/", $file))
                    == include_str!(concat!("../../examples/", $board, "/src/", $file)),
                "{} of nrf52840-dk and {} differ", $file, $board
            );)+
        };
    }
    same!("device.rs" in "nucleo-f446re-embassy");
    same!("last_resort.rs" in "nucleo-f446re-embassy");
    same!("cloud.rs" in "nucleo-f446re-embassy" "nucleo-f446re-rtic" "nucleo-f446re" "microbit");
}
