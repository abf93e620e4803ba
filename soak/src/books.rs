//! Whether what the firmware says is what happened.

use nt35e::Counters;
use nt35e_sim::modem::{Delivery, Fate};

use crate::journal::{Journal, Quiet};

/// What really happened.
#[derive(Debug)]
pub(crate) struct Truth<'t> {
    /// Payloads that the broker has, in their order.
    pub(crate) at_broker: Vec<&'t [u8]>,
    /// Messages that the broker handed to the modem.
    pub(crate) deliveries: &'t [Delivery],
    /// Bytes that the driver was given.
    pub(crate) bytes_read: u32,
    /// Whether messages come with the lengths of their payloads.
    pub(crate) is_framed: bool,
}

/// Every byte received is in one of the four classes.
pub(crate) fn bytes(truth: &Truth<'_>, counters: &Counters) -> Result<(), String> {
    let nt35e::at::Bytes { received, answer, event, echo, lost, .. } = counters.bytes;
    let classified = answer.wrapping_add(event).wrapping_add(echo).wrapping_add(lost);
    if received != truth.bytes_read {
        return Err(format!("{} bytes were read, and {received} counted as received", truth.bytes_read));
    }
    if classified != received {
        return Err(format!(
            "{received} bytes were received, and {classified} are in a class: {answer} of answers, {event} of events, \
             {echo} of echo, {lost} lost"
        ));
    }
    Ok(())
}

/// No false success, and nothing else has been published.
pub(crate) fn published(truth: &Truth<'_>, journal: &Journal) -> Result<(), String> {
    for attempt in journal.attempts.iter().filter(|attempt| attempt.is_confirmed) {
        if !truth.at_broker.contains(&attempt.payload.as_slice()) {
            return Err(format!("published with Ok, and not at the broker: {}", attempt.payload.escape_ascii()));
        }
    }
    for payload in &truth.at_broker {
        if !journal.attempts.iter().any(|attempt| attempt.payload == *payload) {
            return Err(format!("at the broker, and never published: {}", payload.escape_ascii()));
        }
    }
    Ok(())
}

/// Each message handed out was sent, in this order and no more often; what arrived was handed out or counted as lost.
pub(crate) fn received(truth: &Truth<'_>, journal: &Journal) -> Result<(), String> {
    let arrived = truth.deliveries.iter().filter(|delivery| delivery.fate() == Fate::Arrived);
    let arrived: Vec<&[u8]> = arrived.map(|delivery| delivery.payload.as_slice()).collect();
    let mut are_heard = vec![false; arrived.len()];
    let mut end = arrived.len();
    // Of one that the broker has sent twice, the one that was lost is the earlier one.
    for heard in journal.heard.iter().rev() {
        end = end.min(heard.arrived);
        let Some(number) = arrived[..end].iter().rposition(|arrived| *arrived == heard.payload) else {
            if is_completed_by_banner(&heard.payload, truth) {
                continue;
            }
            return Err(format!("handed out, and not sent, or not then: {}", heard.payload.escape_ascii()));
        };
        are_heard[number] = true;
        end = number;
    }
    // A loss may be told some time before the last byte of what was lost has arrived.
    let nothing = Quiet { arrived: 0, lost: 0 };
    let quiets = [&[nothing; 2], journal.quiets.as_slice()].concat();
    let missing = |quiet: &Quiet| are_heard.iter().take(quiet.arrived).filter(|is_heard| !**is_heard).count();
    for window in quiets.windows(3) {
        let [earlier, before, now] = window else { continue };
        let (more, told) = (missing(now).saturating_sub(missing(before)), now.lost - earlier.lost);
        if more > told {
            return Err(format!("{more} messages are missing, and {told} frames counted as lost: {window:?}"));
        }
    }
    Ok(())
}

/// Whether a restart has cut a message off and its banner is as long as what was missing, so that nobody can tell it from a
/// message that ends with these bytes; without lengths, any banner is. That the modem has restarted is known by the banner's next line.
fn is_completed_by_banner(heard: &[u8], truth: &Truth<'_>) -> bool {
    let Some(begin) = heard.windows(BANNER.len()).position(|bytes| bytes == BANNER) else { return false };
    let mut cut_off = truth.deliveries.iter().filter(|delivery| delivery.fate() == Fate::CutOff);
    let fits = |length| !truth.is_framed || length == heard.len();
    cut_off.any(|sent| fits(sent.payload.len()) && sent.payload.starts_with(&heard[..begin]))
}

const BANNER: &[u8] = b"^boot.rom";

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use nt35e_sim::aliyun::{CloudSettings, QoS};
    use nt35e_sim::modem::ModemSettings;
    use nt35e_sim::world::World;

    use super::*;
    use crate::journal::Heard;

    /// What a modem has that the broker has sent these messages to, one after the other.
    fn deliveries(payloads: &[&[u8]]) -> Vec<Delivery> {
        let [product_key, device_name] = [crate::bench::PRODUCT_KEY, crate::bench::DEVICE_NAME];
        let secret = crate::bench::DEVICE_SECRET;
        let cloud = CloudSettings::with_device(product_key, device_name, secret);
        let mut world = World::new(ModemSettings::instant(), cloud);
        for line in [
            "AT+LMQTTCFG=\"cloud\",0,2,1",
            &format!("AT+LMQTTCFG=\"aliauth\",0,\"{product_key}\",\"{device_name}\",\"{secret}\""),
            &format!("AT+LMQTTOPEN=0,\"{product_key}.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883"),
            "AT+LMQTTCONN=0,\"NT35E\"",
            &format!("AT+LMQTTSUBUNSUB=0,0,1,\"{}\",1", crate::bench::GET),
        ] {
            world.write(format!("{line}\r\n").as_bytes());
            world.advance(Duration::from_secs(1));
        }
        let said: String = world.log().iter().map(|entry| format!("{entry}\n")).collect();
        for payload in payloads {
            assert_eq!(world.cloud().unwrap().publish_to(crate::bench::GET, payload, QoS::AtLeastOnce), 1, "{said}");
            world.settle();
        }
        world.advance(Duration::from_secs(1));
        world.modem().deliveries().to_vec()
    }

    fn hear(journal: &mut Journal, arrived: usize, payload: &[u8]) {
        journal.heard.push(Heard { at: Duration::ZERO, arrived, payload: payload.to_vec() });
    }

    #[test]
    fn a_false_success_is_found_and_so_is_what_nobody_published() {
        let mut journal = Journal::default();
        let truth = |at_broker| Truth { at_broker, deliveries: &[], bytes_read: 0, is_framed: true };
        let attempt = journal.attempted(Duration::ZERO, b"a".to_vec());
        assert_eq!(published(&truth(vec![]), &journal), Ok(()));
        assert_eq!(published(&truth(vec![b"a", b"a"]), &journal), Ok(()));
        journal.confirmed(attempt);
        assert_eq!(published(&truth(vec![b"b"]), &journal).unwrap_err(), "published with Ok, and not at the broker: a");
        let error = published(&truth(vec![b"a", b"b"]), &journal).unwrap_err();
        assert_eq!(error, "at the broker, and never published: b");
    }

    #[test]
    fn a_message_that_is_missing_has_to_be_counted_as_lost() {
        let deliveries = deliveries(&[b"a", b"b", b"c"]);
        let truth = Truth { at_broker: vec![], deliveries: &deliveries, bytes_read: 0, is_framed: true };
        let mut journal = Journal::default();
        hear(&mut journal, 1, b"a");
        hear(&mut journal, 3, b"c");
        assert_eq!(received(&truth, &journal), Ok(()), "it was not quiet yet");
        journal.is_quiet(3);
        assert!(received(&truth, &journal).unwrap_err().starts_with("1 messages are missing, and 0 frames"));
        journal.quiets.clear();
        journal.lost = 1;
        journal.is_quiet(3);
        assert_eq!(received(&truth, &journal), Ok(()));
    }

    #[test]
    fn an_old_loss_is_no_excuse_for_a_new_one() {
        let deliveries = deliveries(&[b"a"]);
        let truth = Truth { at_broker: vec![], deliveries: &deliveries, bytes_read: 0, is_framed: true };
        let mut journal = Journal { lost: 1, ..Journal::default() };
        for arrived in [0, 0, 0, 1] {
            journal.is_quiet(arrived);
        }
        assert!(received(&truth, &journal).is_err());
    }

    #[test]
    fn what_was_not_sent_or_not_in_this_order_is_found() {
        let deliveries = deliveries(&[b"a", b"b"]);
        let truth = Truth { at_broker: vec![], deliveries: &deliveries, bytes_read: 0, is_framed: true };
        for heard in [&[&b"x"[..]][..], &[b"b", b"a"], &[b"a", b"a"]] {
            let mut journal = Journal::default();
            heard.iter().for_each(|payload| hear(&mut journal, 2, payload));
            assert!(received(&truth, &journal).is_err(), "{heard:?}");
        }
        let mut journal = Journal::default();
        hear(&mut journal, 1, b"b");
        assert!(received(&truth, &journal).is_err(), "it had not arrived by then");
    }
}
