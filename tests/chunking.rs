//! Promises 2, 5, 6 and 7, over scripts and bytes that nobody thought of.

mod script;

use nt35e::Duration;
use nt35e::command::{
    Attention, Identity, InlinePayload, PublishHead, PublishInline, PublishPrompted, RegistrationQuery,
};
use nt35e::{ConnectionId, Delivery, MessageId, Topic};
use proptest::prelude::*;
use script::{Memory, Script, TRANSFERS, Transfer};

/// What the modem or the time does next.
#[derive(Clone, Debug)]
enum Act {
    Feed(Vec<u8>),
    Wait(u32),
    Attention,
    Identity,
    Registration,
    Publish(u16),
    Prompted(Vec<u8>),
    Abandon,
}

/// Pieces of what a modem says, so that random scripts get somewhere.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words: Vec<&'static [u8]> = vec![
        b"\r\nOK\r\n",
        b"\r\nERROR\r\n",
        b"\r\n+CME ERROR: 3\r\n",
        b"\r\n> ",
        b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
        b"\r\n+CEREG: 0,1\r\n\r\nOK\r\n",
        b"\r\n+LMQTTPUB: 0,1,0\r\n",
        b"\r\n+LMQTTPUB: 0,2,1\r\n",
        b"\r\n+LMQTTURC: RECV,0,1,\"t\",4,",
        b"\r\n+LMQTTURC: RECV,0,1,\"t\",40,",
        b"\r\n+LMQTTURC: RECV,0,1,\"t\",600,",
        b"\r\n+LMQTTURC: RECV,0,1,\"t\",5,\"hello\"\r\n",
        b"\r\n+LMQTTURC: RECV,0,7\r\n",
        b"\r\n+LMQTTURC: STATS,0,1\r\n",
        b"^boot.rom'v'!\\n",
        b"^boot",
        b"\r\nLierda NT35E\r\n",
        b"\r\nNORMAL POWER DOWN\r\n",
        b"AT\r\r\n",
        b"abcd\r\n",
        b"\"\r\n",
        b"\r\n",
        b",",
        b"\"",
    ];
    prop_oneof![
        8 => prop::sample::select(words).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => prop::collection::vec(b'a'..=b'z', 0..400),
    ]
}

fn transfer() -> impl Strategy<Value = Transfer> {
    prop_oneof![
        4 => (1..70_usize).prop_map(Transfer::Chunks),
        1 => Just(Transfer::Pushed),
        1 => Just(Transfer::PushedAhead),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        10 => piece().prop_map(Act::Feed),
        2 => (0..6_000_u32).prop_map(Act::Wait),
        1 => Just(Act::Attention),
        1 => Just(Act::Identity),
        1 => Just(Act::Registration),
        1 => (1..3_u16).prop_map(Act::Publish),
        1 => prop::collection::vec(any::<u8>(), 1..300).prop_map(Act::Prompted),
        1 => Just(Act::Abandon),
    ]
}

fn head(message_id: u16) -> PublishHead<'static> {
    let delivery = Delivery::AtLeastOnce(MessageId::new(message_id).unwrap());
    PublishHead { connection: ConnectionId::FIRST, delivery, retain: false, topic: Topic::new("t").unwrap() }
}

/// Runs a script, and returns everything that could be seen of it, in order.
fn run(acts: &[Act], transfer: Transfer, [rx, tx, inbox]: [usize; 3]) -> Vec<String> {
    let mut memory = Memory::new(rx, tx, inbox);
    let mut script = Script::new(&mut memory, transfer);
    let mut seen = Vec::new();
    for act in acts {
        match act {
            Act::Feed(bytes) => script.feed(bytes),
            Act::Wait(span) => script.wait(Duration::from_millis(*span)),
            Act::Abandon => script.abandon(),
            Act::Attention => seen.push(script.try_run(&Attention)),
            Act::Identity => seen.push(script.try_run(&Identity)),
            Act::Registration => seen.push(script.try_run(&RegistrationQuery)),
            Act::Publish(id) => {
                let payload = InlinePayload::new(b"abcd").unwrap();
                seen.push(script.try_run(&PublishInline { head: head(*id), payload }));
            }
            Act::Prompted(payload) => seen.push(script.try_run(&PublishPrompted::new(head(1), payload).unwrap())),
        }
        seen.extend(script.take_events());
        seen.push(script.take_sent());
    }
    script.close();
    seen.extend(script.take_events());
    let counters = script.engine.counters();
    let bytes = counters.bytes;
    let classified = bytes.answer + bytes.event + bytes.echo + bytes.lost;
    let open = u32::try_from(script.engine.unclassified()).unwrap();
    assert_eq!(classified + open, script.fed, "every byte is in one class: {counters:?}");
    assert_eq!(bytes.received, script.fed);
    // A loss is reported with those before it that were not taken yet, so that only the sum has to be the same.
    let losses: Vec<u64> = seen.iter().filter_map(|entry| entry.strip_prefix("lost ")).map(sum_of_numbers).collect();
    seen.retain(|entry| !entry.starts_with("lost "));
    // So is a restart: whether it is news depends on whether the one before was taken. Counters have the number.
    let mut told = Vec::new();
    seen.retain(|entry| {
        let is_news = !told.contains(entry);
        if ["Booted", "PoweredDown"].contains(&entry.as_str()) && is_news {
            told.push(entry.clone());
        }
        is_news
    });
    seen.push(format!("{counters:?}, lost {}", losses.iter().sum::<u64>()));
    seen
}

/// Frames and bytes in one number, so that neither can stand in for the other.
fn sum_of_numbers(loss: &str) -> u64 {
    let numbers: Vec<u64> = loss.split(' ').filter_map(|word| word.parse().ok()).collect();
    numbers[0] * 1_000_000 + numbers[1]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn promise_5_the_chunking_never_matters(acts in prop::collection::vec(act(), 1..25)) {
        let whole = run(&acts, Transfer::Chunks(usize::MAX), [256, 256, 512]);
        for transfer in TRANSFERS {
            prop_assert_eq!(&run(&acts, transfer, [256, 256, 512]), &whole, "{:?}", transfer);
        }
    }

    #[test]
    fn promise_7_no_input_panics_and_promise_2_every_byte_is_accounted_for(
        acts in prop::collection::vec(act(), 1..40),
        transfer in transfer(),
        rx in 64..300_usize,
        tx in 64..100_usize,
        inbox in 0..200_usize,
    ) {
        run(&acts, transfer, [rx, tx, inbox]);
    }

    #[test]
    fn promise_6_after_any_bytes_the_line_is_in_step_again_in_time(
        bytes in prop::collection::vec(piece(), 0..20),
        transfer in transfer(),
    ) {
        let mut memory = Memory::typical();
        let mut script = Script::in_step(&mut memory, transfer);
        for bytes in bytes {
            script.feed(&bytes);
        }
        // A payload that was announced and does not come holds the line for two seconds at most, and a line without an end
        // until the next one begins.
        script.wait(Duration::from_secs(2));
        script.feed(b"\r\n");
        script.submit(&Attention);
        if script.take_sent().contains("+CSQ") {
            script.feed(b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n");
        }
        script.feed(b"\r\nOK\r\n");
        prop_assert!(script.finish(&Attention).is_ok());
    }
}
