//! Message by message: what is offered, what answers a request, and what only looks like it.

use nt35e::aliyun::ota::{Failure, Ota, RECORD_BYTES, Received, Refusal, Settings, State, Step};
use nt35e::{Duration, Instant, ReceivedTopic};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::flash::Flash;
use crate::rig;

const UPGRADE: &str = "/ota/device/upgrade/a1JszCpjS61/NT35E_06011";
const GET_REPLY: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/ota/firmware/get_reply";
const BLOCK: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/file/download_reply";

struct Fixture {
    ota: Ota<'static>,
    flash: Flash,
    now: Instant,
}

impl Fixture {
    fn new() -> Self {
        let ota = Ota::new(rig::triple(), "1.0.0", None, Settings::default()).unwrap();
        Self { ota, flash: Flash::new(4), now: Instant::from_millis(7) }
    }

    /// One that fetches this image.
    fn fetching(image: &[u8]) -> Self {
        let mut fixture = Self::new();
        assert!(matches!(fixture.receive(UPGRADE, push(image, 12_332)), Seen::Offered));
        assert!(fixture.ota.begin(&fixture.flash));
        fixture
    }

    fn receive(&mut self, topic: &str, payload: impl AsRef<[u8]>) -> Seen {
        match self.ota.receive(ReceivedTopic::new(topic.as_bytes()), payload.as_ref(), &mut self.flash) {
            Received::Offered { .. } => Seen::Offered,
            Received::Refused(refusal) => Seen::Refused(refusal),
            other => Seen::Else(format!("{other:?}")),
        }
    }

    /// Polls until a message is due, and publishes it: its topic, what it says, and how long that took.
    fn publish(&mut self) -> (String, Value, Duration) {
        let begin = self.now;
        loop {
            match self.ota.poll(&mut self.flash, self.now) {
                Step::Publish(message) => {
                    self.ota.published(self.now);
                    let payload = serde_json::from_slice(message.payload()).unwrap();
                    return (message.topic().into(), payload, self.now - begin);
                }
                Step::Again => {}
                Step::Wait(time) => self.now = self.now + time,
                end => panic!("{end:?}"),
            }
        }
    }

    /// The id and the offset of the next request for a block.
    fn request(&mut self) -> (String, usize, usize) {
        let (topic, request, _) = self.publish();
        assert!(topic.ends_with("/thing/file/download"), "{topic}");
        let block = &request["params"]["fileBlock"];
        let number = |value: &Value| value.as_u64().unwrap() as usize;
        (request["id"].as_str().unwrap().into(), number(&block["offset"]), number(&block["size"]))
    }
}

#[derive(Debug, PartialEq)]
enum Seen {
    Offered,
    Refused(Refusal),
    Else(String),
}

fn other(name: &str) -> Seen {
    Seen::Else(name.into())
}

fn push(image: &[u8], stream: u64) -> String {
    let sign: String = sha2::Sha256::digest(image).iter().map(|byte| format!("{byte:02X}")).collect();
    json!({ "code": "1000", "id": 1_695_281_536_874_u64, "message": "success", "data": {
        "size": image.len(), "streamId": stream, "sign": sign, "dProtocol": "mqtt", "version": "1.1",
        "signMethod": "SHA256", "streamFileId": 1,
    } })
    .to_string()
}

fn answer(id: &str, total: usize, offset: usize, bytes: &[u8]) -> Vec<u8> {
    let data = json!({ "fileLength": total, "bSize": bytes.len(), "bOffset": offset });
    let json = json!({ "id": id, "code": 200, "data": data }).to_string();
    [&(json.len() as u16).to_be_bytes(), json.as_bytes(), bytes, &[0xab, 0xcd]].concat()
}

fn image(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 + at / 256) as u8).collect()
}

#[test]
fn the_push_of_a_capture_is_an_offer() {
    let captured = concat!(
        r#"{"code":"1000","data":{"size":4252,"streamId":12332,"sign":"93230c3bde425a9d7984a594ac55ea1e","#,
        r#""dProtocol":"mqtt","version":"1.1","signMethod":"Md5","streamFileId":1,"md5":"93230c3bde425a9d7984a594ac55ea1e"},"#,
        r#""id":1695281536874,"message":"success"}"#
    );
    assert_eq!(Fixture::new().receive(UPGRADE, captured), Seen::Offered);
    let as_text = captured.replace("4252", "\"4252\"").replace("12332", "\"12332\"").replace("\"1000\"", "1000");
    assert_eq!(Fixture::new().receive(UPGRADE, as_text), Seen::Offered);
    assert_eq!(Fixture::new().receive(GET_REPLY, captured.replace("\"1000\"", "200")), Seen::Offered);
    for length in 0..captured.len() {
        assert_eq!(Fixture::new().receive(UPGRADE, &captured[..length]), Seen::Refused(Refusal::Malformed));
    }
}

#[test]
fn what_cannot_be_taken_says_why() {
    let good = push(&image(300), 5);
    for (from, to, expected) in [
        ("\"size\":300", "\"size\":16385", Seen::Refused(Refusal::TooLarge)),
        ("\"size\":300", "\"size\":0", Seen::Refused(Refusal::Malformed)),
        ("\"size\":300", "\"size\":-1", Seen::Refused(Refusal::Malformed)),
        ("\"size\":300", "\"size\":4294967296", Seen::Refused(Refusal::Malformed)),
        ("SHA256", "SM3", Seen::Refused(Refusal::UnknownMethod)),
        ("\"mqtt\"", "\"https\"", Seen::Refused(Refusal::NotByMqtt)),
        ("\"streamId\":5", "\"url\":\"https://x\"", Seen::Refused(Refusal::NotByMqtt)),
        ("\"code\":\"1000\"", "\"code\":\"500\"", Seen::Refused(Refusal::Malformed)),
        ("\"version\":", "\"module\":\"MCU\",\"version\":", other("AnotherModule")),
        ("\"version\":", "\"module\":\"default\",\"version\":", Seen::Offered),
        ("\"version\":", "\"extData\":{\"a\":[1]},\"version\":", Seen::Offered),
        ("\"sign\":\"", "\"sign\":\"0", Seen::Refused(Refusal::Malformed)),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        let mut fixture = Fixture::new();
        assert_eq!(fixture.receive(UPGRADE, &changed), expected, "{to}");
        assert_eq!(fixture.ota.begin(&fixture.flash), expected == Seen::Offered);
    }
    assert_eq!(Fixture::new().receive(GET_REPLY, r#"{"id":"1","code":200,"data":{}}"#), other("NoUpdate"));
    assert_eq!(Fixture::new().receive(rig::GET, &good), other("Other"));
}

#[test]
fn an_offer_during_an_update_changes_nothing_unless_it_is_the_same_image_by_another_stream() {
    let mut fixture = Fixture::fetching(&image(600));
    let (id, ..) = fixture.request();
    assert_eq!(fixture.receive(UPGRADE, push(&image(600), 12_332)), other("Repeated"));
    assert_eq!(fixture.receive(UPGRADE, push(&image(601), 12_333)), other("Busy"));
    assert_eq!(fixture.receive(BLOCK, answer(&id, 600, 0, &image(600)[..256])), other("Written"));
    fixture.publish();
    let (id, ..) = fixture.request();
    assert_eq!(fixture.receive(UPGRADE, push(&image(600), 12_334)), other("Repeated"));
    assert_eq!(fixture.receive(BLOCK, answer(&id, 600, 256, &image(600)[256..512])), other("Stray"));
    let (_, request, _) = fixture.publish();
    assert_eq!(request["params"]["fileInfo"]["streamId"], 12_334);
    assert_eq!(request["params"]["fileBlock"]["offset"], 256);
}

#[test]
fn only_the_block_that_was_asked_for_is_written() {
    let image = image(600);
    let mut fixture = Fixture::fetching(&image);
    let before = fixture.flash.bytes.clone();
    assert_eq!(fixture.receive(BLOCK, answer("1", 600, 0, &image[..256])), other("Stray"));
    let (id, offset, size) = fixture.request();
    assert_eq!((offset, size), (0, 256));
    let good = answer(&id, 600, 0, &image[..256]);
    for length in 0..good.len() {
        assert_eq!(fixture.receive(BLOCK, &good[..length]), other("Garbled"), "cut at {length}");
    }
    assert_eq!(fixture.receive(BLOCK, [&good[..], b"x"].concat()), other("Garbled"));
    let wrong = (id.parse::<u32>().unwrap().wrapping_add(1)).to_string();
    for stray in [
        answer(&wrong, 600, 0, &image[..256]),
        answer(&id, 601, 0, &image[..256]),
        answer(&id, 600, 256, &image[256..512]),
        answer(&id, 600, 600, &image[..64]),
        answer(&id, 600, 0, &image[..100]),
        answer(&id, 600, 0, &image[..320]),
        answer(&id, 600, 0, b""),
    ] {
        assert_eq!(fixture.receive(BLOCK, stray), other("Stray"));
    }
    assert_eq!(fixture.flash.bytes, before);
    assert!(fixture.flash.erased.iter().all(|count| *count == 0));
    assert_eq!(fixture.receive(BLOCK, &good), other("Written"));
    assert_eq!(fixture.receive(BLOCK, &good), other("Stray"));
    // What comes before the next block is asked for is the report of 42 %.
    assert_eq!(fixture.publish().1["params"]["step"], "42");
    assert_eq!(fixture.request().1, 256);
    assert_eq!(fixture.ota.state(), State::Fetching { offset: 256, size: 600 });
    assert_eq!(fixture.receive(BLOCK, &good), other("Stray"));
}

#[test]
fn a_block_that_does_not_come_is_asked_for_again_less_and_less_often_and_not_for_ever() {
    let mut fixture = Fixture::fetching(&image(600));
    let mut waits = Vec::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        let (_, request, wait) = fixture.publish();
        ids.push(request["id"].as_str().unwrap().to_owned());
        waits.push(wait.as_millis() / 1_000);
    }
    assert_eq!(waits, [0, 10, 20, 40, 80]);
    let mut late = fixture.ota.clone();
    let (topic, report, wait) = fixture.publish();
    assert!(topic.starts_with("/ota/device/progress/"));
    assert_eq!((report["params"]["step"].as_str(), wait.as_millis()), (Some("-2"), 160_000));
    assert_eq!(fixture.ota.state(), State::Failed(Failure::Download));
    assert!(matches!(fixture.ota.poll(&mut fixture.flash, fixture.now), Step::Failed(Failure::Download)));
    assert_eq!(fixture.ota.record(), Some([0; RECORD_BYTES]));
    // An answer to the first of them is as good as one to the last.
    let answer = answer(&ids[0], 600, 0, &image(600)[..256]);
    assert_eq!(late.receive(ReceivedTopic::new(BLOCK.as_bytes()), &answer, &mut fixture.flash), Received::Written);
    assert_eq!(fixture.receive(UPGRADE, push(&image(600), 12_332)), Seen::Offered);
}

#[test]
fn a_platform_that_denies_a_block_is_asked_again() {
    let mut fixture = Fixture::fetching(&image(600));
    let (id, ..) = fixture.request();
    let json = json!({ "id": id, "code": "460", "data": {} }).to_string();
    let denied = [&(json.len() as u16).to_be_bytes(), json.as_bytes()].concat();
    assert_eq!(fixture.receive(BLOCK, denied), other("Denied(460)"));
    assert_eq!(fixture.request().1, 0);
}

#[test]
fn a_torn_record_is_none_and_a_whole_one_goes_on() {
    let image = image(600);
    let mut fixture = Fixture::fetching(&image);
    let record = fixture.ota.record().unwrap();
    assert_eq!(fixture.ota.record(), None);
    for at in 0..RECORD_BYTES {
        for change in [1, 0x80] {
            let mut torn = record;
            torn[at] ^= change;
            assert!(!Fixture::new().ota.resume(&torn, &fixture.flash), "{at}");
        }
        let mut torn = [0xff; RECORD_BYTES];
        torn[..at].copy_from_slice(&record[..at]);
        assert!(!Fixture::new().ota.resume(&torn, &fixture.flash), "{at}");
    }
    assert!(!Fixture::new().ota.resume(&[0; RECORD_BYTES], &fixture.flash));
    let mut after_reset = Fixture::new();
    assert!(after_reset.ota.resume(&record, &fixture.flash));
    assert_eq!(after_reset.ota.state(), State::Fetching { offset: 0, size: 600 });
}

#[test]
fn an_image_that_could_not_be_installed_is_reported() {
    let image = image(64);
    let mut fixture = Fixture::fetching(&image);
    fixture.ota.install_failed();
    let (id, ..) = fixture.request();
    assert_eq!(fixture.receive(BLOCK, answer(&id, 64, 0, &image)), other("Written"));
    assert_eq!(fixture.publish().1["params"]["step"], "100");
    assert!(matches!(fixture.ota.poll(&mut fixture.flash, fixture.now), Step::Ready));
    fixture.ota.install_failed();
    assert_eq!(fixture.publish().1["params"]["step"], "-1");
}

#[test]
fn a_module_names_itself_and_takes_what_is_for_it() {
    let mut ota = Ota::new(rig::triple(), "1.0.1", Some("MCU"), Settings::default()).unwrap();
    let mut flash = Flash::new(1);
    ota.connected();
    let Step::Publish(message) = ota.poll(&mut flash, Instant::from_millis(0)) else { panic!("no version") };
    assert_eq!(message.topic(), "/ota/device/inform/a1JszCpjS61/NT35E_06011");
    assert_eq!(message.payload(), br#"{"id":"1","params":{"version":"1.0.1","module":"MCU"}}"#);
    let for_device = push(&image(64), 1);
    let topic = ReceivedTopic::new(UPGRADE.as_bytes());
    assert_eq!(ota.receive(topic, for_device.as_bytes(), &mut flash), Received::AnotherModule);
    let for_module = for_device.replace("\"version\"", "\"module\":\"MCU\",\"version\"");
    let offered = Received::Offered { version: b"1.1", size: 64 };
    assert_eq!(ota.receive(topic, for_module.as_bytes(), &mut flash), offered);
}

#[test]
fn a_version_that_json_would_escape_is_refused() {
    for version in ["", "a\"b", "a\\b", "a\u{1}b", &"9".repeat(65)] {
        assert!(Ota::new(rig::triple(), version, None, Settings::default()).is_err(), "{version}");
        assert!(Ota::new(rig::triple(), "1", Some(version), Settings::default()).is_err(), "{version}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever arrives between the right blocks: the image is right, or the update has failed.
    #[test]
    fn nothing_but_the_image_is_ever_taken_for_it(
        length in 1_usize..2_000,
        harm in prop::collection::vec((0_usize..4, any::<u16>(), any::<u8>()), 0..40),
    ) {
        let image = image(length);
        let mut fixture = Fixture::fetching(&image);
        let mut harm = harm.into_iter();
        for _ in 0..400 {
            if !matches!(fixture.ota.state(), State::Fetching { .. }) {
                break;
            }
            let (topic, request, _) = fixture.publish();
            if !topic.ends_with("/download") {
                continue;
            }
            let offset = request["params"]["fileBlock"]["offset"].as_u64().unwrap() as usize;
            let size = request["params"]["fileBlock"]["size"].as_u64().unwrap() as usize;
            let mut payload = answer(request["id"].as_str().unwrap(), length, offset, &image[offset..offset + size]);
            if let Some((kind, place, byte)) = harm.next() {
                let place = usize::from(place) % payload.len();
                match kind {
                    0 => payload[place] ^= byte,
                    1 => payload.truncate(place),
                    2 => payload.insert(place, byte),
                    _ => continue,
                }
            }
            fixture.receive(BLOCK, payload);
        }
        while let Step::Again = fixture.ota.poll(&mut fixture.flash, fixture.now) {}
        match fixture.ota.state() {
            State::Ready => prop_assert_eq!(&fixture.flash.bytes[..length], &image[..]),
            State::Failed(failure) => prop_assert!(matches!(failure, Failure::Verify | Failure::Download)),
            state => prop_assert!(false, "{:?}", state),
        }
    }

    #[test]
    fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut fixture = Fixture::fetching(&image(600));
        fixture.request();
        fixture.receive(BLOCK, &bytes);
        fixture.receive(UPGRADE, &bytes);
        let is_untouched = fixture.ota.state() == State::Fetching { offset: 0, size: 600 };
        prop_assert!(is_untouched);
    }
}
