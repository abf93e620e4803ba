//! The time from the platform's double, over each front-end.

mod front_end;
mod rig;

use core::time::Duration as Span;

use front_end::FrontEnd;
use nt35e::aliyun::ntp::{NtpError, Request, Time};
use nt35e::aliyun::topics::{Downlink, TopicText, Uplink};
use nt35e::{Clock, Publish, QoS, ReceivedTopic};
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, Client, Memory, Seen};

front_end::each_front_end!(
    the_time_is_right_within_its_bound_however_long_either_way_is,
    the_answer_to_a_question_that_was_given_up_is_known_as_such,
);

/// The double's clock at the start of its world.
const EPOCH: u64 = 1_762_000_000_123;

/// A client that is signed in and subscribed to the platform's answers.
fn client<'m>(bench: &Bench, memory: &'m mut Memory) -> Client<'m> {
    let mut client = bench.client(memory);
    client.connect_aliyun(rig::triple()).unwrap();
    // The clients of the rig hold a filter for as long as there are tests.
    let filter: TopicText = Downlink::NtpResponse.filter(rig::triple()).unwrap();
    client.subscribe(String::leak(filter.to_string()), QoS::AtLeastOnce).unwrap();
    client
}

fn bench(front_end: FrontEnd) -> Bench {
    let mut cloud = rig::cloud();
    cloud.epoch = EPOCH;
    Bench::new(front_end, ModemSettings::instant(), cloud)
}

fn ask(bench: &Bench, client: &mut Client<'_>, up: Span) -> Request {
    let request = Request::new(bench.clock().now());
    bench.with(|world| world.advance(up));
    let topic = Uplink::NtpRequest.topic(rig::triple()).unwrap();
    client.publish(&Publish::new(&topic, request.payload())).unwrap();
    request
}

fn answer_to(request: &Request, bench: &Bench, client: &mut Client<'_>) -> Result<Time, NtpError> {
    let event = client.next_event(nt35e::Duration::from_secs(5)).unwrap().expect("an answer");
    let Seen::Message(topic, payload) = event.into() else { panic!("no message") };
    let topic = Downlink::of(ReceivedTopic::new(topic.as_bytes()), rig::triple());
    assert_eq!(topic, Some(Downlink::NtpResponse));
    request.answer(&payload, bench.clock().now())
}

fn the_time_is_right_within_its_bound_however_long_either_way_is(front_end: FrontEnd) {
    // The double answers at once and says that it took 5 ms, so these are on the way back.
    for (up, down) in [(0, 5), (0, 900), (700, 5), (1_500, 2_500)] {
        let bench = bench(front_end);
        let mut memory = Memory::typical();
        let mut client = client(&bench, &mut memory);
        let request = ask(&bench, &mut client, Span::from_millis(up));
        bench.with(|world| world.advance(Span::from_millis(down)));
        let time = answer_to(&request, &bench, &mut client).unwrap();
        let now = bench.clock().now();
        let (off, bound) = (time.at(now).abs_diff(EPOCH + now.as_millis()), time.error_bound().as_millis());
        assert!(off <= u64::from(bound), "{up}, {down}: off by {off} of {bound}");
        // And the bound is not wide for nothing.
        assert!(u64::from(bound) <= (up + down) / 2 + 50, "{up}, {down}: {bound}");
    }
}

fn the_answer_to_a_question_that_was_given_up_is_known_as_such(front_end: FrontEnd) {
    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = client(&bench, &mut memory);
    ask(&bench, &mut client, Span::ZERO);
    bench.with(|world| world.advance(Span::from_secs(10)));
    let request = ask(&bench, &mut client, Span::ZERO);
    bench.with(|world| world.advance(Span::from_millis(50)));
    assert_eq!(answer_to(&request, &bench, &mut client), Err(NtpError::AnotherQuestion));
    assert!(answer_to(&request, &bench, &mut client).is_ok());
}
