//! One firmware for every device of a product: it registers in its first life, keeps what it gets in flash, and signs in by that from
//! then on.
//!
//! `cargo run --example dynamic_registration --features registration,sign-sha256,supervisor` runs three lives on the simulated modem; the
//! supply fails in the first of them while the credentials are being written. On a chip, the flash is the HAL's, and the rest is the same.

use embedded_io::{Read, ReadReady, Write};
use embedded_storage::nor_flash::NorFlash;
use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered, Registrant};
use nt35e::aliyun::sign::SignMethod;
use nt35e::command::{Tls, TlsContext};
use nt35e::supervisor::{self, Desired, Event, Setup};
use nt35e::{Buffers, Clock, Duration, RegisterError, blocking};
use nt35e_sim::aliyun::{CloudSettings, EventKind, Product};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

mod ram_flash;
mod simulated;
use ram_flash::RamFlash;
use simulated::Simulated;

const KEY: &str = "a1JszCpjS61";
const NAME: &str = "NT35E_06011";
/// The same in every device of the product; this one is made up.
const PRODUCT_SECRET: &str = "h1nQFYPZS0mW0000";

/// The main of the firmware: load, or else register and store; then a supervised life. Here it ends once the device is online.
fn live<U: Read + ReadReady + Write, F: NorFlash>(
    uart: U,
    clock: impl Clock,
    flash: F,
) -> Result<(), RegisterError<U::Error, F::Error>> {
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = blocking::Client::new(uart, clock, Buffers::new(&mut rx, &mut tx, &mut inbox));
    let mut store = FlashPage { flash, begin: 0 };
    let registrant = Registrant::new(KEY, NAME, PRODUCT_SECRET)?;
    let tls = Tls::On(TlsContext::new(1)?);
    let registered = match store.load().map_err(RegisterError::NotSaved)? {
        Some(registered) => registered,
        None => {
            // Random only has to be something; a serial number of the chip serves.
            let registration = DynamicRegistration::new(registrant, "0042", SignMethod::HMAC_SHA256, tls)?;
            client.register_device(&registration, &mut store)?
        }
    };
    let desired = Desired::new(registered.sign_in(registrant)?.tls(tls));
    let mut client = supervisor::blocking::Client::new(client, Setup::new(desired));
    while !matches!(client.next_event(Duration::from_secs(60))?, Some(Event::Online)) {}
    Ok(())
}

/// Credentials in a page of flash: first they are written, and then the mark that makes them count, with their length and a checksum.
///
/// If the supply fails in between there is nothing to load, and the device registers again. It may, as it has not signed in yet.
struct FlashPage<F> {
    flash: F,
    begin: u32,
}

/// The mark has room for a word of any flash.
const MARK: usize = 32;
/// The longest credentials, in words of any flash.
const LONGEST: usize = 352;
const MAGIC: [u8; 2] = *b"RG";

impl<F: NorFlash> CredentialStore for FlashPage<F> {
    type Error = F::Error;

    fn load(&mut self) -> Result<Option<Registered>, F::Error> {
        let (mut mark, mut bytes) = ([0; MARK], [0; LONGEST]);
        self.flash.read(self.begin, &mut mark)?;
        self.flash.read(self.begin + MARK as u32, &mut bytes)?;
        let length = usize::from(u16::from_le_bytes([mark[2], mark[3]]));
        let written = bytes.get(..length).filter(|written| mark == mark_of(written));
        Ok(written.and_then(Registered::from_bytes))
    }

    fn save(&mut self, registered: &Registered) -> Result<(), F::Error> {
        const { assert!(MARK.is_multiple_of(F::WRITE_SIZE) && MARK + LONGEST <= F::ERASE_SIZE) };
        let written = registered.expose_bytes();
        let mut bytes = [0xff; LONGEST];
        bytes[..written.len()].copy_from_slice(written);
        self.flash.erase(self.begin, self.begin + F::ERASE_SIZE as u32)?;
        self.flash.write(self.begin + MARK as u32, &bytes)?;
        self.flash.write(self.begin, &mark_of(written))
    }
}

fn mark_of(written: &[u8]) -> [u8; MARK] {
    let mut mark = [0xff; MARK];
    mark[..2].copy_from_slice(&MAGIC);
    mark[2..4].copy_from_slice(&(written.len() as u16).to_le_bytes());
    mark[4..8].copy_from_slice(&crc32(written).to_le_bytes());
    mark
}

/// CRC-32, as in Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1)))
    })
}

fn main() {
    let lives = run();
    for (life, outcome) in lives.iter().enumerate() {
        println!("life {}: {outcome}", life + 1);
    }
}

/// Three lives of a device with one flash: what each came to.
fn run() -> Vec<String> {
    let products = vec![Product::new(KEY, PRODUCT_SECRET)];
    let cloud = CloudSettings { products, ..CloudSettings::with_device(KEY, NAME, "0123456789abcdef0123456789abcdef") };
    let line = Simulated::new(World::new(ModemSettings::instant(), cloud));
    let mut flash = RamFlash::new(4096);
    let mut registrations = 0;
    // In the first life the supply fails in the middle of the credentials.
    [Some(20), None, None]
        .map(|fails_after| {
            flash.fails_after = fails_after;
            let outcome = live(line.clone(), line.clone(), &mut flash);
            let count = |event: &&_| matches!(event, EventKind::Registered { .. });
            let mut world = line.world();
            let all = world.cloud().unwrap().events().iter().map(|event| &event.kind).filter(count).count();
            let registered = if all > registrations { "registered" } else { "loaded" };
            registrations = all;
            match outcome {
                Ok(()) => format!("{registered}, online"),
                Err(error) => format!("{registered}, {error}"),
            }
        })
        .into()
}

#[test]
fn a_device_registers_until_it_has_kept_what_it_got() {
    let failed = "registered, the credentials were not saved: Other";
    assert_eq!(run(), [failed, "registered, online", "loaded, online"]);
}

#[test]
fn a_torn_write_is_noticed_wherever_it_breaks_off() {
    let registered = Registered::with_token("client", &"t".repeat(256)).unwrap();
    for bytes in 0..=MARK + LONGEST {
        let mut flash = RamFlash { fails_after: Some(bytes), ..RamFlash::new(4096) };
        let mut page = FlashPage { flash: &mut flash, begin: 2048 };
        let is_saved = page.save(&registered).is_ok();
        // The last bytes of the mark are those of an erased flash, so that it counts before they are written.
        let loaded = page.load().unwrap();
        assert_eq!(loaded.is_some(), bytes >= LONGEST + 8, "{bytes}");
        assert_eq!(is_saved, bytes == MARK + LONGEST);
        assert!(loaded.is_none_or(|loaded| loaded == registered));
    }
}
