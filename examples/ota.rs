//! A firmware update over MQTT: the version is reported, an image is pushed, fetched block by block into a flash, and verified.
//!
//! `cargo run --example ota --features ota` runs it on the simulated modem, against the double of Alibaba Cloud IoT. On a chip the flash is
//! that of its HAL or the inactive partition of a boot loader, which implement the same trait, and `Step::Ready` is where to boot it.

use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::NorFlash;
use nt35e::aliyun::ota::{FILTERS, Failure, Ota, Received, Settings, Step};
use nt35e::blocking::Client;
use nt35e::{Buffers, Clock, Error, Event, Network, Publish, QoS, Triple};
use nt35e_sim::aliyun::{CloudSettings, OtaHash, OtaImage};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

mod ram_flash;
mod simulated;
use ram_flash::RamFlash;
use simulated::Simulated;

const KEY: &str = "a1JszCpjS61";
const NAME: &str = "NT35E_06011";
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Runs until an update is ready to be booted. With a link that breaks, sign in again and call `connected`.
fn update<U: Read + ReadReady + Write, C: Clock>(
    client: &mut Client<'_, U, C>,
    clock: &mut C,
    flash: &mut impl NorFlash,
) -> Result<Option<Failure>, Error<U::Error>> {
    let triple = Triple::new(KEY, NAME, SECRET)?;
    client.bring_up(&Network::default())?;
    client.connect_aliyun(triple)?;
    for filter in FILTERS {
        client.subscribe(&filter.filter(triple)?, QoS::AtMostOnce)?;
    }
    let mut ota = Ota::new(triple, "1.0.0", None, Settings::default())?;
    ota.connected();
    loop {
        // A device that may be reset stores what `ota.record()` gives, and hands it to `ota.resume` when it starts.
        let wait = match ota.poll(flash, clock.now()) {
            Step::Publish(message) => {
                client.publish(&Publish::new(message.topic(), message.payload()))?;
                ota.published(clock.now());
                continue;
            }
            Step::Again => continue,
            Step::Wait(time) => time,
            Step::Ready => return Ok(None),
            Step::Failed(failure) => return Ok(Some(failure)),
        };
        let Some(Event::Message { topic, payload, .. }) = client.next_event(wait)? else { continue };
        if let Received::Offered { version, size } = ota.receive(topic, payload, flash) {
            println!("offered   version {}, {size} bytes", version.escape_ascii());
            ota.begin(flash);
        }
    }
}

/// Updates a device: what is in its flash then, and the steps that the platform saw.
fn run(image: &[u8]) -> (Vec<u8>, Vec<String>) {
    let world = World::new(ModemSettings::instant(), CloudSettings::with_device(KEY, NAME, SECRET));
    let simulated = Simulated::new(world);
    let push = OtaImage { version: "2.0.0".into(), module: None, bytes: image.to_vec(), hash: OtaHash::Sha256 };
    simulated.world().cloud().unwrap().ota_push(KEY, NAME, push).unwrap();
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = Client::new(simulated.clone(), simulated.clone(), Buffers::new(&mut rx, &mut tx, &mut inbox));
    let mut flash = RamFlash::new(64 * 1024);
    assert_eq!(update(&mut client, &mut simulated.clone(), &mut flash).unwrap(), None);
    let mut world = simulated.world();
    let steps = world.cloud().unwrap().ota_progress(KEY, NAME).into_iter().map(Into::into).collect();
    (flash.bytes, steps)
}

fn image() -> Vec<u8> {
    (0..20_000_u32).map(|at| (at ^ at >> 7) as u8).collect()
}

fn main() {
    let (flash, steps) = run(&image());
    println!("reported  {}", steps.join(" "));
    assert!(flash.starts_with(&image()));
    println!("ready     the image is in the flash");
}

#[test]
fn the_image_arrives() {
    let (flash, steps) = run(&image());
    assert!(flash.starts_with(&image()));
    assert_eq!(steps.last().map(String::as_str), Some("100"));
}
