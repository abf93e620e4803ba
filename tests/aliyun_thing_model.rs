//! The thing model against the platform's double, which reads JSON in its own way, over each front-end.

mod front_end;
mod rig;

use core::time::Duration as Span;
use std::collections::BTreeMap;

use front_end::FrontEnd;
use nt35e::aliyun::SignIn;
use nt35e::aliyun::sign::{Parameters, SignMethod, Signing};
use nt35e::aliyun::thing_model::{
    Code, Decimal, Desired, Id, Incoming, Message, ReadError, RemoteConfig, Tag, TagKey, Thing, Version,
};
use nt35e::aliyun::topics::Downlink;
use nt35e::{Clock, Publish, QoS, ReceivedTopic};
use nt35e_sim::aliyun::{CallState, Cloud, CloudSettings, DataType, EventKind, Invocation, ProductModel};
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, Client, DEVICE_NAME as NAME, Memory, PRODUCT_KEY as KEY, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

front_end::each_front_end!(
    properties_are_posted_and_each_reply_is_matched_by_id_and_code,
    properties_are_set_from_the_console_and_the_answer_counts,
    a_set_that_the_device_does_not_understand_is_refused_and_changes_nothing,
    events_are_raised,
    services_are_called_in_three_ways,
    an_answer_that_is_too_late_is_known_as_such,
    desired_properties_are_asked_for_and_cleared,
    tags_are_set_and_removed,
    the_configuration_is_asked_for_and_pushed,
);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties<'a> {
    light: bool,
    temperature: Decimal<1>,
    mode: Mode,
    level: Option<i32>,
    label: &'a str,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Mode {
    #[serde(rename = "0")]
    Off,
    #[serde(rename = "3")]
    Heat,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "PascalCase")]
struct Settings {
    light: Option<bool>,
    temperature: Option<Decimal<1>>,
    mode: Option<Mode>,
    level: Option<u8>,
}

const PROPERTIES: Properties<'_> = Properties {
    light: true,
    temperature: Decimal::from_units(-215),
    mode: Mode::Heat,
    level: None,
    label: "\"时\"\n",
};

/// A device that is signed in and subscribed, with the double behind it.
struct Device<'b> {
    bench: &'b Bench,
    client: Client<'b>,
    thing: Thing<'static>,
}

fn cloud() -> CloudSettings {
    let mut cloud = rig::cloud();
    let model = ProductModel::new([
        ("Light", DataType::Bool),
        ("Temperature", DataType::Float(-40.0..=85.0)),
        ("Mode", DataType::Enum(vec![0, 3])),
        ("Level", DataType::Int(0..=100)),
        ("Label", DataType::Text(16)),
    ]);
    cloud.models.insert(KEY.to_owned(), model);
    cloud.open.method_required = true;
    cloud.open.unfit_properties = nt35e_sim::aliyun::UnfitProperties::Refuse;
    cloud
}

impl<'b> Device<'b> {
    fn new(bench: &'b Bench, memory: &'b mut Memory, sign_in: SignIn<'static>, topics: &[Downlink<'_>]) -> Self {
        let mut client = bench.client(memory);
        client.connect_aliyun(sign_in).unwrap();
        for topic in topics {
            let filter = topic.filter(rig::triple()).unwrap();
            // The clients of the rig hold a filter for as long as there are tests.
            client.subscribe(String::leak(filter.to_string()), QoS::AtLeastOnce).unwrap();
        }
        Self { bench, client, thing: Thing::new(rig::triple()) }
    }

    fn send(&mut self, message: Message<'_>) {
        self.client.publish(&Publish::from(&message)).unwrap();
    }

    /// The next message, as it came.
    fn received(&mut self) -> (String, Vec<u8>) {
        let event = self.client.next_event(nt35e::Duration::from_secs(5)).unwrap().expect("a message");
        match event.into() {
            Seen::Message(topic, payload) => (topic, payload),
            other => panic!("{other:?}"),
        }
    }

    fn with_cloud<R>(&self, act: impl FnOnce(&mut Cloud) -> R) -> R {
        self.bench.with(|world| act(world.cloud().unwrap()))
    }

    /// Takes the reply to a request, which has to be the next message: its code.
    fn reply_to(&mut self, id: Id) -> Code {
        let (topic, payload) = self.received();
        match self.thing.read(ReceivedTopic::new(topic.as_bytes()), &payload).unwrap() {
            Incoming::PropertyPostReply(reply)
            | Incoming::EventPostReply { reply, .. }
            | Incoming::DesiredClearReply(reply)
            | Incoming::TagsReply(reply)
            | Incoming::TagsRemoveReply(reply) => {
                assert!(reply.answers(id) && !reply.answers(id.next()), "{reply:?}");
                reply.code()
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Reads a message that was received.
fn read<'m>(message: &'m (String, Vec<u8>)) -> Result<Incoming<'m>, ReadError> {
    let (topic, payload) = message;
    Thing::new(rig::triple()).read(ReceivedTopic::new(topic.as_bytes()), payload)
}

/// Runs a test on a device that is signed in.
fn on_device(front_end: FrontEnd, topics: &[Downlink<'_>], test: impl FnOnce(Device<'_>)) {
    let bench = Bench::new(front_end, ModemSettings::instant(), cloud());
    let mut memory = Memory::typical();
    test(Device::new(&bench, &mut memory, rig::triple().into(), topics));
}

fn properties_are_posted_and_each_reply_is_matched_by_id_and_code(front_end: FrontEnd) {
    on_device(front_end, &[Downlink::PropertyPostReply], |mut device| {
        let mut buffer = [0; 256];
        let first = device.thing.post(&PROPERTIES);
        device.send(first.write(&mut buffer).unwrap());
        assert_eq!(device.reply_to(first.id()), Code::SUCCESS);
        let expected = json!({ "Light": 1, "Temperature": -21.5, "Mode": 3, "Label": "\"时\"\n" });
        device.with_cloud(|cloud| {
            for (name, value) in expected.as_object().unwrap() {
                assert_eq!(cloud.property(KEY, NAME, name), Some(value));
            }
            assert_eq!(cloud.property(KEY, NAME, "Level"), None);
        });

        // Each of these breaks the model in its own way.
        let codes = [
            (json!({ "Level": 101 }), Code::BAD_INTEGER),
            (json!({ "Mode": 1 }), Code::BAD_ENUM),
            (json!({ "Nothing": 1 }), Code::UNKNOWN_PROPERTY),
            (json!({ "Label": "x".repeat(17) }), Code::BAD_TEXT),
        ];
        for (properties, code) in codes {
            let post = device.thing.post(&properties);
            device.send(post.write(&mut buffer).unwrap());
            assert_eq!(device.reply_to(post.id()), code, "{properties}");
        }

        // Two at once, and one that wants no reply between them.
        let [one, two, three] = [1, 2, 3].map(|_| device.thing.post(&PROPERTIES));
        device.send(one.write(&mut buffer).unwrap());
        device.send(two.without_reply().write(&mut buffer).unwrap());
        device.send(three.write(&mut buffer).unwrap());
        assert_eq!(device.reply_to(one.id()), Code::SUCCESS);
        assert_eq!(device.reply_to(three.id()), Code::SUCCESS);
    });
}

fn properties_are_set_from_the_console_and_the_answer_counts(front_end: FrontEnd) {
    on_device(front_end, &[Downlink::PropertySet], |mut device| {
        let set = r#"{"Light":0,"Temperature":21.5,"Mode":3}"#;
        let id = device.with_cloud(|cloud| cloud.set_property(KEY, NAME, set)).unwrap();
        let message = device.received();
        let Ok(Incoming::PropertySet(call)) = read(&message) else { panic!("{message:?}") };
        let expected = Settings {
            light: Some(false),
            temperature: Some(Decimal::from_units(215)),
            mode: Some(Mode::Heat),
            level: None,
        };
        assert_eq!(call.params(), Ok(expected));
        assert_eq!(call.deadline(device.bench.clock().now()), None);
        let mut buffer = [0; 128];
        device.send(device.thing.answer(&call, Code::SUCCESS).write(&mut buffer).unwrap());
        device.with_cloud(|cloud| {
            let Some(CallState::Answered(reply)) = cloud.call(&id).map(|call| &call.state) else { panic!("no answer") };
            assert_eq!((reply.id.as_str(), reply.code), (id.as_str(), Some(200)));
        });
    });
}

fn a_set_that_the_device_does_not_understand_is_refused_and_changes_nothing(front_end: FrontEnd) {
    on_device(front_end, &[Downlink::PropertySet], |mut device| {
        for (set, error) in [
            (r#"{"Light":0,"Level":256}"#, ReadError::OutOfRange),
            (r#"{"Light":0,"Level":-1}"#, ReadError::OutOfRange),
            (r#"{"Light":0,"Level":100000000000000000000000000000}"#, ReadError::OutOfRange),
            (r#"{"Light":0,"Level":1.5}"#, ReadError::WrongType),
            (r#"{"Light":0,"Level":"1"}"#, ReadError::WrongType),
            (r#"{"Light":0,"Temperature":21.55}"#, ReadError::OutOfRange),
            (r#"{"Light":0,"Mode":1}"#, ReadError::Refused),
            (r#"{"Light":0,"Light":1}"#, ReadError::DuplicateMember),
        ] {
            let id = device.with_cloud(|cloud| cloud.set_property(KEY, NAME, set)).unwrap();
            let message = device.received();
            let Ok(Incoming::PropertySet(call)) = read(&message) else { panic!("{message:?}") };
            assert_eq!(call.params::<Settings>(), Err(error), "{set}");
            let mut buffer = [0; 128];
            device.send(device.thing.answer(&call, Code::BAD_PARAMETERS).write(&mut buffer).unwrap());
            device.with_cloud(|cloud| {
                let state = cloud.call(&id).map(|call| call.state.clone());
                let Some(CallState::Answered(reply)) = state else { panic!("{state:?}") };
                assert_eq!(reply.code, Some(460));
            });
        }
    });
}

fn events_are_raised(front_end: FrontEnd) {
    // The filter takes the replies to properties too, and tells them apart.
    on_device(front_end, &[Downlink::EventPostReply { identifier: "+" }], |mut device| {
        let mut buffer = [0; 256];
        let outputs = BTreeMap::from([("Temperature", Decimal::<1>::from_units(905))]);
        let event = device.thing.event_at("Overheated", &outputs, 1_524_448_722_000);
        device.send(event.write(&mut buffer).unwrap());
        let message = device.received();
        let Ok(Incoming::EventPostReply { identifier: "Overheated", reply }) = read(&message) else { panic!() };
        assert!(reply.answers(event.id()) && reply.code().is_success());
        let post = device.thing.post(&PROPERTIES);
        device.send(post.write(&mut buffer).unwrap());
        let message = device.received();
        let Ok(Incoming::PropertyPostReply(reply)) = read(&message) else { panic!() };
        assert!(reply.answers(post.id()));
        device.with_cloud(|cloud| {
            let raised = cloud.events().iter().find_map(|event| match &event.kind {
                EventKind::EventPosted { identifier, params, .. } => Some((identifier.clone(), params.clone())),
                _ => None,
            });
            let (identifier, params) = raised.expect("an event");
            assert_eq!(identifier, "Overheated");
            let expected = json!({ "value": { "Temperature": 90.5 }, "time": 1_524_448_722_000_u64 });
            assert_eq!(Value::Object(params), expected);
        });
    });
}

fn services_are_called_in_three_ways(front_end: FrontEnd) {
    let by_host = || {
        let signing = Signing::new(SignMethod::HMAC_SHA256).parameters(Parameters::new("ext=1").unwrap());
        SignIn::new(rig::triple()).signed_by_host(signing)
    };
    let custom = Downlink::CustomRrpc { message_id: "+", topic: "sys/a1JszCpjS61/NT35E_06011/thing/service/+" };
    for (sign_in, topic, invocation) in [
        (SignIn::from(rig::triple()), Downlink::Service { identifier: "+" }, Invocation::Asynchronous),
        (SignIn::from(rig::triple()), Downlink::RrpcRequest { message_id: "+" }, Invocation::Synchronous),
        (by_host(), custom, Invocation::Synchronous),
    ] {
        let bench = Bench::new(front_end, ModemSettings::instant(), cloud());
        let mut memory = Memory::typical();
        let mut device = Device::new(&bench, &mut memory, sign_in, &[topic]);
        let invoke = |cloud: &mut Cloud| cloud.invoke_service(KEY, NAME, "Boost", r#"{"minutes":30}"#, invocation);
        let id = device.with_cloud(invoke).unwrap();
        let message = device.received();
        let Ok(Incoming::Service { identifier: "Boost", call }) = read(&message) else { panic!("{message:?}") };
        assert_eq!(call.params(), Ok(BTreeMap::from([("minutes", 30_u8)])));
        let deadline = call.deadline(bench.clock().now());
        assert_eq!(deadline.is_some(), invocation == Invocation::Synchronous);
        let mut buffer = [0; 128];
        let outputs = BTreeMap::from([("until", 1_800_u32)]);
        device.send(device.thing.answer(&call, Code::SUCCESS).with(&outputs).write(&mut buffer).unwrap());
        device.with_cloud(|cloud| {
            let state = cloud.call(&id).map(|call| call.state.clone());
            let Some(CallState::Answered(reply)) = state else { panic!("{topic:?}: {state:?}") };
            assert_eq!(reply.code, Some(200));
            let payload: Value = serde_json::from_slice(&reply.payload).unwrap();
            assert_eq!(payload["data"], json!({ "until": 1_800 }));
        });
    }
}

fn an_answer_that_is_too_late_is_known_as_such(front_end: FrontEnd) {
    on_device(front_end, &[Downlink::RrpcRequest { message_id: "+" }], |mut device| {
        let invoke = |cloud: &mut Cloud| cloud.invoke_service(KEY, NAME, "Boost", "{}", Invocation::Synchronous);
        let id = device.with_cloud(invoke).unwrap();
        let message = device.received();
        let Ok(Incoming::Service { call, .. }) = read(&message) else { panic!("{message:?}") };
        let deadline = call.deadline(device.bench.clock().now()).expect("somebody waits");
        let passes = |span| device.bench.with(|world| world.advance(span));
        passes(Span::from_millis(7_900));
        assert!(!deadline.is_over(device.bench.clock().now()));
        assert_eq!(device.with_cloud(|cloud| cloud.call(&id).unwrap().state.clone()), CallState::Waiting);
        passes(Span::from_millis(200));
        assert!(deadline.is_over(device.bench.clock().now()));
        assert_eq!(device.with_cloud(|cloud| cloud.call(&id).unwrap().state.clone()), CallState::TimedOut);
    });
}

fn desired_properties_are_asked_for_and_cleared(front_end: FrontEnd) {
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, rename_all = "PascalCase")]
    struct Wanted {
        light: Option<Desired<bool>>,
        level: Option<Desired<u8>>,
    }
    on_device(front_end, &[Downlink::DesiredGetReply, Downlink::DesiredDeleteReply], |mut device| {
        device.with_cloud(|cloud| {
            cloud.set_desired(KEY, NAME, r#"{"Light":0}"#).unwrap();
            cloud.set_desired(KEY, NAME, r#"{"Light":1,"Level":7}"#).unwrap();
        });
        let mut buffer = [0; 256];
        let question = device.thing.ask_desired(&["Light", "Level", "Mode"]);
        device.send(question.write(&mut buffer).unwrap());
        let message = device.received();
        let Ok(Incoming::DesiredReply(reply)) = read(&message) else { panic!("{message:?}") };
        assert!(reply.answers(question.id()) && reply.code().is_success());
        let wanted = reply.data::<Wanted>().unwrap();
        let expected = Wanted {
            light: Some(Desired { value: Some(true), version: 2 }),
            level: Some(Desired { value: Some(7), version: 1 }),
        };
        assert_eq!(wanted, expected);

        let versions = BTreeMap::from([("Light", Version { version: 2 })]);
        let cleared = device.thing.clear_desired(&versions);
        device.send(cleared.write(&mut buffer).unwrap());
        assert_eq!(device.reply_to(cleared.id()), Code::SUCCESS);
        device.with_cloud(|cloud| {
            assert_eq!(cloud.desired_property(KEY, NAME, "Light"), None);
            assert_eq!(cloud.desired_property(KEY, NAME, "Level"), Some((&json!(7), 1)));
        });
    });
}

fn tags_are_set_and_removed(front_end: FrontEnd) {
    on_device(front_end, &[Downlink::TagsUpdateReply, Downlink::TagsDeleteReply], |mut device| {
        let mut buffer = [0; 256];
        let tags = [Tag { key: "site", value: "杭州" }, Tag { key: "floor", value: "3" }];
        let update = device.thing.set_tags(&tags);
        device.send(update.write(&mut buffer).unwrap());
        assert_eq!(device.reply_to(update.id()), Code::SUCCESS);
        device.with_cloud(|cloud| assert_eq!(cloud.tag(KEY, NAME, "site"), Some("杭州")));
        let removal = device.thing.remove_tags(&[TagKey { key: "site" }]);
        device.send(removal.write(&mut buffer).unwrap());
        assert_eq!(device.reply_to(removal.id()), Code::SUCCESS);
        device.with_cloud(|cloud| {
            assert_eq!((cloud.tag(KEY, NAME, "site"), cloud.tag(KEY, NAME, "floor")), (None, Some("3")));
        });
        let bad = device.thing.set_tags(&[Tag { key: "3rd", value: "x" }]);
        device.send(bad.write(&mut buffer).unwrap());
        assert_eq!(device.reply_to(bad.id()), Code::BAD_PARAMETERS);
    });
}

fn the_configuration_is_asked_for_and_pushed(front_end: FrontEnd) {
    on_device(front_end, &[Downlink::ConfigGetReply, Downlink::ConfigPush], |mut device| {
        let mut buffer = [0; 256];
        let mut code = |device: &mut Device<'_>| {
            let question = device.thing.ask_config();
            device.send(question.write(&mut buffer).unwrap());
            let message = device.received();
            let Ok(Incoming::ConfigReply(reply)) = read(&message) else { panic!("{message:?}") };
            assert!(reply.answers(question.id()));
            (reply.code(), reply.data::<RemoteConfig<'_>>().map(|config| config.config_size))
        };
        assert_eq!(code(&mut device).0, Code::CONFIG_OFF);
        device.with_cloud(|cloud| cloud.switch_config(KEY, true));
        assert_eq!(code(&mut device).0, Code::NO_CONFIG);

        let ids = device.with_cloud(|cloud| cloud.push_config(KEY, b"interval = 5"));
        let message = device.received();
        let Ok(Incoming::ConfigPush(call)) = read(&message) else { panic!("{message:?}") };
        let config = call.params::<RemoteConfig<'_>>().unwrap();
        assert_eq!((config.config_size, config.sign_method), (12, "Sha256"));
        assert!(config.url.ends_with(config.config_id), "{config:?}");
        let mut answer = [0; 128];
        device.send(device.thing.answer(&call, Code::SUCCESS).write(&mut answer).unwrap());
        device.with_cloud(|cloud| {
            let state = cloud.call(&ids[0]).map(|call| call.state.clone());
            assert!(matches!(state, Some(CallState::Answered(reply)) if reply.code == Some(200)));
        });
        assert_eq!(code(&mut device), (Code::SUCCESS, Ok(12)));
    });
}
