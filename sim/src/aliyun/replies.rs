//! What the platform does with a message to one of its own topics, and what it answers.

use mqttbytes::QoS;
use mqttbytes::v4::Publish;
use serde_json::{Value, json};

use super::alink::{self, Request};
use super::{Cloud, DeviceId};

impl Cloud {
    /// Answers a message to one of the platform's own topics, if it is one that gets an answer.
    pub(super) fn reply(&mut self, device: &DeviceId, publish: &Publish) {
        if publish.topic == format!("/ext/ntp/{device}/request") {
            self.tell_time(device, publish);
        } else if publish.topic == format!("/shadow/update/{device}") {
            self.take_shadow(device, &publish.payload);
        } else if !self.take_ota(device, publish)
            && !self.take_answer(device, publish)
            && let Some(part) = publish.topic.strip_prefix(&format!("/sys/{device}/thing/"))
            && Self::serves(part)
        {
            self.take_request(device, part, &publish.payload);
        }
    }

    /// Does what an Alink request asks for, and answers it unless `sys.ack` is 0.
    fn take_request(&mut self, device: &DeviceId, part: &str, payload: &[u8]) {
        let request = Request::parse(payload, self.settings.open.method_required);
        let verdict = match (self.request_code, request.params) {
            (Some(code), _) | (None, Err(code)) => Err(code),
            (None, Ok(params)) => match self.serve(device, part, &params) {
                Some(verdict) => verdict,
                None => return,
            },
        };
        if !request.wants_reply {
            return;
        }
        let (code, data) = match verdict {
            Ok(data) => (200, data),
            Err(code) => (code, json!({})),
        };
        let reply = alink::reply(&request.id, code, &data, &format!("thing.{}", part.replace('/', ".")));
        self.publish_down(device, &format!("/sys/{device}/thing/{part}_reply"), reply.into_bytes());
    }

    /// Sends a message of the platform itself.
    pub(super) fn publish_down(&mut self, device: &DeviceId, topic: &str, payload: Vec<u8>) -> bool {
        self.deliver(device, Publish::new(topic, self.settings.open.platform_qos, payload))
    }

    /// Milliseconds since 1970.
    pub(super) fn milliseconds(&self) -> u64 {
        self.settings.epoch + self.now.as_millis() as u64
    }

    /// Its QoS is 0 `[D]`; that it is not answered otherwise is `[U]`.
    fn tell_time(&mut self, device: &DeviceId, publish: &Publish) {
        if publish.qos == QoS::AtMostOnce
            && let Some(answer) = self.ntp_response(&publish.payload)
        {
            self.publish_down(device, &format!("/ext/ntp/{device}/response"), answer.into_bytes());
        }
    }

    /// The time, in the device's own type: a number for a number, a string for a string. `[D]`
    fn ntp_response(&self, request: &[u8]) -> Option<String> {
        let request: Value = serde_json::from_slice(request).ok()?;
        let sent = request.get("deviceSendTime")?;
        let received = self.milliseconds();
        let answered = received + self.settings.ntp_turnaround.as_millis() as u64;
        let time = |time: u64| {
            if sent.is_string() { json!(time.to_string()) } else { json!(time) }
        };
        Some(
            json!({ "deviceSendTime": sent, "serverRecvTime": time(received), "serverSendTime": time(answered) })
                .to_string(),
        )
    }
}
