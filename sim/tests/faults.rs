//! Each fault does what it says, at its time or place, and is over when it says so.

mod host;

use core::time::Duration;

use host::{DEVICE_NAME, DEVICE_SECRET, Host, PRODUCT_KEY, TOPIC};
use nt35e_sim::aliyun::{CloseReason, QoS};
use nt35e_sim::fault::{Fault, LIST, Place, Schedule};
use nt35e_sim::modem::{Fate, Quirks, Spoiled};

const SECOND: Duration = Duration::from_secs(1);

/// A host on a modem that is signed in and subscribed.
fn signed_in() -> Host {
    let mut host = Host::running(Quirks::default());
    assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0");
    host.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{TOPIC}\",1"));
    host
}

fn strike(host: &mut Host, text: &str) {
    let (place, fault) = Place::before(text).unwrap();
    let fault: Fault = fault.parse().unwrap();
    match place {
        Some(place) => host.world.strike_at(place, fault),
        None => host.world.strike(fault),
    }
}

/// Lets a fault strike, and gives what the modem then says to `AT+CSQ`.
fn csq_with(fault: &str) -> String {
    let mut host = signed_in();
    strike(&mut host, fault);
    host.say("AT+CSQ")
}

/// Lets a fault strike, and gives what the modem says to a sign-in then, and after a minute more.
fn sign_in_with(fault: &str) -> [String; 2] {
    let mut host = Host::running(Quirks::default());
    strike(&mut host, fault);
    [(); 2].map(|()| {
        let answer = host.sign_in(DEVICE_SECRET);
        host.say("AT+LMQTTCLOSE=0");
        host.wait(60 * SECOND);
        answer
    })
}

fn publish(host: &mut Host) -> String {
    host.say(&format!("AT+LMQTTPUB=0,7,1,0,\"/{PRODUCT_KEY}/{DEVICE_NAME}/user/update\",1,\"x\""))
}

#[test]
fn bytes_are_lost_doubled_changed_or_spread_where_it_was_asked() {
    assert_eq!(csq_with("cut"), "+LMQTTURC: STATS,0,1|+CSQ: 29,0|OK");
    assert_eq!(csq_with("<4 drop <2"), "+C: 29,0|OK");
    assert_eq!(csq_with("<4 repeat <2"), "+CSSQQ: 29,0|OK");
    assert_eq!(csq_with("<4 corrupt <2 32"), "+Csq: 29,0|OK");
    assert_eq!(csq_with(">3 drop >3"), "ERROR", "AT+ and the line end are left");
    assert_eq!(csq_with("<3 split <4 300ms"), "+CSQ:", "the rest is still on its way");
}

#[test]
fn a_fault_can_wait_for_any_byte_of_either_direction() {
    let answer = b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n";
    for behind in 1..=answer.len() {
        let mut host = signed_in();
        strike(&mut host, &format!("<{behind} restart"));
        host.world.write(b"AT+CSQ\r\n");
        host.world.advance(SECOND / 10);
        let mut heard = vec![0; host.world.available()];
        host.world.read(&mut heard);
        assert_eq!(heard[..behind], answer[..behind]);
        assert!(heard[behind..].starts_with(b"^boot.rom"), "behind {behind}: {}", heard.escape_ascii());
    }
    for behind in 1..="AT+CSQ\r".len() {
        let mut host = signed_in();
        strike(&mut host, &format!(">{behind} cut"));
        let answer = host.say("AT+CSQ");
        assert_eq!(answer, "+LMQTTURC: STATS,0,1|+CSQ: 29,0|OK", "behind {behind}");
    }
}

#[test]
fn what_is_held_comes_later_and_what_is_said_into_a_silence_never() {
    let mut host = signed_in();
    strike(&mut host, "hold <1h");
    assert_eq!(host.say("AT+CSQ"), "");
    assert_eq!(host.wait(3_598 * SECOND), "");
    assert_eq!(host.wait(SECOND), "+CSQ: 29,0|OK");
    strike(&mut host, "hold >10s");
    assert_eq!(host.say("AT+CSQ"), "");
    assert_eq!(host.wait(10 * SECOND), "+CSQ: 29,0|OK");
    strike(&mut host, "silence 10s");
    assert_eq!(host.say("AT+CSQ"), "");
    assert_eq!(host.wait(9 * SECOND), "");
    assert_eq!(host.say("AT+CSQ"), "+CSQ: 29,0|OK");
}

#[test]
fn at_a_wrong_baud_rate_nothing_is_understood_until_it_is_right_again() {
    let mut host = signed_in();
    strike(&mut host, "wrong-baud 5s");
    assert_eq!(host.say("AT+CSQ"), "");
    host.wait(5 * SECOND);
    assert_eq!(host.say("AT+CSQ"), "", "the line begins with what came before");
    assert_eq!(host.say("AT+CSQ"), "+CSQ: 29,0|OK");
}

#[test]
fn a_storm_brings_lines_that_nobody_asked_for() {
    let mut host = signed_in();
    strike(&mut host, "storm 7 100ms");
    let lines = host.wait(SECOND);
    assert_eq!(lines.split('|').count(), 7, "{lines}");
    assert!(lines.starts_with("+CEREG: 1|+CGEV: ME PDN ACT 1|^MODE: 17,17|"), "{lines}");
}

#[test]
fn answers_results_and_oks_can_be_lost_each_alone() {
    let with = |fault| {
        let mut host = signed_in();
        strike(&mut host, fault);
        let first = publish(&mut host);
        assert_eq!(publish(&mut host), "OK|+LMQTTPUB: 0,7,0", "after {fault}");
        assert_eq!(host.world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME).len(), 2, "{fault}");
        first
    };
    assert_eq!(with("lose-answers 1"), "");
    assert_eq!(with("lose-oks 1"), "+LMQTTPUB: 0,7,0");
    assert_eq!(with("lose-results 1"), "OK");
    assert_eq!(csq_with("lose-answers 1"), "");
    assert_eq!(csq_with("lose-oks 1"), "+CSQ: 29,0|OK", "it has no result");
}

#[test]
fn a_modem_without_power_says_so_and_comes_back() {
    let mut host = signed_in();
    strike(&mut host, "power-down 30s");
    assert_eq!(host.wait(29 * SECOND), "NORMAL POWER DOWN");
    assert_eq!(host.say("AT"), "^boot.rom'v\u{1}\0\u{fffd}'!\\n");
    assert_eq!(host.wait(SECOND), "Lierda NT35E");
    assert_eq!(host.sign_in(DEVICE_SECRET).split('|').next(), Some("OK"));
    strike(&mut host, "power-down");
    assert_eq!(host.wait(3_600 * SECOND), "NORMAL POWER DOWN");
}

#[test]
fn without_sim_or_registration_there_is_no_connection() {
    let mut host = signed_in();
    strike(&mut host, "pull-sim 30s");
    assert_eq!(host.say("AT+CPIN?"), "+LMQTTURC: STATS,0,1|+CME ERROR: 10");
    assert_eq!(host.say("AT+CEREG?"), "+CEREG: 0,0|OK");
    host.wait(33 * SECOND);
    assert_eq!(host.say("AT+CPIN?"), "+CPIN: READY|OK");
    assert_eq!(host.say("AT+CEREG?"), "+CEREG: 0,1|OK");
    host.say("AT+LMQTTCLOSE=0");
    assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0");
    strike(&mut host, "deregister 30s");
    assert_eq!(host.say("AT+CEREG?"), "+LMQTTURC: STATS,0,1|+CEREG: 0,2|OK");
    host.wait(30 * SECOND);
    assert_eq!(host.say("AT+CEREG?"), "+CEREG: 0,1|OK");
}

#[test]
fn a_broker_can_be_gone_silent_or_slow() {
    let [refused, well] = sign_in_with("broker-gone 20s");
    assert_eq!(refused, "+CME ERROR: 3");
    assert_eq!(well, "OK|+LMQTTCONN: 0,0,0");
    let [nameless, well] = sign_in_with("no-names 20s");
    assert_eq!(nameless, "+CME ERROR: 3");
    assert_eq!(well, "OK|+LMQTTCONN: 0,0,0");

    let mut host = signed_in();
    strike(&mut host, "broker-silent 20s");
    assert_eq!(publish(&mut host), "OK");
    assert!(host.world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME).is_empty());
    assert_eq!(host.wait(20 * SECOND), "+LMQTTPUB: 0,7,0");
    strike(&mut host, "broker-slow 1500ms 10s");
    assert_eq!(publish(&mut host), "OK");
    assert_eq!(host.wait(SECOND), "", "both ways are slow");
    assert_eq!(host.wait(2 * SECOND), "+LMQTTPUB: 0,7,0");
}

#[test]
fn a_sign_in_can_be_refused_in_each_way() {
    for code in 1..=5 {
        let [refused, well] = sign_in_with(&format!("refuse {code} 20s"));
        assert_eq!(refused, format!("OK|+LMQTTCONN: 0,0,{code}|+LMQTTURC: STATS,0,15,{code}"));
        assert_eq!(well, "OK|+LMQTTCONN: 0,0,0");
    }
    let [refused, well] = sign_in_with("refuse 0 20s");
    assert_eq!((refused.as_str(), well.as_str()), ("OK|+LMQTTCONN: 0,2|+LMQTTURC: STATS,0,1", "OK|+LMQTTCONN: 0,0,0"));
    let [refused, well] = sign_in_with("disable 20s");
    assert_eq!((refused.contains("0,0,5"), well.as_str()), (true, "OK|+LMQTTCONN: 0,0,0"));
    let [refused, well] = sign_in_with("wrong-secret 20s");
    assert_eq!((refused.contains("0,0,4"), well.as_str()), (true, "OK|+LMQTTCONN: 0,0,0"));
}

#[test]
fn a_device_can_be_signed_out_from_elsewhere() {
    for (fault, reason) in
        [("kick", CloseReason::Kicked), ("disable 20s", CloseReason::Kicked), ("second-sign-in", CloseReason::Replaced)]
    {
        let mut host = signed_in();
        strike(&mut host, fault);
        assert_eq!(host.wait(Duration::ZERO), "+LMQTTURC: STATS,0,1", "{fault}");
        assert_eq!(host.world.cloud().unwrap().close_reasons(), [&reason], "{fault}");
        host.wait(20 * SECOND);
        host.say("AT+LMQTTCLOSE=0");
        assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0", "after {fault}");
    }
}

#[test]
fn a_flood_brings_messages_that_all_differ() {
    let mut host = signed_in();
    strike(&mut host, "flood 40 100");
    strike(&mut host, "flood 2 100");
    host.wait(SECOND);
    let deliveries = host.world.modem().deliveries();
    assert_eq!(deliveries.len(), 42);
    for (index, delivery) in deliveries.iter().enumerate() {
        assert_eq!((delivery.topic.as_str(), delivery.payload.len(), delivery.fate()), (TOPIC, 100, Fate::Arrived));
        assert!(deliveries[..index].iter().all(|earlier| earlier.payload != delivery.payload));
    }
}

#[test]
fn the_record_tells_how_far_each_message_came() {
    let send = |host: &mut Host| host.world.cloud().unwrap().publish_to(TOPIC, b"payload", QoS::AtLeastOnce);
    let fates = |host: &mut Host| -> Vec<(Fate, bool)> {
        let deliveries = host.world.modem().deliveries().iter();
        deliveries.map(|delivery| (delivery.fate(), delivery.is_spoiled)).collect()
    };
    let mut host = signed_in();
    send(&mut host);
    strike(&mut host, "<9 restart");
    host.wait(SECOND);
    assert_eq!(fates(&mut host), [(Fate::CutOff, false)]);

    let mut host = signed_in();
    strike(&mut host, "hold <5s");
    send(&mut host);
    host.wait(SECOND);
    assert_eq!(fates(&mut host), [(Fate::Unsaid, false)]);
    strike(&mut host, "restart");
    host.wait(9 * SECOND);
    assert_eq!(fates(&mut host), [(Fate::Unsaid, false)], "it is gone");

    let mut host = signed_in();
    strike(&mut host, "<20 corrupt <1 1");
    send(&mut host);
    host.wait(SECOND);
    assert_eq!(fates(&mut host), [(Fate::Arrived, true)]);
    assert_eq!(host.world.modem().spoiled(), Spoiled::default());
    strike(&mut host, "<1 drop <8");
    publish(&mut host);
    assert_eq!(host.world.modem().spoiled(), Spoiled { results: 3, commands: 0, others: 5 });
    strike(&mut host, ">5 repeat >2");
    publish(&mut host);
    assert_eq!(host.world.modem().spoiled(), Spoiled { results: 3, commands: 2, others: 5 });
}

#[test]
fn what_is_sent_to_a_broker_that_has_hung_up_goes_nowhere() {
    let mut host = signed_in();
    strike(&mut host, "broker-slow 20s 60s");
    strike(&mut host, "kick");
    // The news of it is still on its way when this has arrived.
    strike(&mut host, "broker-slow 1s 60s");
    host.world
        .write(format!("AT+LMQTTPUB=0,7,1,0,\"/{PRODUCT_KEY}/{DEVICE_NAME}/user/update\",1,\"x\"\r\n").as_bytes());
    let before = host.world.now();
    for _ in 0..200 {
        host.world.advance_to_next_due(SECOND);
    }
    assert!(host.world.now() > before + 60 * SECOND, "the time passes");
}

#[test]
fn a_schedule_strikes_at_its_times() {
    let mut host = signed_in();
    let schedule: Schedule = "2s lose-answers 1; 4s <3 drop <2".parse().unwrap();
    host.world.follow(&schedule);
    assert_eq!(host.say("AT+CSQ"), "+CSQ: 29,0|OK");
    host.wait(SECOND);
    assert_eq!(host.say("AT+CSQ"), "");
    host.wait(SECOND);
    assert_eq!(host.say("AT+CSQ"), "+Q: 29,0|OK");
}

#[test]
fn it_is_known_how_many_struck_and_whether_more_is_to_come() {
    let mut host = signed_in();
    assert!(!host.world.is_troubled());
    host.world
        .follow(&"2s deregister 1s; 2s lose-answers 1; 3s drop <9; 3s lose-oks 2; 4s <99 restart".parse().unwrap());
    host.wait(SECOND);
    assert_eq!((host.world.faults_struck(), host.world.is_troubled()), (0, true));
    host.wait(3 * SECOND);
    assert_eq!((host.world.faults_struck(), host.world.is_troubled()), (4, true));
    host.world.calm();
    assert!(!host.world.is_troubled());
    assert_eq!(host.say("AT+CSQ"), "+CSQ: 29,0|OK");
    strike(&mut host, "broker-silent 9s");
    assert_eq!((host.world.faults_struck(), host.world.is_troubled()), (5, true));
    host.wait(9 * SECOND);
    assert!(!host.world.is_troubled());
}

#[test]
fn every_fault_leaves_a_modem_that_works_once_it_is_over() {
    for entry in LIST {
        for place in ["", "<30 ", ">30 "] {
            let mut host = signed_in();
            let text = format!("{place}{} {}", entry.name, entry.example);
            strike(&mut host, &text);
            host.say("AT+CGMR");
            host.say("AT+CGSN=1");
            publish(&mut host);
            host.wait(2 * 3_600 * SECOND);
            host.say("AT");
            host.say("AT+LMQTTCLOSE=0");
            assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0", "after {text}");
        }
    }
}
