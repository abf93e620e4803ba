//! On what a life takes place: front-end, buffers, modem.

use core::fmt;

use nt35e_sim::modem::{Delays, ModemSettings, Quirks};
use nt35e_sim::random::Random;

use crate::front_end::FrontEnd;

/// Everything but the faults.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) front_end: FrontEnd,
    pub(crate) rx: usize,
    pub(crate) tx: usize,
    pub(crate) inbox: usize,
    /// Bytes that one read or write moves at most.
    pub(crate) chunk: usize,
    pub(crate) modem: ModemSettings,
    /// The one quirk that is not as usual.
    quirk: Option<(&'static str, String)>,
    pub(crate) clean_session: bool,
    /// Whether messages come with the lengths of their payloads.
    pub(crate) is_framed: bool,
    /// Whether payloads hold any bytes, and not only text in one line.
    pub(crate) any_bytes: bool,
    /// The longest payload that is published.
    pub(crate) longest: usize,
}

/// With these nothing is confirmed or nothing is received, as `tests/quirks.rs` shows: no books could be kept.
const LEFT_OUT: [(&str, &str); 5] = [
    ("firmware", "ecmt"),
    ("published_result", "*"),
    ("ctrl_z", "needed"),
    ("cache_key", "refused"),
    ("message_id_zero", "*"),
];

impl Setup {
    pub(crate) fn by_chance(random: &mut Random) -> Self {
        let front_end = random.pick(FrontEnd::ALL);
        let tx = random.pick(&[128, 256, 256, 768]);
        let quirk = if random.one_in(2) { Some(quirk(random)) } else { None };
        let mut modem = ModemSettings { already_running: random.one_in(2), ..ModemSettings::default() };
        modem.baud_rate = random.pick(&[None, None, Some(115_200), Some(9_600)]);
        if random.one_in(3) {
            modem.delays = Delays::none();
        }
        if let Some((name, value)) = &quirk {
            modem.quirks.set(name, value).expect("it is one of the list");
        }
        // Without lengths a payload ends at its line end, and an ESC in one may cancel it: that is known.
        let takes_any = quirk.as_ref().is_none_or(|(name, _)| !matches!(*name, "show_length" | "escape"));
        let is_framed = quirk.as_ref().is_none_or(|(name, _)| *name != "show_length");
        Self {
            is_framed,
            front_end,
            rx: random.pick(&[192, 256, 256, 512]),
            tx,
            inbox: random.pick(&[128, 512, 512, 4_096]),
            chunk: random.pick(&[1, 7, 64, usize::MAX, usize::MAX]),
            modem,
            clean_session: random.one_in(2),
            any_bytes: takes_any && random.one_in(2),
            longest: match front_end {
                FrontEnd::Blocking | FrontEnd::Async => 900,
                // It publishes what TX holds.
                FrontEnd::NonBlocking | FrontEnd::Pushed => tx - 100,
            },
            quirk,
        }
    }
}

fn quirk(random: &mut Random) -> (&'static str, String) {
    let entries = Quirks::all();
    loop {
        let entry = &entries[random.below(entries.len() as u64) as usize];
        let values: Vec<&str> = entry.values.split('|').collect();
        let value = match random.pick(&values) {
            "NUMBER" => random.pick(&["30", "1024", "1460"]),
            value => value,
        };
        let is_left_out = LEFT_OUT.iter().any(|(name, left)| *name == entry.name && (*left == "*" || *left == value));
        if value != entry.default && !is_left_out {
            return (entry.name, value.to_owned());
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { front_end, rx, tx, inbox, chunk, modem, quirk, clean_session, any_bytes, .. } = self;
        write!(f, "{front_end:?}, rx {rx}, tx {tx}, inbox {inbox}")?;
        if *chunk < usize::MAX {
            write!(f, ", in chunks of {chunk}")?;
        }
        if let Some(baud_rate) = modem.baud_rate {
            write!(f, ", {baud_rate} baud")?;
        }
        if modem.delays == Delays::none() {
            write!(f, ", instant")?;
        }
        if let Some((name, value)) = quirk {
            write!(f, ", {name}={value}")?;
        }
        let session = if *clean_session { "clean" } else { "persistent" };
        write!(f, ", {session} session, payloads of {}", if *any_bytes { "any bytes" } else { "text" })
    }
}
