//! What the platform answers by itself: posts of properties and events, and the time. Also what it reads of a device's
//! answers.

use mqttbytes::QoS;
use mqttbytes::v4::Publish;
use serde_json::{Value, json};

use super::{Cloud, DeviceId, EventKind, PropertyReply};

/// More properties in one post are an error. `[D]`
const MOST_PROPERTIES: usize = 200;

impl Cloud {
    /// Answers a message to one of the platform's own topics, if it is one that gets an answer.
    pub(super) fn reply(&mut self, device: &DeviceId, publish: &Publish) {
        let payload = &publish.payload[..];
        if publish.topic == format!("/ext/ntp/{device}/request") {
            // Its QoS is 0 [D]; that it is not answered otherwise is [U].
            if publish.qos == QoS::AtMostOnce
                && let Some(answer) = self.ntp_response(payload)
            {
                self.publish_down(device, &format!("/ext/ntp/{device}/response"), answer.into_bytes());
            }
            return;
        }
        if self.take_ota(device, publish) {
            return;
        }
        let Some(part) = publish.topic.strip_prefix(&format!("/sys/{device}/thing/")) else {
            return;
        };
        if part == "service/property/set_reply" {
            self.note(None, EventKind::PropertyReplied(property_reply(device, payload)));
        } else if let Some(what) = part.strip_prefix("event/").and_then(|part| part.strip_suffix("/post"))
            && let Some(answer) = post_reply(what, payload, self.post_code)
        {
            self.publish_down(device, &format!("/sys/{device}/thing/event/{what}/post_reply"), answer.into_bytes());
        }
    }

    /// Sends a message of the platform itself.
    pub(super) fn publish_down(&mut self, device: &DeviceId, topic: &str, payload: Vec<u8>) -> bool {
        self.deliver(device, Publish::new(topic, self.settings.open.platform_qos, payload))
    }

    /// The time, in the device's own type: a number for a number, a string for a string. `[D]`
    fn ntp_response(&self, request: &[u8]) -> Option<String> {
        let request: Value = serde_json::from_slice(request).ok()?;
        let sent = request.get("deviceSendTime")?;
        let received = self.settings.epoch + self.now.as_millis() as u64;
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

/// The reply to a post of properties, of an event, or of `property/batch`, in the form of a capture `[C]`; none if the device wants none with `sys.ack` 0. `[S]`
fn post_reply(what: &str, payload: &[u8], forced: Option<u32>) -> Option<String> {
    let post: Result<Value, _> = serde_json::from_slice(payload);
    if let Ok(post) = &post
        && post.pointer("/sys/ack").is_some_and(|ack| ack == 0)
    {
        return None;
    }
    let (id, code) = match &post {
        // An id comes back as it came, string or number. [S]
        Ok(post) => (post.get("id").cloned().unwrap_or_else(|| json!("")), forced.unwrap_or_else(|| judge(what, post))),
        Err(_) => (json!(""), forced.unwrap_or(6207)),
    };
    let message = match code {
        200 => "success",
        460 => "request parameter error",
        6106 => "the number of properties exceeds the limit",
        6207 => "the data is not a JSON object",
        _ => "error",
    };
    let reply = json!({
        "code": code,
        "data": {},
        "id": id,
        "message": message,
        "method": format!("thing.event.{}.post", what.replace('/', ".")),
        "version": "1.0",
    });
    Some(reply.to_string())
}

/// The code that a post deserves. `[D]`
fn judge(what: &str, post: &Value) -> u32 {
    if !post.is_object() {
        return 6207;
    }
    match post.get("params") {
        Some(Value::Object(params)) if what == "property" && params.len() > MOST_PROPERTIES => 6106,
        Some(Value::Object(_)) => 200,
        // A history is a list. [D]
        Some(Value::Array(_)) if what != "property" => 200,
        _ => 460,
    }
}

fn property_reply(device: &DeviceId, payload: &[u8]) -> PropertyReply {
    let reply: Value = serde_json::from_slice(payload).unwrap_or_default();
    let id = match reply.get("id") {
        Some(Value::String(id)) => id.clone(),
        Some(id) => id.to_string(),
        None => String::new(),
    };
    // Numbers and strings both occur. [C]
    let code = reply.get("code").and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
    PropertyReply { device: device.clone(), id, code, payload: payload.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(what: &str, payload: &str) -> Value {
        let reply = post_reply(what, payload.as_bytes(), None).expect("a reply");
        serde_json::from_str::<Value>(&reply).expect("JSON")["code"].clone()
    }

    #[test]
    fn the_reply_to_a_post_is_that_of_a_capture() {
        let post = br#"{"id":"1","version":"1.0","params":{"Power":"on"},"method":"thing.event.property.post"}"#;
        let captured = concat!(
            r#"{"code":200,"data":{},"id":"1","message":"success","#,
            r#""method":"thing.event.property.post","version":"1.0"}"#
        );
        assert_eq!(post_reply("property", post, None).as_deref(), Some(captured));
    }

    #[test]
    fn an_id_comes_back_as_it_came() {
        for id in [r#""1|exp-topic|/sys/x""#, "7", r#""4294967295""#] {
            let reply = post_reply("property", format!(r#"{{"id":{id},"params":{{}}}}"#).as_bytes(), None).unwrap();
            assert!(reply.contains(&format!(r#""id":{id},"#)), "{reply}");
        }
    }

    #[test]
    fn a_post_that_wants_no_reply_gets_none() {
        assert_eq!(post_reply("property", br#"{"id":"1","params":{},"sys":{"ack":0}}"#, None), None);
        assert!(post_reply("property", br#"{"id":"1","params":{},"sys":{"ack":1}}"#, None).is_some());
    }

    #[test]
    fn a_bad_post_gets_its_code() {
        assert_eq!(code_of("property", "{params:{temp:10}}"), 6207);
        assert_eq!(code_of("property", "[]"), 6207);
        assert_eq!(code_of("property", r#"{"id":"1"}"#), 460);
        let params = |count| {
            let params: serde_json::Map<_, _> = (0..count).map(|n| (format!("p{n}"), json!(n))).collect();
            json!({ "id": "1", "params": params }).to_string()
        };
        assert_eq!(code_of("property", &params(200)), 200);
        assert_eq!(code_of("property", &params(201)), 6106);
        assert_eq!(code_of("alarm", &params(201)), 200);
        assert_eq!(code_of("property", r#"{"id":"1","params":[]}"#), 460);
        assert_eq!(code_of("property/history", r#"{"id":"1","params":[]}"#), 200);
    }

    #[test]
    fn a_devices_reply_is_read_with_numbers_or_strings() {
        let device = DeviceId::new("pk", "dn");
        for payload in [r#"{"id":"5","code":200,"data":{}}"#, r#"{"id":5,"code":"200"}"#] {
            let reply = property_reply(&device, payload.as_bytes());
            assert_eq!((reply.id.as_str(), reply.code), ("5", Some(200)));
        }
        assert_eq!(property_reply(&device, b"junk").code, None);
    }
}
