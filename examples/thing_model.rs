//! A thermostat by the thing model: it tells its properties, has them set, offers a service whose caller waits, and raises an alarm.
//!
//! `cargo run --example thing_model --features thing-model` runs it on the simulated modem, against the double of the cloud, which plays the
//! console; `cargo test --example thing_model --features thing-model` holds what the double got to what it should be.

use core::error::Error;

use embedded_io::{Read, ReadReady, Write};
use nt35e::aliyun::thing_model::{Code, Decimal, Incoming, Thing};
use nt35e::aliyun::topics::Downlink;
use nt35e::blocking::Client;
use nt35e::{Buffers, Clock, Duration, Event, Publish, QoS, Triple};
use nt35e_sim::aliyun::{CloudSettings, Invocation};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;
use serde::{Deserialize, Serialize};

mod simulated;
use simulated::Simulated;

const KEY: &str = "a1JszCpjS61";
const NAME: &str = "NT35E_06011";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The properties, as the console defines them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    heating: bool,
    temperature: Decimal<1>,
    target: Decimal<1>,
}

/// Those that may be set: some, or all.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Settings {
    target: Option<Decimal<1>>,
}

/// The service `Boost`: what goes in, and what comes out.
#[derive(Deserialize)]
struct BoostInput {
    minutes: u8,
}

#[derive(Serialize)]
struct BoostOutput {
    until: u32,
}

/// The event `Alarm`.
#[derive(Serialize)]
struct Alarm {
    temperature: Decimal<1>,
}

fn serve<U: Read + ReadReady + Write, C: Clock>(
    client: &mut Client<'_, U, C>,
    clock: &mut impl Clock,
    triple: Triple<'_>,
) -> Result<(), Box<dyn Error>>
where
    U::Error: 'static,
{
    for topic in [
        Downlink::EventPostReply { identifier: "+" }, // that of properties too
        Downlink::PropertySet,
        Downlink::RrpcRequest { message_id: "+" },
    ] {
        client.subscribe(&topic.filter(triple)?, QoS::AtLeastOnce)?;
    }
    let mut thing = Thing::new(triple);
    let mut buffer = [0; 256];
    let mut properties =
        Properties { heating: true, temperature: Decimal::from_units(185), target: Decimal::from_units(210) };
    let post = thing.post(&properties);
    let posted = post.id();
    client.publish(&Publish::from(&post.write(&mut buffer)?))?;

    while let Some(event) = client.next_event(Duration::from_secs(10))? {
        let Event::Message { topic, payload, .. } = event else { continue };
        let message = match thing.read(topic, payload) {
            Ok(Incoming::PropertyPostReply(reply)) if reply.answers(posted) => {
                println!("properties are {}", reply.code());
                continue;
            }
            Ok(Incoming::PropertySet(call)) => match call.params::<Settings>() {
                Ok(settings) => {
                    properties.target = settings.target.unwrap_or(properties.target);
                    println!("target is {}", properties.target);
                    thing.answer(&call, Code::SUCCESS).write(&mut buffer)?
                }
                Err(_) => thing.answer(&call, Code::BAD_PARAMETERS).write(&mut buffer)?,
            },
            Ok(Incoming::Service { identifier: "Boost", call }) => {
                let deadline = call.deadline(clock.now());
                match call.params::<BoostInput>() {
                    Ok(boost) => {
                        println!("boost for {} min", boost.minutes);
                        let output = BoostOutput { until: u32::from(boost.minutes) * 60 };
                        if deadline.is_some_and(|deadline| deadline.is_over(clock.now())) {
                            continue; // nobody waits for it any more
                        }
                        thing.answer(&call, Code::SUCCESS).with(&output).write(&mut buffer)?
                    }
                    Err(_) => thing.answer(&call, Code::BAD_PARAMETERS).write(&mut buffer)?,
                }
            }
            Ok(Incoming::EventPostReply { identifier, reply }) => {
                println!("{identifier} is {}", reply.code());
                return Ok(());
            }
            Ok(other) => {
                println!("not expected: {other:?}");
                continue;
            }
            Err(error) => {
                println!("{error}");
                continue;
            }
        };
        client.publish(&Publish::from(&message))?;
        if message.topic().contains("/rrpc/") {
            let alarm = Alarm { temperature: Decimal::from_units(-5) };
            client.publish(&Publish::from(&thing.event("Alarm", &alarm).write(&mut buffer)?))?;
        }
    }
    Err("nothing comes any more".into())
}

/// Runs it: what the double got, each with its topic.
fn run() -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let world = World::new(ModemSettings::instant(), CloudSettings::with_device(KEY, NAME, SECRET));
    let line = Simulated::new(world).meanwhile(console());
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = Client::new(line.clone(), line.clone(), Buffers::new(&mut rx, &mut tx, &mut inbox));
    let triple = Triple::new(KEY, NAME, SECRET)?;
    client.connect_aliyun(triple)?;
    serve(&mut client, &mut line.clone(), triple)?;
    let mut world = line.world();
    let records = world.cloud().ok_or("there is a cloud")?.publishes_from(KEY, NAME);
    Ok(records
        .iter()
        .map(|record| (record.topic.clone(), String::from_utf8_lossy(&record.payload).into_owned()))
        .collect())
}

fn main() -> Result<(), Box<dyn Error>> {
    for (topic, payload) in run()? {
        println!("{topic}\n  {payload}");
    }
    Ok(())
}

/// The console, which asks for something after each message of the device.
fn console() -> impl FnMut(&mut World) {
    let mut seen = 0;
    move |world| {
        let Some(cloud) = world.cloud() else { return };
        let messages = cloud.publishes_from(KEY, NAME).len();
        if messages == core::mem::replace(&mut seen, messages) {
            return;
        }
        match messages {
            1 => drop(cloud.set_property(KEY, NAME, r#"{"Target":22.5}"#)),
            2 => drop(cloud.invoke_service(KEY, NAME, "Boost", r#"{"minutes":30}"#, Invocation::Synchronous)),
            _ => {}
        }
        world.settle();
    }
}

#[test]
fn the_cloud_gets_what_it_should() {
    let published = run().unwrap();
    let published: Vec<(&str, &str)> = published
        .iter()
        .map(|(topic, payload)| (&topic["/sys/a1JszCpjS61/NT35E_06011/".len()..], &payload[..]))
        .collect();
    let post = r#"{"id":"1","version":"1.0","params":{"Heating":1,"Temperature":18.5,"Target":21.0},"method":"thing.event.property.post","sys":{"ack":1}}"#;
    let alarm = r#"{"id":"2","version":"1.0","params":{"value":{"temperature":-0.5}},"method":"thing.event.Alarm.post","sys":{"ack":1}}"#;
    assert_eq!(published[0], ("thing/event/property/post", post));
    assert_eq!(published[1].0, "thing/service/property/set_reply");
    assert!(published[1].1.ends_with(r#","code":200,"data":{}}"#));
    assert!(published[2].0.starts_with("rrpc/response/"));
    assert!(published[2].1.ends_with(r#","code":200,"data":{"until":1800}}"#));
    assert_eq!(published[3], ("thing/event/Alarm/post", alarm));
    assert_eq!(published.len(), 4);
}
