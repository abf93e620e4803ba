//! The whole bring-up under the supervisor: with a PIN, told to whoever wants to know, and tried again without harm.

use core::sync::atomic::{AtomicU32, Ordering};

use nt35e::supervisor::{Policy, Problem, Rungs};
use nt35e::{BringUp, Progress};
use nt35e_sim::modem::ModemSettings;

use crate::device::{Device, MINUTE, Ram, desired, strict_cloud};
use crate::front_end::{FrontEnd, each_front_end};
use crate::rig::Bench;

each_front_end!(
    a_locked_sim_is_unlocked_each_time_that_the_modem_has_restarted,
    a_wrong_pin_is_tried_once_however_often_the_modem_is_brought_up,
);

fn bench(front_end: FrontEnd) -> Bench {
    let mut settings = ModemSettings::default();
    settings.radio.pin = Some("4711".into());
    Bench::new(front_end, settings, strict_cloud())
}

fn device<'m>(
    front_end: FrontEnd,
    bench: &Bench,
    ram: &'m mut Ram,
    pin: &'static str,
    shown: &'static AtomicU32,
) -> Device<'m> {
    let settings = BringUp::default().sim_pin(pin).unwrap();
    let show = Box::leak(Box::new(move |progress: Progress<'_>| {
        if matches!(progress, Progress::Signal(_)) {
            shown.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let desired = desired().bring_up(settings, show);
    Device::wanting(desired, front_end, bench, ram, Policy::default(), Rungs::COMMANDS)
}

fn a_locked_sim_is_unlocked_each_time_that_the_modem_has_restarted(front_end: FrontEnd) {
    static SHOWN: AtomicU32 = AtomicU32::new(0);
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = device(front_end, &bench, &mut ram, "4711", &SHOWN);
    device.await_online(2 * MINUTE);
    let shown = SHOWN.load(Ordering::Relaxed);
    assert!(shown > 0, "whoever wants to know is told of the signal");
    bench.with(nt35e_sim::world::World::restart_modem);
    device.await_online(3 * MINUTE);
    assert!(SHOWN.load(Ordering::Relaxed) > shown);
}

fn a_wrong_pin_is_tried_once_however_often_the_modem_is_brought_up(front_end: FrontEnd) {
    static SHOWN: AtomicU32 = AtomicU32::new(0);
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = device(front_end, &bench, &mut ram, "0000", &SHOWN);
    device.run_for(120 * MINUTE);
    let problems = device.problems();
    assert!(problems.len() > 5 && problems.iter().all(|problem| *problem == Problem::NoSim), "{problems:?}");
    let sent = String::from_utf8(bench.sent()).unwrap();
    assert_eq!(sent.matches("AT+CPIN=\"0000\"").count(), 1);
}
