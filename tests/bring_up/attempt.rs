//! An attempt to bring a simulated modem up, and what it showed.

use core::cell::RefCell;
use core::convert::Infallible;
use core::time::Duration;

use nt35e::command::{
    ActiveTime, ExtendedReception, Operator, PowerSaving, ReceptionCycle, Registration, UpdateInterval,
};
use nt35e::{BringUp, Error, Network, Plmn};
use nt35e_sim::modem::{self, ModemSettings};

use crate::front_end::FrontEnd;
use crate::rig::{self, Bench, Client, Memory};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// What came of an attempt, what it showed, what it sent, and how long it took.
pub(crate) struct Attempt {
    pub(crate) result: Result<Registration, Error<Infallible>>,
    pub(crate) shown: Vec<String>,
    pub(crate) sent: Vec<String>,
    pub(crate) took: Duration,
}

impl Attempt {
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.shown.iter().any(|shown| shown == text)
    }

    /// The failure, which has to come in time: a second and the command in flight are allowed for.
    pub(crate) fn fails_after(&self, limit: Duration, failure: Error<Infallible>) {
        assert_eq!(self.result, Err(failure), "{:?}", self.shown);
        assert!(self.took >= limit && self.took <= limit + 3 * SECOND, "{:?} instead of {limit:?}", self.took);
    }
}

thread_local! {
    /// What was shown so far in this test.
    static SHOWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// What happens to the modem at each thing that is shown.
    static DURING: RefCell<Option<During>> = const { RefCell::new(None) };
}

type During = Box<dyn Fn(&str)>;

pub(crate) fn attempt(bench: &Bench, client: &mut Client<'_>, settings: &BringUp<'static>) -> Attempt {
    attempt_during(bench, client, settings, |_| {})
}

/// An attempt during which something happens, given what is shown.
pub(crate) fn attempt_during(
    bench: &Bench,
    client: &mut Client<'_>,
    settings: &BringUp<'static>,
    during: impl Fn(&str) + 'static,
) -> Attempt {
    let (began, sent_before) = (bench.with(|world| world.now()), bench.sent().len());
    SHOWN.take();
    DURING.set(Some(Box::new(during)));
    let result = client.bring_up_with(settings, &|progress| {
        let shown = format!("{progress:?}");
        DURING.with_borrow(|during| during.as_ref().unwrap()(&shown));
        SHOWN.with_borrow_mut(|log| log.push(shown));
    });
    DURING.take();
    let sent = String::from_utf8_lossy(&bench.sent()[sent_before..]).into_owned();
    let sent = sent.split(['\r', '\n']).filter(|line| !line.is_empty()).map(Into::into).collect();
    let took = bench.with(|world| world.now()) - began;
    Attempt { result, shown: SHOWN.take(), sent, took }
}

/// One attempt on a modem of its own.
pub(crate) fn on_modem(front_end: FrontEnd, modem: ModemSettings, settings: &BringUp<'static>) -> Attempt {
    let bench = Bench::new(front_end, modem, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    attempt(&bench, &mut client, settings)
}

pub(crate) fn with_radio(change: impl FnOnce(&mut modem::Radio)) -> ModemSettings {
    let mut settings = ModemSettings::instant();
    change(&mut settings.radio);
    settings
}

pub(crate) fn with_quirk(name: &str, value: &str) -> ModemSettings {
    let mut settings = ModemSettings::instant();
    settings.quirks.set(name, value).unwrap();
    settings
}

pub(crate) fn seconds(count: u32) -> nt35e::Duration {
    nt35e::Duration::from_secs(count)
}

/// Limits that differ, so that it shows which one was kept.
pub(crate) fn limits() -> BringUp<'static> {
    let network = Network::default().answer_within(seconds(20)).registered_within(seconds(50));
    BringUp::new(network).sim_within(seconds(30)).attached_within(seconds(40))
}

pub(crate) const PIN: &str = "4711";

/// Everything that can be set.
pub(crate) fn every_setting() -> BringUp<'static> {
    let every = UpdateInterval::at_least(4 * 3_600).unwrap();
    let active = ActiveTime::at_least(30).unwrap();
    limits()
        .sim_pin(PIN)
        .unwrap()
        .apn("cmnet")
        .unwrap()
        .operator(Operator::Only(Plmn::new("46000").unwrap()))
        .power_saving(PowerSaving::On { every, active })
        .extended_reception(ExtendedReception::On(ReceptionCycle::at_least(20).unwrap()))
}
