//! A fuzz input as what the modem sends while no command is in flight.

use crate::hand_over;
use nt35e::at::{Engine, Event, MessageForm, Piece, Step};
use nt35e::{Buffers, DIALECT, Duration, Instant};

/// What could be seen of a run.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Seen {
    events: Vec<String>,
    lost_frames: u64,
    lost_bytes: u64,
    counters: String,
}

struct Run<'b> {
    engine: Engine<'b>,
    now: Instant,
    reads_large: bool,
    /// A large message is being read: what was read of it.
    large: Option<Vec<u8>>,
    seen: Seen,
}

/// Feeds all but the first byte, which says how, and checks what must hold for every stream.
pub(crate) fn run(data: &[u8], chunk: usize) -> Seen {
    let (&mode, bytes) = data.split_first().unwrap_or((&0, &[]));
    let mut rx = vec![0; if mode & 1 == 0 { 128 } else { 64 }];
    let mut tx = [0; 64];
    let mut inbox = vec![0; if mode & 2 == 0 { 160 } else { 64 }];
    let mut run = Run {
        engine: Engine::new(Buffers::new(&mut rx, &mut tx, &mut inbox), &DIALECT),
        now: Instant::from_millis(0),
        reads_large: mode & 4 == 0,
        large: None,
        seen: Seen::default(),
    };
    run.engine.expect_messages(match mode & 24 {
        0 => MessageForm::Either,
        8 => MessageForm::Bare,
        _ => MessageForm::Counted,
    });
    run.feed(bytes, chunk);
    let fed = bytes.len();
    // Silence ends whatever was left open.
    for _ in 0..3 {
        run.now = run.now + Duration::from_secs(60);
        run.large = None;
        run.pump();
    }
    let counters = run.engine.counters();
    let bytes = counters.bytes;
    let sum = bytes.answer.wrapping_add(bytes.event).wrapping_add(bytes.echo).wrapping_add(bytes.lost);
    let open = u32::try_from(run.engine.unclassified()).expect("the buffers are small");
    let fed = u32::try_from(fed).expect("the input is small");
    assert_eq!(sum.wrapping_add(open), fed, "every byte is in one class: {counters:?}");
    assert_eq!(bytes.received, fed);
    assert_eq!(counters.commands, 0, "nothing was sent");
    run.seen.counters = format!("{counters:?}");
    run.seen
}

impl Run<'_> {
    fn feed(&mut self, mut bytes: &[u8], chunk: usize) {
        self.pump();
        while !bytes.is_empty() {
            let mut count = hand_over(&mut self.engine, bytes, chunk);
            if count == 0 {
                self.pump();
                count = hand_over(&mut self.engine, bytes, chunk);
            }
            assert!(count > 0, "the engine must have room");
            bytes = &bytes[count..];
            self.pump();
        }
    }

    fn pump(&mut self) {
        loop {
            // A poll before its end would skip the rest.
            while self.large.is_some() {
                if !self.read_on() {
                    return;
                }
            }
            match self.engine.poll(self.now) {
                Step::Event => self.event(),
                Step::Receive => return,
                step @ (Step::Transmit | Step::Finished) => panic!("{step:?} without a command"),
            }
        }
    }

    /// Reads on in a large message; false if the rest has not arrived.
    fn read_on(&mut self) -> bool {
        let mut piece = [0; 11];
        let Some(read) = &mut self.large else { return true };
        let how = match self.engine.read_payload(&mut piece) {
            Piece::Bytes(count) => {
                read.extend_from_slice(&piece[..count]);
                return true;
            }
            Piece::Wait => return false,
            Piece::End => "complete",
            Piece::Broken => "broken",
        };
        // How much of a broken one was handed out before that showed depends on the chunks.
        let length = if how == "complete" { read.len() } else { 0 };
        self.seen.events.push(format!("{length} bytes read, {how}"));
        if how == "complete" {
            self.seen.events.push(read.escape_ascii().to_string());
        }
        self.large = None;
        true
    }

    fn event(&mut self) {
        match self.engine.event() {
            // A loss is reported with those before it that were not taken yet, so that only the sum is the same.
            Some(Event::Lost(loss)) => {
                self.seen.lost_frames += u64::from(loss.frames);
                self.seen.lost_bytes += u64::from(loss.bytes);
            }
            Some(event) => {
                if self.reads_large && matches!(event, Event::LargeMessage { .. }) {
                    self.large = Some(Vec::new());
                }
                let event = format!("{:?}", nt35e::Event::from_engine(event));
                // So is a restart: whether it is news depends on whether the one before was taken. Counters have the number.
                if !event.starts_with("Restarted") || !self.seen.events.contains(&event) {
                    self.seen.events.push(event);
                }
            }
            None => {}
        }
    }
}
