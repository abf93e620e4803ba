//! Packets that await an acknowledgement, and when they are sent again.
//!
//! ```text
//! Publish (QoS 1) ──PUBACK──▶ done        Subscribe ──SUBACK──▶ done        Unsubscribe ──UNSUBACK──▶ done
//! Publish (QoS 2) ──PUBREC──▶ Release ──PUBCOMP──▶ done
//! each: no answer in time ──▶ sent again ──▶ … ──▶ given up
//! ```

use core::time::Duration;

use bytes::BytesMut;
use mqttbytes::QoS;
use mqttbytes::v4::Publish;

use super::codec;

/// One packet and how often it was sent.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) stage: Stage,
    sent_at: Duration,
    times_sent: u32,
}

/// What was sent last.
#[derive(Debug)]
pub(super) enum Stage {
    Publish(Publish),
    Release(u16),
    Subscribe(u16, Vec<(String, QoS)>),
    Unsubscribe(u16, Vec<String>),
}

impl InFlight {
    /// Sends it for the first time.
    pub(super) fn send(stage: Stage, output: &mut BytesMut, now: Duration) -> Self {
        stage.write(output);
        Self { stage, sent_at: now, times_sent: 1 }
    }

    pub(super) fn due(&self, limit: Duration) -> Duration {
        self.sent_at + limit
    }

    /// Sends it again; false if it has been sent often enough.
    pub(super) fn send_again(&mut self, tries: u32, output: &mut BytesMut, now: Duration) -> bool {
        if self.times_sent >= tries {
            return false;
        }
        if let Stage::Publish(publish) = &mut self.stage {
            publish.dup = true;
        }
        self.stage.write(output);
        self.sent_at = now;
        self.times_sent += 1;
        true
    }
}

impl Stage {
    fn write(&self, output: &mut BytesMut) {
        match self {
            Self::Publish(publish) => codec::write_publish(publish, output),
            Self::Release(packet_id) => codec::write_publish_released(*packet_id, output),
            Self::Subscribe(packet_id, filters) => codec::write_subscribe(*packet_id, filters, output),
            Self::Unsubscribe(packet_id, filters) => codec::write_unsubscribe(*packet_id, filters, output),
        }
    }
}
