//! Each call, when it is let run to its end.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::pipe::Pipe;
use nt35e::asynch::{self, ForwardError, Halves, forward};
use nt35e::command::Raw;
use nt35e::{Buffers, Duration, Error, Event, Network, Publish, QoS};

use crate::bench::{Client, Uart, WorldTimer, events, plain, run};
use crate::rig::{Bench, GET, Memory, PROPERTY_SET, Seen, UPDATE, triple};

fn sign_in(bench: &Bench, client: &mut Client<'_>) {
    run(bench, client.bring_up(&Network::default())).unwrap();
    run(bench, client.connect_aliyun(triple())).unwrap();
    run(bench, client.subscribe(GET, QoS::AtLeastOnce)).unwrap();
}

fn raw(line: &str) -> Raw<'_> {
    Raw::new(line, Duration::from_secs(5)).unwrap()
}

fn the_whole_job(uart: impl Fn(&Bench) -> Uart) {
    let (bench, mut memory) = (plain(), Memory::typical());
    let mut client = uart(&bench).client(&mut memory);
    sign_in(&bench, &mut client);
    assert!(client.is_connected());
    let long = [0xA5; 1_000];
    for payload in [&b"{\"t\":21}"[..], b"two\r\nlines", &long] {
        run(&bench, client.publish(&Publish::new(UPDATE, payload).qos(QoS::AtLeastOnce))).unwrap();
    }
    assert_eq!(bench.published(), [&b"{\"t\":21}"[..], b"two\r\nlines", &long]);
    bench.send(GET, b"OK\r\n");
    assert_eq!(events(&bench, &mut client), [Seen::Message(GET.into(), b"OK\r\n".into())]);
    run(&bench, client.unsubscribe(GET)).unwrap();
    run(&bench, client.disconnect()).unwrap();
    assert!(!client.is_connected());
    let result = run(&bench, client.publish(&Publish::new(UPDATE, b"late")));
    assert_eq!(result, Err(Error::NotConnected));
}

#[test]
fn the_job_is_done_whatever_the_uart_takes_at_once() {
    for chunk in [1, 3, 16, usize::MAX] {
        for hesitates in [false, true] {
            the_whole_job(|bench| Uart::of(bench, chunk, hesitates));
        }
    }
}

#[test]
fn a_uart_that_sends_only_when_it_is_flushed_is_flushed() {
    the_whole_job(Uart::holding);
}

#[test]
fn commands_of_the_callers_own() {
    let (bench, mut memory) = (plain(), Memory::typical());
    let mut client = Uart::new(&bench).client(&mut memory);
    let answer = run(&bench, client.execute(&raw("AT+CGSN=1"))).unwrap();
    assert_eq!(answer.lines().collect::<Vec<_>>(), [b"+CGSN: 860000000000017"]);
    let Err(Error::Command(error)) = run(&bench, client.execute(&raw("AT+NOSUCH"))) else { panic!() };
    assert!(matches!(error.cause, nt35e::at::Cause::Refused(_)));
}

#[test]
fn a_silent_modem_costs_its_time_limit_and_no_more() {
    let (bench, mut memory) = (plain(), Memory::typical());
    let mut client = Uart::new(&bench).client(&mut memory);
    run(&bench, client.bring_up(&Network::default())).unwrap();
    bench.with(|world| world.mute(core::time::Duration::from_secs(60)));
    let start = bench.with(|world| world.now());
    assert!(run(&bench, client.execute(&raw("AT+CGSN=1"))).is_err());
    let waited = bench.with(|world| world.now()) - start;
    assert!((5_000..5_100).contains(&waited.as_millis()), "{waited:?}");
}

#[test]
fn without_events_the_limit_of_next_event_passes() {
    let (bench, mut memory) = (plain(), Memory::typical());
    let mut client = Uart::new(&bench).client(&mut memory);
    for limit in [0, 250] {
        let start = bench.with(|world| world.now());
        assert_eq!(run(&bench, client.next_event(Duration::from_millis(limit))), Ok(None));
        assert_eq!(bench.with(|world| world.now()) - start, core::time::Duration::from_millis(limit.into()));
    }
}

#[test]
fn a_message_larger_than_the_inbox_is_read_as_it_comes() {
    let (bench, mut memory) = (plain(), Memory::new(128, 256, 96));
    let mut client = Uart::of(&bench, 7, false).client(&mut memory);
    sign_in(&bench, &mut client);
    run(&bench, client.subscribe(PROPERTY_SET, QoS::AtLeastOnce)).unwrap();
    let payload: Vec<u8> = (0..2_000_u32).map(|index| index as u8).collect();
    bench.send(PROPERTY_SET, &payload);
    let event = run(&bench, client.next_event(Duration::from_secs(1))).unwrap();
    assert!(matches!(event, Some(Event::LargeMessage { length: 2_000, .. })), "{event:?}");
    let (mut read, mut buffer) = (Vec::new(), [0; 50]);
    loop {
        match run(&bench, client.read_payload(&mut buffer, Duration::from_secs(1))).unwrap() {
            0 => break,
            count => read.extend_from_slice(&buffer[..count]),
        }
    }
    assert_eq!(read, payload);
}

#[test]
fn two_pipes_and_forward_carry_a_uart_that_must_not_be_dropped() {
    let (bench, mut memory) = (plain(), Memory::typical());
    let (received, to_send) = (Pipe::<NoopRawMutex, 64>::new(), Pipe::<NoopRawMutex, 16>::new());
    let uart = Uart::of(&bench, usize::MAX, true);
    let mut carry = pin!(embassy_futures::join::join(forward(uart.clone(), &received), forward(&to_send, uart)));
    let buffers = Buffers::new(&mut memory.rx, &mut memory.tx, &mut memory.inbox);
    let timer = WorldTimer::new(&bench);
    let mut client = asynch::Client::new(Halves { rx: &received, tx: &to_send }, timer, buffers);
    let work = async {
        client.bring_up(&Network::default()).await.unwrap();
        client.connect_aliyun(triple()).await.unwrap();
        client.publish(&Publish::new(UPDATE, &[0; 900]).qos(QoS::AtLeastOnce)).await.unwrap();
    };
    let mut work = pin!(work);
    run(
        &bench,
        core::future::poll_fn(|_| {
            let mut context = Context::from_waker(Waker::noop());
            assert!(carry.as_mut().poll(&mut context).is_pending());
            match work.as_mut().poll(&mut context) {
                Poll::Pending if !received.is_empty() || !to_send.is_empty() => {
                    assert!(carry.as_mut().poll(&mut context).is_pending());
                    work.as_mut().poll(&mut context)
                }
                poll => poll,
            }
        }),
    );
    assert_eq!(bench.published(), [[0; 900]]);
}

#[test]
fn forward_ends_when_one_end_does() {
    let (bench, mut written) = (plain(), [0; 3]);
    let error = run(&bench, forward(&b"abc"[..], &mut written[..]));
    assert_eq!(error, ForwardError::Closed);
    assert_eq!(&written, b"abc");
    let error = run(&bench, forward(&b"abcd"[..], &mut written[..]));
    assert!(matches!(error, ForwardError::Write(_)), "{error:?}");
}

#[test]
fn a_uart_at_its_end_is_an_error_and_no_endless_loop() {
    let (bench, mut memory) = (plain(), Memory::typical());
    let buffers = Buffers::new(&mut memory.rx, &mut memory.tx, &mut memory.inbox);
    let mut sent = [0; 16];
    let uart = Halves { rx: &b""[..], tx: &mut sent[..] };
    let mut client = asynch::Client::new(uart, WorldTimer::new(&bench), buffers);
    assert_eq!(run(&bench, client.next_event(Duration::from_secs(1))), Err(Error::Closed));
    assert_eq!(run(&bench, client.disconnect()), Err(Error::Closed));
}
