//! The main job, from power-on to the last message, on the simulated modem.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::{Duration, Network, Publish, QoS};
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, Memory, Seen};

front_end::each_front_end!(a_device_signs_in_subscribes_publishes_and_receives,);

fn a_device_signs_in_subscribes_publishes_and_receives(front_end: FrontEnd) {
    let bench = Bench::new(front_end, ModemSettings::default(), rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    let connection = client.connect_aliyun(rig::triple()).unwrap();
    assert!(connection.length_framed());
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    client.publish(&Publish::new(rig::UPDATE, b"{\"t\":21,\"u\":[1,2]}").qos(QoS::AtLeastOnce)).unwrap();
    client.publish(&Publish::new(rig::UPDATE, b"\r\nOK\r\n\0\xff").qos(QoS::AtLeastOnce)).unwrap();
    let booted = Seen::Other("Restarted(Booted)".into());
    assert_eq!(rig::events(&mut client).first(), Some(&booted), "the modem was just switched on");
    bench.send(rig::GET, b"+LMQTTURC: \r\nERROR\r\n\0");
    let event = client.next_event(Duration::from_secs(60)).unwrap().map(Seen::from);
    assert_eq!(event, Some(Seen::Message(rig::GET.into(), b"+LMQTTURC: \r\nERROR\r\n\0".to_vec())));
    assert_eq!(bench.published(), [&b"{\"t\":21,\"u\":[1,2]}"[..], b"\r\nOK\r\n\0\xff"]);
    client.disconnect().unwrap();
    assert!(!client.is_connected());
}
