//! What gets lost: the message, the link, the modem, the store.

use nt35e::aliyun::registration::{CredentialStore, Registered, RegistrationFailure};
use nt35e::{Error, RegisterError};
use nt35e_sim::aliyun::RegistrationAnswer;

use crate::front_end::{self, FrontEnd};
use crate::rig::Memory;
use crate::{Kept, Refused, bench, lines, register, registration, sign_in, with_cloud};

front_end::each_front_end!(
    an_old_message_is_not_taken_for_the_answer,
    a_message_that_does_not_come_is_waited_for_15_s,
    a_lost_link_is_named_wherever_it_happens,
    a_restart_is_named,
    a_store_that_fails_is_named,
);

fn an_old_message_is_not_taken_for_the_answer(front_end: FrontEnd) {
    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let old = br#"{"productKey":"a1JszCpjS61","deviceName":"NT35E_06011","deviceSecret":"stale"}"#;
    let length = old.len();
    let message = format!("\r\n+LMQTTURC: RECV,0,0,\"/ext/register\",{length},{}\r\n", old.escape_ascii());
    // It waits in the inbox when the registration begins.
    bench.with(|world| world.inject(message.replace('\\', "").as_bytes()));
    let registered = register(&mut client, &registration()).unwrap();
    assert_ne!(registered.expose_device_secret(), Some("stale"));
    client.connect_aliyun(sign_in(registered)).unwrap();
}

fn a_message_that_does_not_come_is_waited_for_15_s(front_end: FrontEnd) {
    // Also with a platform that closes a little before or after the driver gives up, or that hardly waits.
    for (kept_millis, failure, waited) in [
        (15_000, RegistrationFailure::NoMessage, 14_000..=15_500),
        (14_500, RegistrationFailure::NoMessage, 14_000..=15_500),
        (60_000, RegistrationFailure::NoMessage, 14_900..=15_500),
        (3_000, RegistrationFailure::LinkLost, 2_900..=3_500),
    ] {
        let bench = with_cloud(front_end, |cloud| {
            cloud.limits.registration_kept = core::time::Duration::from_millis(kept_millis);
        });
        bench.with(|world| {
            world.cloud().unwrap().answer_registrations_with(Some(RegistrationAnswer::Silence));
        });
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let begin = bench.with(|world| world.now());
        let refused = register(&mut client, &registration());
        assert_eq!(refused, Err(RegisterError::Registration(failure)), "{kept_millis}");
        let passed = bench.with(|world| world.now()) - begin;
        assert!(waited.contains(&passed.as_millis()), "{passed:?} with {kept_millis}");
        assert_eq!(lines(&bench, "AT+LMQTTCONN=").len(), 1, "it is not repeated");
    }
}

fn a_lost_link_is_named_wherever_it_happens(front_end: FrontEnd) {
    // After 0 bytes from the cloud, behind each of the four of the CONNACK, and in the middle of the message.
    for bytes in 0..=60 {
        let bench = bench(front_end);
        bench.with(|world| world.cloud().unwrap().drop_after(bytes));
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let mut store = Kept::default();
        let refused = client.register_device(&registration(), &mut store).unwrap_err();
        match refused {
            RegisterError::Registration(RegistrationFailure::LinkLost) => assert!(bytes >= 4, "{bytes}"),
            RegisterError::Client(Error::Connect(_) | Error::Command(_)) => assert!(bytes < 4, "{bytes}: {refused:?}"),
            other => panic!("{bytes}: {other:?}"),
        }
        assert_eq!(store.0, None);
        let registered = register(&mut client, &registration()).expect("it can register again");
        client.connect_aliyun(sign_in(registered)).unwrap();
    }
    // While the message is awaited.
    for seconds in [0, 5, 13] {
        let bench = bench(front_end);
        bench.with(|world| {
            world.cloud().unwrap().answer_registrations_with(Some(RegistrationAnswer::Silence));
            let cut = format!("{seconds}.5s cut").parse().unwrap();
            world.follow(&cut);
        });
        let mut memory = Memory::typical();
        let refused = register(&mut bench.client(&mut memory), &registration());
        assert_eq!(refused, Err(RegisterError::Registration(RegistrationFailure::LinkLost)), "{seconds}");
    }
}

fn a_restart_is_named(front_end: FrontEnd) {
    let bench = bench(front_end);
    bench.with(|world| world.cloud().unwrap().answer_registrations_with(Some(RegistrationAnswer::Silence)));
    bench.restart_after(core::time::Duration::from_secs(5));
    let mut memory = Memory::typical();
    let refused = register(&mut bench.client(&mut memory), &registration());
    assert_eq!(refused, Err(RegisterError::Registration(RegistrationFailure::LinkLost)));
}

fn a_store_that_fails_is_named(front_end: FrontEnd) {
    #[derive(Debug, PartialEq)]
    struct Worn;

    struct WornOut(Option<Registered>);

    impl CredentialStore for WornOut {
        type Error = Worn;

        fn load(&mut self) -> Result<Option<Registered>, Worn> {
            Ok(None)
        }

        fn save(&mut self, registered: &Registered) -> Result<(), Worn> {
            self.0 = Some(*registered);
            Err(Worn)
        }
    }

    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let mut store = WornOut(None);
    let refused: Refused<Worn> = client.register_device(&registration(), &mut store).unwrap_err();
    assert_eq!(refused, RegisterError::NotSaved(Worn));
    assert!(store.0.is_some(), "it was asked to save what came");
    assert!(!client.is_connected());
    assert_eq!(lines(&bench, "AT+LMQTTCONN=").len(), 1, "it is not repeated");
}
