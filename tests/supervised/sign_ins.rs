//! Sign-ins that are refused, and devices that share an identity.

use nt35e::supervisor::{Policy, Problem, Rungs};
use nt35e_sim::aliyun::Cloud;
use nt35e_sim::modem::ModemSettings;

use crate::device::{Device, MINUTE, Ram, SECOND, Told, strict_cloud};
use crate::front_end::{FrontEnd, each_front_end};
use crate::rig::{Bench, DEVICE_NAME, PRODUCT_KEY};

each_front_end!(
    a_disabled_device_says_so_and_does_not_hammer,
    a_busy_cloud_is_given_time,
    a_second_sign_in_with_the_same_identity_is_no_fight,
    who_wants_no_session_is_signed_off_and_back_in,
);

fn bench(front_end: FrontEnd) -> Bench {
    Bench::new(front_end, ModemSettings::default(), strict_cloud())
}

fn with_cloud<R>(bench: &Bench, act: impl FnOnce(&mut Cloud) -> R) -> R {
    bench.with(|world| act(world.cloud().unwrap()))
}

fn a_disabled_device_says_so_and_does_not_hammer(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    assert!(with_cloud(&bench, |cloud| cloud.disable_device(PRODUCT_KEY, DEVICE_NAME)));
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.run_for(60 * MINUTE);
    let problems = device.problems();
    assert!(problems.iter().all(|problem| *problem == Problem::Refused), "{problems:?}");
    // Pauses of a minute, two, four and so on, each at least half as long.
    assert!((5..=9).contains(&problems.len()), "{problems:?}");
    assert_eq!(device.sign_ins().len(), problems.len());
    assert!(device.pins.pressed.borrow().is_empty(), "the modem has nothing to do with it");
    let longest = 64 * MINUTE;
    with_cloud(&bench, |cloud| cloud.enable_device(PRODUCT_KEY, DEVICE_NAME));
    device.await_online(longest + MINUTE);
}

fn a_busy_cloud_is_given_time(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    with_cloud(&bench, |cloud| cloud.set_maintenance(true));
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.run_for(20 * MINUTE);
    let problems = device.problems();
    assert!(problems.iter().all(|problem| *problem == Problem::Busy), "{problems:?}");
    assert!((5..40).contains(&problems.len()), "{problems:?}");
    with_cloud(&bench, |cloud| cloud.set_maintenance(false));
    device.await_online(6 * MINUTE);
}

fn a_second_sign_in_with_the_same_identity_is_no_fight(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::with(front_end, &bench, &mut ram, Policy::default(), Rungs::COMMANDS);
    let end = 3 * 60 * MINUTE;
    while device.now() < end {
        device.turn();
        // The other one comes back at once each time.
        if device.is_online() {
            device.run_for(SECOND);
            with_cloud(&bench, |cloud| cloud.kick(PRODUCT_KEY, DEVICE_NAME));
        }
    }
    let problems = device.problems();
    assert_eq!(problems[..3], [Problem::Lost, Problem::Lost, Problem::Contended]);
    assert!(problems[3..].iter().all(|problem| *problem == Problem::Contended), "{problems:?}");
    assert!(device.sign_ins().len() < 15, "{:?}", device.sign_ins());
    // The other one is switched off.
    device.await_told(65 * MINUTE, |told| *told == Told::Online);
    device.run_for(10 * MINUTE);
    assert!(device.is_online());
}

fn who_wants_no_session_is_signed_off_and_back_in(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    device.want_session(false);
    device.run_for(10 * MINUTE);
    assert_eq!(with_cloud(&bench, |cloud| cloud.connection_of(PRODUCT_KEY, DEVICE_NAME)), None);
    device.publish(b"later").unwrap();
    device.run_for(MINUTE);
    assert!(bench.published().is_empty() && device.problems().is_empty());
    device.want_session(true);
    device.await_online(MINUTE);
    device.await_told(MINUTE, |told| *told == Told::Delivered(0, false));
}
