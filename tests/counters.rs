//! What the counters say after a course of things of which each number is known.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::command::Raw;
use nt35e::{Duration, QoS};
use rig::{Bench, Client, Memory};

front_end::each_front_end!(
    a_client_that_has_done_nothing_has_counted_nothing,
    sign_ins_and_restarts_are_counted,
    the_longest_wait_is_that_of_the_slowest_answer,
    time_without_a_command_is_no_wait,
    what_is_lost_stays_counted_after_it_was_told,
);

fn a_client_that_has_done_nothing_has_counted_nothing(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    assert_eq!(bench.client(&mut memory).counters(), nt35e::Counters::default());
}

fn sign_ins_and_restarts_are_counted(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    for sign_ins in 1..=3 {
        client.connect_aliyun(rig::triple()).unwrap();
        assert_eq!(client.counters().sign_ins, sign_ins);
    }
    assert_eq!(client.counters().line.restarts(), 0);
    bench.with(nt35e_sim::world::World::restart_modem);
    bench.with(|world| world.advance(core::time::Duration::from_secs(20)));
    rig::events(&mut client);
    let counters = client.counters();
    assert_eq!((counters.line.restarts(), counters.sign_ins), (1, 3));
}

fn csq(seconds: u32) -> Raw<'static> {
    Raw::new("AT+CSQ", Duration::from_secs(seconds)).unwrap()
}

/// How long the driver has waited at the longest, in milliseconds.
fn longest_wait(client: &Client<'_>) -> u32 {
    client.counters().longest_wait.as_millis()
}

fn the_longest_wait_is_that_of_the_slowest_answer(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.execute(&csq(1)).unwrap();
    assert!(longest_wait(&client) < 100, "{} ms", longest_wait(&client));
    bench.with(|world| world.mute(core::time::Duration::from_secs(8)));
    client.execute(&csq(7)).unwrap_err();
    let waited = longest_wait(&client);
    assert!((7_000..7_100).contains(&waited), "{waited} ms");
    client.execute(&csq(7)).unwrap();
    assert_eq!(longest_wait(&client), waited, "a shorter one changes nothing");
}

fn time_without_a_command_is_no_wait(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    let waited = longest_wait(&client);
    assert_eq!(client.next_event(Duration::from_secs(3600)).unwrap(), None);
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    assert!(longest_wait(&client) < waited + 1_000, "{} ms", longest_wait(&client));
}

fn what_is_lost_stays_counted_after_it_was_told(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::new(256, 256, 64);
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    let mut told = 0;
    for round in 1..=2 {
        for _ in 0..3 {
            bench.send(rig::GET, b"0123456789abcdef");
        }
        client.execute(&csq(1)).unwrap();
        for seen in rig::events(&mut client) {
            told += u32::from(format!("{seen:?}").contains("Lost"));
        }
        let lost = client.counters().line.frames_lost;
        assert!(told >= round && lost >= told, "{lost} lost, told {told} times");
    }
}
