//! One life: a firmware, a schedule of faults, and the books at the end.

use core::cell::RefCell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use nt35e::Buffers;
use nt35e_sim::aliyun::PublishOutcome;
use nt35e_sim::modem::Spoiled;
use nt35e_sim::transcript::Entry;
use nt35e_sim::world::World;

use crate::bench::{Bench, DEVICE_NAME, PRODUCT_KEY};
use crate::books::{self, Truth};
use crate::firmware::{Firmware, Plain};
use crate::journal::Journal;
use crate::limits;
use crate::plan::Plan;
use crate::report::Report;

/// Faults that wait for their place among the bytes are waited for no longer than this behind the last one.
const WAIT_FOR_PLACE: Duration = Duration::from_secs(600);

/// How a life ended, and what went over its serial line.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) result: Result<Report, String>,
    pub(crate) traffic: Vec<Entry>,
    /// What the firmware was told, with its times.
    pub(crate) notes: Vec<(Duration, String)>,
}

/// Lives it; a panic is a failure like any other.
pub(crate) fn live(plan: &Plan) -> Outcome {
    let bench = Bench::new(&plan.setup, plan.seed);
    let mut journal = Journal::default();
    let result = catch_unwind(AssertUnwindSafe(|| run(plan, &bench, &mut journal)));
    let result = result.unwrap_or_else(|_| Err(PANIC.with_borrow_mut(core::mem::take)));
    Outcome { result, traffic: bench.with(|world| world.log().to_vec()), notes: journal.notes }
}

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps what a panic has to say, instead of printing it.
pub(crate) fn note_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" ({}:{})", place.file(), place.line()));
        let payload = panic.payload();
        let owned = payload.downcast_ref::<String>().map(String::as_str);
        let text = owned.or(payload.downcast_ref::<&str>().copied()).unwrap_or("it panics");
        PANIC.with_borrow_mut(|noted| *noted = format!("{text}{}", place.unwrap_or_default()));
    }));
}

fn run(plan: &Plan, bench: &Bench, journal: &mut Journal) -> Result<Report, String> {
    let setup = &plan.setup;
    let (mut rx, mut tx, mut inbox) = (vec![0; setup.rx], vec![0; setup.tx], vec![0; setup.inbox]);
    let mut firmware = Plain::new(bench, setup, plan.seed, Buffers::new(&mut rx, &mut tx, &mut inbox));
    bench.with(|world| world.follow(&plan.schedule));

    let patience = plan.schedule.ends_at() + WAIT_FOR_PLACE;
    while bench.with(|world| world.is_troubled()) && bench.now() < patience {
        firmware.live(journal);
    }
    // One that came to its place late may last.
    bench.with(World::calm);
    while bench.with(|world| world.is_troubled()) {
        firmware.live(journal);
    }
    let connected_again = come_through(&mut firmware, bench, journal)?;
    rest(&mut firmware, bench, journal)?;

    let is_faithful = is_faithful(bench);
    bench.with(|world| {
        let struck = world.faults_struck();
        let deliveries = world.modem().deliveries().to_vec();
        let bytes_read = bench.bytes_read();
        let cloud = world.cloud().ok_or("there is a cloud")?;
        let publishes = cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME);
        let accepted = publishes.iter().filter(|publish| publish.outcome == PublishOutcome::Accepted);
        let at_broker = accepted.map(|publish| publish.payload.as_slice()).collect();
        let truth = Truth { at_broker, deliveries: &deliveries, bytes_read, is_framed: setup.is_framed };
        books::bytes(&truth, &firmware.counters())?;
        if is_faithful {
            books::published(&truth, journal)?;
            books::received(&truth, journal)?;
        }
        let (delivered, at_broker) = (deliveries.len(), truth.at_broker.len());
        Ok(Report::of_life(journal, struck, world.now(), connected_again, is_faithful, [delivered, at_broker]))
    })
}

/// Goes on until a message has come through in either direction that was sent after the last fault.
fn come_through(firmware: &mut impl Firmware, bench: &Bench, journal: &mut Journal) -> Result<Duration, String> {
    let since = bench.now();
    let mut sent = None;
    loop {
        let now = bench.now();
        let is_up = journal.attempts.iter().any(|attempt| attempt.is_confirmed && attempt.began >= since);
        let is_down = sent.as_ref().is_some_and(|(_, payload)| {
            journal.heard.iter().any(|heard| heard.at >= since && heard.payload == *payload)
        });
        if is_up && is_down {
            return Ok(now - since);
        }
        if now - since > limits::CONNECTED_AGAIN {
            let missing = match (is_up, &sent) {
                (false, _) => "nothing was published",
                (true, None) => "it is not subscribed",
                (true, Some(_)) => "no message has arrived",
            };
            return Err(format!("not connected again {:?} after the last fault: {missing}", now - since));
        }
        // It may have gone where nobody was listening: another one every now and then.
        if sent.as_ref().is_none_or(|(at, _)| now - *at > Duration::from_secs(20)) {
            sent = bench.send().map(|payload| (now, payload)).or(sent);
        }
        firmware.live(journal);
    }
}

/// Lets everything that is on its way arrive, and be handed out.
fn rest(firmware: &mut impl Firmware, bench: &Bench, journal: &mut Journal) -> Result<(), String> {
    bench.end_downlink();
    let (since, quiets) = (bench.now(), journal.quiets.len());
    while journal.quiets.len() < quiets + 2 {
        if bench.now() - since > limits::CONNECTED_AGAIN {
            return Err("it never comes to rest".to_owned());
        }
        firmware.live(journal);
    }
    Ok(())
}

/// Whether no byte was lost, doubled or changed on the serial line.
fn is_faithful(bench: &Bench) -> bool {
    bench.with(|world| {
        let modem = world.modem();
        modem.spoiled() == Spoiled::default() && modem.deliveries().iter().all(|delivery| !delivery.is_spoiled)
    })
}
