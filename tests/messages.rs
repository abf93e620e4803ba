//! Messages both ways: every payload, every limit, and what happens when the session ends in the middle.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::at::{Cause, CommandError, Stage};
use nt35e::command::Raw;
use nt35e::{Duration, Error, Event, Field, InvalidField, Network, Publish, QoS, Rule};
use rig::{Bench, Client, Memory, Seen};

front_end::each_front_end!(
    promise_3_any_payload_arrives_byte_for_byte_in_both_directions,
    promise_4_what_breaks_a_rule_is_refused_before_a_byte_is_sent,
    a_payload_of_8000_bytes_goes_through_a_small_tx_buffer,
    a_tx_buffer_that_is_too_small_says_so,
    a_message_larger_than_the_inbox_is_read_in_pieces,
    promise_2_messages_during_a_command_are_kept_or_counted,
    a_lost_link_ends_the_session,
    promise_10_a_restart_during_a_publish_is_noticed,
    promise_10_a_power_down_while_idle_is_noticed,
    unsubscribing_ends_delivery,
    any_other_command_goes_through_the_same_engine,
    a_property_set_is_received_and_answered,
);

fn connected<'b>(bench: &Bench, memory: &'b mut Memory) -> Client<'b> {
    let mut client = bench.client(memory);
    client.connect_aliyun(rig::triple()).unwrap();
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    client
}

/// Payloads that break a driver which looks at them.
fn nasty() -> Vec<Vec<u8>> {
    let every_byte: Vec<u8> = (0..=255).collect();
    let mut payloads: Vec<Vec<u8>> = [
        &b"{\"t\":21,\"u\":[1,2]}"[..],
        b"\r\nOK\r\n",
        b"\r\nERROR\r\n",
        b"\r\n+LMQTTPUB: 0,1,0\r\n",
        b"+LMQTTURC: RECV,0,1,\"t\",5,hello\r\n",
        b"\"quoted\"",
        b"\"",
        b"> ",
        b"\x1a\x1b\0",
        b"^boot.rom'v'!\\n",
        b"NORMAL POWER DOWN",
        b"AT+LMQTTCLOSE=0\r\n",
        b" ",
        "温度".as_bytes(),
        &every_byte,
    ]
    .map(<[u8]>::to_vec)
    .into();
    payloads.push(vec![b'\n'; 400]);
    payloads
}

fn promise_3_any_payload_arrives_byte_for_byte_in_both_directions(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    for chunk in [1, 64, usize::MAX] {
        let mut memory = Memory::typical();
        let mut client = bench.client_in_chunks(&mut memory, chunk);
        client.connect_aliyun(rig::triple()).unwrap();
        client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
        rig::events(&mut client);
        bench.with(|world| world.cloud().unwrap().clear_events());
        for payload in nasty() {
            let payload: &[u8] = payload.leak();
            let message = Publish::new(rig::UPDATE, payload).qos(QoS::AtLeastOnce);
            // What does not fit in TX has to stay where it is.
            if payload.len() < 200 { client.publish(&message) } else { client.publish_in_place(&message) }.unwrap();
            bench.send(rig::GET, payload);
            assert_eq!(rig::events(&mut client), [Seen::Message(rig::GET.into(), payload.to_vec())]);
        }
        assert_eq!(bench.published(), nasty());
        client.publish(&Publish::new(rig::UPDATE, b"")).unwrap();
        assert_eq!(bench.published().last().unwrap(), b"", "an empty payload is a message, too");
    }
}

fn promise_4_what_breaks_a_rule_is_refused_before_a_byte_is_sent(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    let before = bench.sent();
    let refused = |field, rule| Err(Error::Invalid(InvalidField { field, rule }));
    let long = format!("/{}", "x".repeat(128));
    let too_long = vec![0; 8001];
    let publish = |client: &mut Client<'_>, topic: &str, payload: &[u8]| client.publish(&Publish::new(topic, payload));
    assert_eq!(publish(&mut client, "", b"x"), refused(Field::Topic, Rule::NotEmpty));
    for topic in ["/a\"", "/a\r\nAT", "/a\n", "/a\0"] {
        assert_eq!(publish(&mut client, topic, b"x"), refused(Field::Topic, Rule::NotQuotable));
        assert_eq!(client.subscribe(topic, QoS::AtMostOnce), refused(Field::TopicFilter, Rule::NotQuotable));
        assert_eq!(client.unsubscribe(topic), refused(Field::TopicFilter, Rule::NotQuotable));
    }
    assert_eq!(publish(&mut client, "/a/#", b"x"), refused(Field::Topic, Rule::Wildcard { position: 3 }));
    let at_most = Rule::AtMost { limit: 128, actual: 129 };
    assert_eq!(publish(&mut client, &long, b"x"), refused(Field::Topic, at_most));
    let article = "/a1JszCpjS61/ NT35E_06011 /user/COMMUTEST";
    let space = Rule::IllegalCharacter { position: 13 };
    assert_eq!(publish(&mut client, article, b"x"), refused(Field::Topic, space));
    assert_eq!(client.subscribe(article, QoS::AtLeastOnce), refused(Field::TopicFilter, space));
    let at_most = Rule::AtMost { limit: 8000, actual: 8001 };
    assert_eq!(publish(&mut client, rig::UPDATE, &too_long), refused(Field::Payload, at_most));
    let exactly_once = client.publish(&Publish::new(rig::UPDATE, b"x").qos(QoS::ExactlyOnce));
    assert_eq!(exactly_once, refused(Field::QoS, Rule::Unsupported));
    assert_eq!(bench.sent(), before);
    client.publish(&Publish::new(rig::UPDATE, b"x")).expect("the next one works");
}

fn a_payload_of_8000_bytes_goes_through_a_small_tx_buffer(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::new(256, 180, 512);
    let mut client = connected(&bench, &mut memory);
    let payload: &[u8] = (0..8000_u32).map(|index| index.to_le_bytes()[0]).collect::<Vec<u8>>().leak();
    client.publish_in_place(&Publish::new(rig::UPDATE, payload).qos(QoS::AtLeastOnce)).unwrap();
    let text: &[u8] = &[b'x'; 1000];
    client.publish_in_place(&Publish::new(rig::UPDATE, text).qos(QoS::AtLeastOnce)).unwrap();
    assert_eq!(bench.published(), [payload, text]);
}

fn a_tx_buffer_that_is_too_small_says_so(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::new(256, 64, 512);
    let mut client = bench.client(&mut memory);
    let error = client.connect_aliyun(rig::triple()).unwrap_err();
    assert!(matches!(error, Error::TxTooSmall { needed: 65.., available: 64 }), "{error:?}");
}

fn a_message_larger_than_the_inbox_is_read_in_pieces(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    for chunk in [1, 64, usize::MAX] {
        let mut memory = Memory::typical();
        let mut client = bench.client_in_chunks(&mut memory, chunk);
        client.connect_aliyun(rig::triple()).unwrap();
        client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
        rig::events(&mut client);
        let payload: Vec<u8> = (0..3000_u32).map(|index| index.to_le_bytes()[0]).collect();
        bench.send(rig::GET, &payload);
        bench.send(rig::GET, b"behind it");
        let large = client.next_event(Duration::from_secs(5)).unwrap().map(Seen::from);
        assert_eq!(large, Some(Seen::Large(rig::GET.into(), 3000)));
        let mut read = Vec::new();
        let mut piece = [0; 100];
        loop {
            let count = client.read_payload(&mut piece, Duration::from_secs(5)).unwrap();
            read.extend_from_slice(&piece[..count]);
            if count == 0 {
                break;
            }
        }
        assert!(read == payload, "in chunks of {chunk}: {} bytes", read.len());
        assert_eq!(rig::events(&mut client), [Seen::Message(rig::GET.into(), b"behind it".to_vec())]);
    }
}

fn promise_2_messages_during_a_command_are_kept_or_counted(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    rig::events(&mut client);
    for index in 0..20_u8 {
        bench.send(rig::GET, &[index; 50]);
    }
    client.publish(&Publish::new(rig::UPDATE, b"x").qos(QoS::AtLeastOnce)).unwrap();
    let mut kept = 0;
    let mut lost = 0;
    while let Some(event) = client.next_event(Duration::from_secs(1)).unwrap() {
        match event {
            Event::Message { payload, .. } => {
                assert_eq!(payload, [kept; 50]);
                kept += 1;
            }
            Event::Lost(loss) => lost += loss.frames,
            other => panic!("{other:?}"),
        }
    }
    assert!(kept >= 3 && lost > 0, "{kept} kept, {lost} lost");
    assert_eq!(u32::from(kept) + lost, 20);
}

fn a_lost_link_ends_the_session(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    bench.with(|world| assert!(world.cloud().unwrap().kick(rig::PRODUCT_KEY, rig::DEVICE_NAME)));
    let seen = rig::events(&mut client);
    assert!(matches!(&seen[..], [Seen::Other(text)] if text.starts_with("Disconnected")), "{seen:?}");
    assert!(!client.is_connected());
    assert_eq!(client.publish(&Publish::new(rig::UPDATE, b"x")), Err(Error::NotConnected));
    assert_eq!(client.subscribe(rig::GET, QoS::AtLeastOnce), Err(Error::NotConnected));
    client.connect_aliyun(rig::triple()).unwrap();
    client.publish(&Publish::new(rig::UPDATE, b"x").qos(QoS::AtLeastOnce)).unwrap();
}

fn promise_10_a_restart_during_a_publish_is_noticed(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    bench.with(|world| world.modem().delays().publish = core::time::Duration::from_secs(3));
    // The modem restarts while the driver waits for the result.
    bench.restart_after(core::time::Duration::from_secs(1));
    let error = client.publish(&Publish::new(rig::UPDATE, b"x").qos(QoS::AtLeastOnce)).unwrap_err();
    let restarted = CommandError { name: "+LMQTTPUB", stage: Stage::Result, cause: Cause::Restarted };
    assert_eq!(error, Error::Command(restarted));
    assert!(!client.is_connected(), "nothing pretends that the session lives");
    assert_eq!(client.publish(&Publish::new(rig::UPDATE, b"x")), Err(Error::NotConnected));
    client.bring_up(&Network::default()).unwrap();
    assert!(rig::events(&mut client).contains(&Seen::Other("Restarted(Booted)".into())));
    client.connect_aliyun(rig::triple()).unwrap();
}

fn promise_10_a_power_down_while_idle_is_noticed(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    bench.with(nt35e_sim::world::World::power_down_modem);
    let seen = rig::events(&mut client);
    assert!(seen.contains(&Seen::Other("Restarted(PoweredDown)".into())), "{seen:?}");
    assert!(!client.is_connected());
}

fn unsubscribing_ends_delivery(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    client.unsubscribe(rig::GET).unwrap();
    let receivers =
        bench.with(|world| world.cloud().unwrap().publish_to(rig::GET, b"x", nt35e_sim::aliyun::QoS::AtLeastOnce));
    assert_eq!(receivers, 0);
    assert!(rig::events(&mut client).is_empty());
}

fn any_other_command_goes_through_the_same_engine(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    let imei = Raw::new("AT+CGSN=1", Duration::from_secs(5)).unwrap();
    let answer = client.execute(&imei).unwrap();
    assert_eq!(answer.lines().count(), 1);
    let unknown = Raw::new("AT+NOSUCHTHING", Duration::from_secs(5)).unwrap();
    assert!(matches!(client.execute(&unknown), Err(Error::Command(CommandError { cause: Cause::Refused(_), .. }))));
    assert!(client.is_connected());
}

fn a_property_set_is_received_and_answered(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = connected(&bench, &mut memory);
    client.subscribe(rig::PROPERTY_SET, QoS::AtLeastOnce).unwrap();
    rig::events(&mut client);
    let id = bench.with(|world| {
        let cloud = world.cloud().unwrap();
        cloud.set_property(rig::PRODUCT_KEY, rig::DEVICE_NAME, "{\"LightSwitch\":0}").unwrap()
    });
    let seen = rig::events(&mut client);
    let [Seen::Message(topic, payload)] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!(topic, rig::PROPERTY_SET);
    assert!(String::from_utf8_lossy(payload).contains(&id));
    let reply = format!("{{\"id\":\"{id}\",\"code\":200,\"data\":{{}}}}");
    let topic = format!("{}_reply", rig::PROPERTY_SET);
    client.publish(&Publish::new(&topic, reply.as_bytes())).unwrap();
    bench.with(|world| {
        let replies = world.cloud().unwrap().property_replies(rig::PRODUCT_KEY, rig::DEVICE_NAME);
        assert_eq!(replies.len(), 1);
        assert_eq!((replies[0].id.as_str(), replies[0].code), (id.as_str(), Some(200)));
    });
}
