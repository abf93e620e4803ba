//! The outbox over lost links: nothing lost, nothing out of order, and repeated only where nobody knows.

use nt35e::QoS;
use nt35e::supervisor::{Policy, Problem, PublishError, Rungs};
use nt35e_sim::modem::{ModemSettings, OpenFailure};
use nt35e_sim::world::Network;

use crate::device::{Device, MINUTE, Ram, SECOND, Told, strict_cloud};
use crate::front_end::{FrontEnd, each_front_end};
use crate::rig::{Bench, UPDATE};

each_front_end!(
    messages_wait_for_a_session_and_arrive_in_order,
    a_message_in_doubt_is_sent_again_and_said_to_be_repeated,
    a_message_survives_a_restart_of_the_modem,
    a_message_that_the_broker_does_not_bear_is_given_up,
    what_breaks_a_rule_or_does_not_fit_is_refused_at_once,
);

fn bench(front_end: FrontEnd) -> Bench {
    Bench::new(front_end, ModemSettings::default(), strict_cloud())
}

fn messages_wait_for_a_session_and_arrive_in_order(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    bench.with(|world| world.set_network(Network::Fails(OpenFailure::Network)));
    let mut device = Device::new(front_end, &bench, &mut ram);
    let payloads: Vec<Vec<u8>> = (0..8_u8).map(|number| vec![number; 20]).collect();
    for payload in &payloads {
        device.publish(payload).unwrap();
        device.run_for(20 * SECOND);
    }
    assert_eq!(device.waiting(), 8);
    bench.with(|world| world.set_network(Network::Broker));
    for number in 0..8 {
        device.await_told(10 * MINUTE, |told| matches!(told, Told::Delivered(ticket, false) if *ticket == number));
    }
    assert_eq!(bench.published(), payloads);
    assert_eq!(device.waiting(), 0);
}

fn a_message_in_doubt_is_sent_again_and_said_to_be_repeated(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    // The broker gets it, and its PUBACK is lost with the link.
    bench.with(|world| world.cloud().unwrap().drop_after(0));
    device.publish(b"once or twice").unwrap();
    device.publish(b"once").unwrap();
    device.await_told(5 * MINUTE, |told| *told == Told::Delivered(0, true));
    device.await_told(5 * MINUTE, |told| *told == Told::Delivered(1, false));
    assert_eq!(bench.published(), [&b"once or twice"[..], b"once or twice", b"once"]);
}

fn a_message_survives_a_restart_of_the_modem(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    bench.with(|world| world.cloud().unwrap().stall(true));
    device.publish(b"\r\nby prompt").unwrap();
    device.run_for(5 * SECOND);
    bench.with(|world| {
        world.restart_modem();
        world.cloud().unwrap().stall(false);
    });
    device.await_told(MINUTE, |told| matches!(told, Told::Setback(Problem::Restarted, _)));
    device.await_told(2 * MINUTE, |told| *told == Told::Delivered(0, true));
    assert!(bench.published().iter().all(|payload| payload == b"\r\nby prompt"));
}

fn a_message_that_the_broker_does_not_bear_is_given_up(front_end: FrontEnd) {
    let mut cloud = strict_cloud();
    cloud.limits.payload = Some(100);
    let (bench, mut ram) = (Bench::new(front_end, ModemSettings::default(), cloud), Ram::new());
    let policy = Policy::default().give_up_after(2);
    let mut device = Device::with(front_end, &bench, &mut ram, policy, Rungs::COMMANDS);
    device.publish(&[7; 101]).unwrap();
    device.publish(b"not at fault").unwrap();
    device.await_told(10 * MINUTE, |told| *told == Told::GivenUp(0));
    device.await_told(10 * MINUTE, |told| *told == Told::Delivered(1, false));
    assert_eq!(bench.published().last().map(Vec::as_slice), Some(&b"not at fault"[..]));
}

fn what_breaks_a_rule_or_does_not_fit_is_refused_at_once(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    for (topic, qos) in [("/with space", QoS::AtLeastOnce), ("/a/+/b", QoS::AtLeastOnce), (UPDATE, QoS::ExactlyOnce)] {
        assert!(matches!(device.publish_to(topic, qos), Err(PublishError::Invalid(_))), "{topic}");
    }
    assert!(matches!(device.publish(&[0; 8_001]), Err(PublishError::Invalid(_))));
    let needed = 10 + UPDATE.len() + 1_024;
    assert_eq!(device.publish(&[0; 1_024]), Err(PublishError::Full { needed, free: 1_024 }));
    assert_eq!(device.waiting(), 0);
}
