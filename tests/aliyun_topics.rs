//! The platform's topics as types, over each front-end, at the double of the platform, which has rules of its own for them.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::aliyun::topics::{Downlink, TopicText, Uplink};
use nt35e::{Error, Publish, QoS, ReceivedTopic};
use nt35e_sim::aliyun::PublishOutcome;
use rig::{Bench, Memory, Seen};

front_end::each_front_end!(
    each_filter_is_granted_and_brings_what_it_names,
    each_uplink_is_taken,
    a_filter_of_another_device_is_refused,
);

/// What follows `/ext/rrpc/{message id}/`.
const RRPC: &str = "/a1JszCpjS61/NT35E_06011/user/get";

/// Each topic to subscribe to, as a filter and as a message bears it.
const DOWN: [(Downlink<'_>, Downlink<'_>); 24] = [
    (Downlink::Custom { path: "#" }, Downlink::Custom { path: "update/error" }),
    same(Downlink::PropertyPostReply),
    same(Downlink::PropertyBatchPostReply),
    same(Downlink::PropertyHistoryPostReply),
    same(Downlink::PropertySet),
    (Downlink::EventPostReply { identifier: "+" }, Downlink::EventPostReply { identifier: "alarm" }),
    (Downlink::Service { identifier: "+" }, Downlink::Service { identifier: "open" }),
    same(Downlink::RawUpReply),
    same(Downlink::RawDown),
    same(Downlink::DesiredGetReply),
    same(Downlink::DesiredDeleteReply),
    same(Downlink::TagsUpdateReply),
    same(Downlink::TagsDeleteReply),
    same(Downlink::ConfigGetReply),
    same(Downlink::ConfigPush),
    (Downlink::RrpcRequest { message_id: "+" }, Downlink::RrpcRequest { message_id: "1290486405" }),
    (Downlink::BroadcastToAll { message_id: "+" }, Downlink::BroadcastToAll { message_id: "7" }),
    (Downlink::Broadcast { path: "#" }, Downlink::Broadcast { path: "all" }),
    (Downlink::CustomRrpc { message_id: "+", topic: RRPC }, Downlink::CustomRrpc { message_id: "5", topic: RRPC }),
    same(Downlink::NtpResponse),
    same(Downlink::OtaUpgrade),
    same(Downlink::OtaGetReply),
    same(Downlink::FileDownloadReply),
    same(Downlink::Shadow),
];

const UP: [Uplink<'_>; 23] = [
    Uplink::Custom { path: "update" },
    Uplink::PropertyPost,
    Uplink::PropertyBatchPost,
    Uplink::PropertyHistoryPost,
    Uplink::PropertySetReply,
    Uplink::EventPost { identifier: "alarm" },
    Uplink::ServiceReply { identifier: "open" },
    Uplink::RawUp,
    Uplink::RawDownReply,
    Uplink::DesiredGet,
    Uplink::DesiredDelete,
    Uplink::TagsUpdate,
    Uplink::TagsDelete,
    Uplink::ConfigGet,
    Uplink::ConfigPushReply,
    Uplink::RrpcResponse { message_id: "1290486405" },
    Uplink::CustomRrpc { message_id: "5", topic: RRPC },
    Uplink::NtpRequest,
    Uplink::OtaInform,
    Uplink::OtaProgress,
    Uplink::OtaGet,
    Uplink::FileDownload,
    Uplink::ShadowUpdate,
];

/// The clients of the rig hold a filter for as long as there are tests.
fn lasting(filter: TopicText) -> &'static str {
    String::leak(filter.to_string())
}

const fn same(topic: Downlink<'static>) -> (Downlink<'static>, Downlink<'static>) {
    (topic, topic)
}

fn each_filter_is_granted_and_brings_what_it_names(front_end: FrontEnd) {
    for (filter, topic) in DOWN {
        let filter = lasting(filter.filter(rig::triple()).unwrap());
        let bench = Bench::plain(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        client.connect_aliyun(rig::triple()).unwrap();
        client.subscribe(filter, QoS::AtLeastOnce).unwrap_or_else(|error| panic!("{filter:?}: {error:?}"));
        bench.send(&topic.filter(rig::triple()).unwrap(), b"{}");
        let seen = rig::events(&mut client);
        let [Seen::Message(received, _)] = &seen[..] else { panic!("{filter:?}: {seen:?}") };
        assert_eq!(Downlink::of(ReceivedTopic::new(received.as_bytes()), rig::triple()), Some(topic));
    }
}

fn each_uplink_is_taken(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    for uplink in UP {
        let topic: TopicText = uplink.topic(rig::triple()).unwrap();
        client.publish(&Publish::new(&topic, b"{}")).unwrap();
    }
    drop(rig::events(&mut client));
    bench.with(|world| {
        let cloud = world.cloud().unwrap();
        let records = cloud.publishes_from(rig::PRODUCT_KEY, rig::DEVICE_NAME);
        for record in &records {
            assert_eq!(record.outcome, PublishOutcome::Accepted, "{}", record.topic);
        }
        let seen: Vec<_> = records
            .iter()
            .map(|record| Uplink::of(ReceivedTopic::new(record.topic.as_bytes()), rig::triple()).unwrap())
            .collect();
        assert_eq!(seen, UP);
    });
}

fn a_filter_of_another_device_is_refused(front_end: FrontEnd) {
    let other = nt35e::Triple::new(rig::PRODUCT_KEY, "NT35E_06012", rig::DEVICE_SECRET).unwrap();
    let filter = lasting(Downlink::PropertySet.filter(other).unwrap());
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    let refused = client.subscribe(filter, QoS::AtLeastOnce).unwrap_err();
    assert!(matches!(refused, Error::Subscribe(_)), "{refused:?}");
}
