//! Updates through the simulated modem, from the double's files into a flash.

use nt35e::aliyun::ota::{FILTERS, Ota, RECORD_BYTES, Received, Settings, State, Step};
use nt35e::{Clock, Duration, Event, Network, Publish, QoS};
use nt35e_sim::aliyun::{OtaHash, OtaImage, OtaTail};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;
use sha2::Digest as _;

use crate::flash::{Flash, PAGE};
use crate::front_end::{self, FrontEnd};
use crate::rig::{self, Bench, Client, DEVICE_NAME, Memory, PRODUCT_KEY};

front_end::each_front_end!(
    an_image_arrives_and_the_version_decides,
    a_megabyte_arrives_whole_though_the_link_is_lost_twenty_times,
    an_image_that_is_not_the_announced_one_is_refused,
    a_flash_that_fails_ends_the_update,
    what_no_source_settles_makes_no_difference,
);

/// What strikes when so many blocks were written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    CutLink,
    RestartModem,
    ResetDevice,
}

/// What outlives a reset of the device, and what was counted.
struct Device {
    flash: Flash,
    record: [u8; RECORD_BYTES],
    faults: Vec<(usize, Fault)>,
    written: usize,
    struck: usize,
    settings: Settings,
}

impl Device {
    fn new(pages: usize) -> Self {
        let settings = Settings { block: 1_024, ..Settings::default() };
        let flash = Flash::new(pages);
        Self { flash, record: [0xff; RECORD_BYTES], faults: Vec::new(), written: 0, struck: 0, settings }
    }

    /// Runs firmware of a version, from one reset to the next, until an update has ended.
    fn run(&mut self, bench: &Bench, version: &str) -> State {
        loop {
            let mut memory = Memory::new(256, 256, 1_536);
            let mut client = bench.client(&mut memory);
            let mut ota = Ota::new(rig::triple(), version, None, self.settings).unwrap();
            ota.resume(&self.record, &self.flash);
            let mut life = || {
                for _ in 0..20 {
                    if sign_in(&mut client).is_some() {
                        ota.connected();
                        if let Some(end) = self.fetch(bench, &mut client, &mut ota) {
                            return Some(end);
                        }
                    }
                    if self
                        .faults
                        .first()
                        .is_some_and(|(at, fault)| *at <= self.written && *fault == Fault::ResetDevice)
                    {
                        self.faults.remove(0);
                        self.struck += 1;
                        return None;
                    }
                }
                panic!("the device does not come back: {:?}", ota.state())
            };
            if let Some(end) = life() {
                return end;
            }
        }
    }

    /// Until the update has ended, or something came in between.
    fn fetch(&mut self, bench: &Bench, client: &mut Client<'_>, ota: &mut Ota<'_>) -> Option<State> {
        let mut idle = 0;
        loop {
            if let Some(record) = ota.record() {
                self.record = record;
            }
            let wait = match ota.poll(&mut self.flash, bench.clock().now()) {
                Step::Publish(message) => {
                    client.publish(&Publish::new(message.topic(), message.payload())).ok()?;
                    ota.published(bench.clock().now());
                    if let Some((at, fault)) = self.faults.first().copied()
                        && at <= self.written
                    {
                        match fault {
                            Fault::ResetDevice => return None,
                            Fault::CutLink => bench.with(World::cut_link),
                            Fault::RestartModem => bench.with(World::restart_modem),
                        }
                        self.faults.remove(0);
                        self.struck += 1;
                    }
                    continue;
                }
                Step::Again => Duration::from_millis(0),
                Step::Wait(time) => time,
                Step::Ready | Step::Failed(_) => return Some(ota.state()),
            };
            match client.next_event(wait.min(Duration::from_secs(20))).ok()? {
                Some(Event::Message { topic, payload, .. }) => match ota.receive(topic, payload, &mut self.flash) {
                    Received::Offered { .. } => assert!(ota.begin(&self.flash)),
                    Received::Written => self.written += 1,
                    _ => {}
                },
                Some(Event::Disconnected(_) | Event::Restarted(_)) => return None,
                None if ota.state() == State::Idle => {
                    idle += 1;
                    if idle > 2 {
                        return Some(State::Idle);
                    }
                }
                _ => {}
            }
        }
    }
}

fn sign_in(client: &mut Client<'_>) -> Option<()> {
    client.bring_up(&Network::default()).ok()?;
    client.connect_aliyun(rig::triple()).ok()?;
    for filter in FILTERS {
        let filter = filter.filter(rig::triple()).unwrap();
        // The clients of the rig hold a filter for as long as there are tests.
        client.subscribe(String::leak(filter.to_string()), QoS::AtMostOnce).ok()?;
    }
    Some(())
}

fn image(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state as u8
        })
        .collect()
}

fn push(bench: &Bench, bytes: &[u8], hash: OtaHash) -> u64 {
    let image = OtaImage { version: "2.0.0".into(), module: None, bytes: bytes.to_vec(), hash };
    bench.with(|world| world.cloud().unwrap().ota_push(PRODUCT_KEY, DEVICE_NAME, image).unwrap())
}

fn progress(bench: &Bench) -> Vec<i32> {
    bench.with(|world| {
        let steps = world.cloud().unwrap().ota_progress(PRODUCT_KEY, DEVICE_NAME);
        steps.into_iter().map(|step| step.parse().unwrap()).collect()
    })
}

fn is_pending(bench: &Bench) -> bool {
    bench.with(|world| world.cloud().unwrap().ota_is_pending(PRODUCT_KEY, DEVICE_NAME, None))
}

/// A cloud with the platform's own limit of messages a second.
fn bench(front_end: FrontEnd) -> Bench {
    let mut cloud = rig::cloud();
    cloud.limits.uplink_per_second = Some((30, 10));
    Bench::new(front_end, ModemSettings::instant(), cloud)
}

fn an_image_arrives_and_the_version_decides(front_end: FrontEnd) {
    for (length, hash) in [(1, OtaHash::Sha256), (70_001, OtaHash::Sha256), (70_016, OtaHash::Md5)] {
        let (bench, bytes) = (bench(front_end), image(length));
        push(&bench, &bytes, hash);
        let mut device = Device::new(20);
        assert_eq!(device.run(&bench, "1.0.0"), State::Ready);
        assert_eq!(device.flash.bytes[..length], bytes);
        assert_eq!(progress(&bench).last(), Some(&100));
        assert!(progress(&bench).is_sorted());
        assert!(is_pending(&bench), "100 is no success");
        assert_eq!(device.record, [0; RECORD_BYTES]);
        assert_eq!(device.run(&bench, "2.0.0"), State::Idle);
        assert!(!is_pending(&bench));
        let pages = length.div_ceil(PAGE);
        assert!(device.flash.erased[..pages].iter().all(|count| *count == 1), "{:?}", device.flash.erased);
        assert!(device.flash.erased[pages..].iter().all(|count| *count == 0));
    }
}

fn a_megabyte_arrives_whole_though_the_link_is_lost_twenty_times(front_end: FrontEnd) {
    let (bench, bytes) = (bench(front_end), image(1 << 20));
    push(&bench, &bytes, OtaHash::Sha256);
    let mut device = Device::new(260);
    let cuts = (0..20).map(|number| (20 + number * 49, Fault::CutLink));
    let others = [
        (101, Fault::RestartModem),
        (333, Fault::ResetDevice),
        (512, Fault::RestartModem),
        (705, Fault::ResetDevice),
        (900, Fault::RestartModem),
    ];
    device.faults = cuts.chain(others).collect();
    device.faults.sort_by_key(|(at, _)| *at);
    assert_eq!(device.run(&bench, "1.0.0"), State::Ready);
    assert_eq!(device.struck, 25);
    // The driver hashes piece by piece what it reads back; this is all at once, and byte for byte.
    assert_eq!(sha2::Sha256::digest(&device.flash.bytes[..1 << 20]), sha2::Sha256::digest(&bytes));
    assert!(device.flash.bytes[..1 << 20] == bytes[..]);
    // A block that was asked for when the link broke is asked for again; after a reset, those since the last record.
    let requests = bench.with(|world| world.cloud().unwrap().ota_requests());
    assert!((1_024..1_024 + 25 + 2 * 36).contains(&requests), "{requests}");
    // Each page is erased once, and what came since the last record once more for a reset.
    let again: u32 = device.flash.erased[..256].iter().map(|count| count - 1).sum();
    assert!(again <= 2 * 9, "{again}");
    let dropped = bench.with(|world| {
        let records = world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME);
        records.iter().filter(|record| record.outcome == nt35e_sim::aliyun::PublishOutcome::Rate).count()
    });
    assert_eq!(dropped, 0, "the platform's limit of messages is kept");
    assert_eq!(device.run(&bench, "2.0.0"), State::Idle);
    assert!(!is_pending(&bench));
}

fn an_image_that_is_not_the_announced_one_is_refused(front_end: FrontEnd) {
    let (bench, bytes) = (bench(front_end), image(9_000));
    let stream = push(&bench, &bytes, OtaHash::Sha256);
    bench.with(|world| world.cloud().unwrap().ota_corrupt(stream, 8_999));
    let mut device = Device::new(4);
    assert_eq!(device.run(&bench, "1.0.0"), State::Failed(nt35e::aliyun::ota::Failure::Verify));
    assert_eq!(progress(&bench).last(), Some(&-3));
    assert!(is_pending(&bench));
}

fn a_flash_that_fails_ends_the_update(front_end: FrontEnd) {
    let bench = bench(front_end);
    push(&bench, &image(9_000), OtaHash::Sha256);
    let mut device = Device::new(4);
    device.flash.writes_left = Some(5);
    assert_eq!(device.run(&bench, "1.0.0"), State::Failed(nt35e::aliyun::ota::Failure::Flash));
    assert_eq!(progress(&bench).last(), Some(&-4));
}

fn what_no_source_settles_makes_no_difference(front_end: FrontEnd) {
    for tail in [OtaTail::IbmLowFirst, OtaTail::IbmHighFirst, OtaTail::CcittHighFirst] {
        for numbers_as_text in [false, true] {
            for platform_qos in [nt35e_sim::aliyun::QoS::AtMostOnce, nt35e_sim::aliyun::QoS::AtLeastOnce] {
                let mut cloud = rig::cloud();
                cloud.open.ota.tail = tail;
                cloud.open.ota.numbers_as_text = numbers_as_text;
                cloud.open.platform_qos = platform_qos;
                let bench = Bench::new(front_end, ModemSettings::instant(), cloud);
                let bytes = image(3_000);
                push(&bench, &bytes, OtaHash::Sha256);
                let mut device = Device::new(1);
                assert_eq!(device.run(&bench, "1.0.0"), State::Ready);
                assert_eq!(device.flash.bytes[..3_000], bytes);
            }
        }
    }
}
