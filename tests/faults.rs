//! What goes wrong at the worst moment: a restart and a lost link at every byte of a sign-in and two messages, and faults
//! that `cargo xtask soak` has found.

mod front_end;
mod rig;

use core::time::Duration as Time;

use front_end::FrontEnd;
use nt35e::at::{Bytes, Cause, CommandError, Stage};
use nt35e::{Duration, Error, Network, Publish, QoS};
use nt35e_sim::fault::{Direction, Fault, Place};
use nt35e_sim::transcript::Entry;
use rig::{Bench, Client, Memory};

front_end::each_front_end!(
    a_restart_at_any_byte_ends_the_call_and_the_next_sign_in_works,
    a_lost_link_at_any_byte_ends_the_call_and_the_next_sign_in_works,
    promise_8_a_prompt_that_never_comes_holds_up_the_next_call_no_longer_than_it_is_said_to,
);

type Failure = Error<core::convert::Infallible>;

/// Sent in the line, and after a prompt.
const PAYLOADS: [&[u8]; 2] = [b"{\"t\":21}", b"\r\nOK\r\n"];

/// The limits of `docs/dropping.md`, added up.
const BRING_UP: Time = Time::from_secs(255);
const CONNECT: Time = Time::from_secs(365);
const SUBSCRIBE: Time = Time::from_secs(47);
const PUBLISH: Time = Time::from_secs(52);

/// From power-on to two messages, until something fails; tells how many messages were published with `Ok`.
fn job(bench: &Bench, client: &mut Client<'_>, published: &mut usize) -> Result<(), Failure> {
    bench.within(BRING_UP, || client.bring_up(&Network::default()))?;
    bench.within(CONNECT, || client.connect_aliyun(rig::triple()))?;
    bench.within(SUBSCRIBE, || client.subscribe(rig::GET, QoS::AtLeastOnce))?;
    for payload in PAYLOADS {
        let message = Publish::new(rig::UPDATE, payload).qos(QoS::AtLeastOnce);
        bench.within(PUBLISH, || client.publish(&message))?;
        *published += 1;
    }
    Ok(())
}

/// How many bytes go from the host and from the modem, if nothing goes wrong.
fn bytes_of_a_job(front_end: FrontEnd) -> [(Direction, u32); 2] {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    job(&bench, &mut bench.client(&mut memory), &mut 0).unwrap();
    bench.with(|world| {
        let [mut from_host, mut from_modem] = [0; 2];
        for entry in world.log() {
            match entry {
                Entry::FromHost { bytes, .. } => from_host += bytes.len(),
                Entry::FromModem { bytes, .. } => from_modem += bytes.len(),
                _ => {}
            }
        }
        [(Direction::FromHost, from_host as u32), (Direction::FromModem, from_modem as u32)]
    })
}

fn strike_at_every_byte(front_end: FrontEnd, fault: Fault) {
    for (direction, count) in bytes_of_a_job(front_end) {
        assert!(count > 250, "{count} bytes {direction:?}");
        for behind in 1..=count {
            let place = Place { direction, behind };
            let told = strike(front_end, fault, place);
            assert_eq!(told, Ok(()), "{front_end:?}: {place} {fault}");
        }
    }
}

/// Lets the fault strike within a job. That has to end in time, with an error or well, and the next one has to work.
fn strike(front_end: FrontEnd, fault: Fault, place: Place) -> Result<(), String> {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    bench.with(|world| world.strike_at(place, fault));
    let mut published = 0;
    let first = job(&bench, &mut client, &mut published);
    if bench.with(|world| world.faults_struck()) != 1 {
        return Err(format!("it has not struck, and the job ended as {first:?}"));
    }
    if matches!(first, Err(Error::Uart(_) | Error::Closed | Error::Invalid(_) | Error::TxTooSmall { .. })) {
        return Err(format!("no fault makes {first:?}"));
    }
    if !PAYLOADS[..published].iter().all(|payload| bench.published().iter().any(|there| there == payload)) {
        return Err(format!("{published} published, and at the broker: {:?}", bench.published()));
    }
    let before = bench.published().len();
    job(&bench, &mut client, &mut 0).map_err(|error| format!("{first:?}, and then {error:?}"))?;
    if bench.published()[before..] != PAYLOADS {
        return Err(format!("the next job published {:?}", &bench.published()[before..]));
    }
    rig::events(&mut client);
    let Bytes { received, answer, event, echo, lost, .. } = client.counters().line.bytes;
    if received != answer + event + echo + lost {
        return Err(format!("{received} bytes received, {answer} + {event} + {echo} + {lost} in a class"));
    }
    Ok(())
}

fn a_restart_at_any_byte_ends_the_call_and_the_next_sign_in_works(front_end: FrontEnd) {
    strike_at_every_byte(front_end, Fault::RESTART);
}

fn a_lost_link_at_any_byte_ends_the_call_and_the_next_sign_in_works(front_end: FrontEnd) {
    strike_at_every_byte(front_end, Fault::CUT);
}

fn promise_8_a_prompt_that_never_comes_holds_up_the_next_call_no_longer_than_it_is_said_to(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    job(&bench, &mut client, &mut 0).unwrap();
    bench.with(|world| world.strike("silence 1h".parse().unwrap()));
    // Not to be sent without a prompt: to a modem that has not heard the command, it would be one.
    let message = Publish::new(rig::UPDATE, b"\r\nAT\r\n").qos(QoS::AtLeastOnce);
    let timeout = |name, stage| Err(Error::Command(CommandError { name, stage, cause: Cause::Timeout }));
    assert_eq!(bench.within(PUBLISH, || client.publish(&message)), timeout("+LMQTTPUB", Stage::Prompt));
    assert_eq!(bench.within(PUBLISH, || client.next_event(Duration::from_secs(1)).map(|_| ())), Ok(()));
    let outcome = bench.within(PUBLISH, || client.publish(&message));
    assert!(matches!(outcome, Err(Error::Command(CommandError { stage: Stage::Resync, .. }))), "{outcome:?}");
}
