//! What the cloud has recorded, against what the device was sent.

use nt35e_screen::Shortened;
use nt35e_sim::aliyun::{PublishOutcome, PublishRecord, QoS};

use crate::failure::Failure;
use crate::firmware::UPDATE;

/// What the device has published.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Found {
    pub(super) greetings: usize,
    /// The first so many messages came back, each once, in their order, byte for byte.
    pub(super) echoes: usize,
}

/// Compares; whatever is neither a greeting nor the echo that is due is a failure.
pub(super) fn compare(sent: &[Vec<u8>], greeting: &[u8], recorded: &[&PublishRecord]) -> Result<Found, Failure> {
    let mut found = Found::default();
    for record in recorded {
        let PublishRecord { topic, payload, qos, retain, outcome, .. } = record;
        if (topic.as_str(), *qos, *retain, *outcome) != (UPDATE, QoS::AtLeastOnce, false, PublishOutcome::Accepted) {
            return Err(Failure::new(format!("a publish on {topic} at {qos:?}, retain {retain}: {outcome:?}")));
        }
        if payload == greeting {
            found.greetings += 1;
        } else if sent.get(found.echoes) == Some(payload) {
            found.echoes += 1;
        } else {
            return Err(wrong(sent, found.echoes, payload));
        }
    }
    Ok(found)
}

fn wrong(sent: &[Vec<u8>], due: usize, payload: &[u8]) -> Failure {
    let number = due + 1;
    let found = format!("`{}` of {} bytes", Shortened(payload), payload.len());
    let what = match sent.iter().position(|sent| sent == payload) {
        Some(position) if position < due => format!("echo {} came twice, after echo {due}: {found}", position + 1),
        Some(position) => format!("echo {} came instead of echo {number}: {found}", position + 1),
        None => match sent.get(due) {
            Some(sent) => format!("echo {number} is {found} instead of `{}` of {} bytes", Shortened(sent), sent.len()),
            None => format!("nothing was to come back any more, and this did: {found}"),
        },
    };
    Failure::new(what)
}

#[cfg(test)]
mod tests {
    use nt35e_sim::aliyun::DeviceId;

    use super::*;

    fn record(payload: &str) -> PublishRecord {
        PublishRecord {
            device: DeviceId::new("pk", "device"),
            topic: UPDATE.to_owned(),
            payload: payload.into(),
            qos: QoS::AtLeastOnce,
            retain: false,
            dup: false,
            packet_id: 1,
            outcome: PublishOutcome::Accepted,
        }
    }

    fn judge(recorded: &[PublishRecord]) -> Result<Found, String> {
        let sent: Vec<Vec<u8>> = ["one", "two", "three"].map(Into::into).into();
        compare(&sent, b"hello", &recorded.iter().collect::<Vec<_>>()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn greetings_and_echoes_in_order_are_counted() {
        let found = judge(&["hello", "one", "hello", "two"].map(record));
        assert_eq!(found, Ok(Found { greetings: 2, echoes: 2 }));
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        let cases: [(&[&str], &str); 5] = [
            (&["one", "one"], "echo 1 came twice, after echo 1"),
            (&["one", "two", "one"], "echo 1 came twice, after echo 2"),
            (&["one", "three"], "echo 3 came instead of echo 2"),
            (&["one", "tw0"], "echo 2 is `tw0` of 3 bytes instead of `two`"),
            (&["one", "two", "three", "four"], "nothing was to come back any more"),
        ];
        for (payloads, wrong) in cases {
            let recorded: Vec<PublishRecord> = payloads.iter().map(|payload| record(payload)).collect();
            let failure = judge(&recorded).unwrap_err();
            assert!(failure.starts_with(wrong), "{failure}");
        }
        for wrong in [
            PublishRecord { topic: "/pk/device/user/other".to_owned(), ..record("one") },
            PublishRecord { qos: QoS::AtMostOnce, ..record("one") },
            PublishRecord { retain: true, ..record("one") },
            PublishRecord { outcome: PublishOutcome::Rate, ..record("one") },
        ] {
            assert!(judge(&[wrong]).is_err());
        }
    }
}
