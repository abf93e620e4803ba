//! Calls from the console or the platform's API to a device, and the device's answers.

use core::fmt;
use core::time::Duration;

use mqttbytes::QoS;
use mqttbytes::v4::Publish;
use serde_json::{Value, json};

use super::cloud::Standing;
use super::{Cloud, DeviceId, EventKind, Undelivered};

/// Why a call of the platform's API failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ApiError {
    /// No such device.
    NoDevice,
    /// The device is disabled.
    Disabled,
    /// The device is offline; the call is not queued.
    Offline,
    /// The parameters are not a JSON object, or too long.
    Parameters,
}

impl ApiError {
    /// The platform's number for it. `[D]`
    pub fn code(self) -> u32 {
        match self {
            Self::NoDevice => 6100,
            Self::Disabled => 6204,
            Self::Offline => 9201,
            Self::Parameters => 460,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::NoDevice => "no such device",
            Self::Disabled => "the device is disabled",
            Self::Offline => "the device is offline",
            Self::Parameters => "the parameters are not a JSON object, or too long",
        };
        write!(f, "{}: {text}", self.code())
    }
}

impl core::error::Error for ApiError {}

/// How a service is invoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Invocation {
    /// The answer may come at any time.
    Asynchronous,
    /// By RRPC: the answer has to come within 8 s.
    Synchronous,
}

/// A call to a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Who is called.
    pub device: DeviceId,
    /// Where the answer has to go.
    pub answer_topic: String,
    /// When it is given up.
    pub until: Option<Duration>,
    /// What became of it.
    pub state: CallState,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallState {
    /// No answer has come.
    Waiting,
    /// The device answered.
    Answered(DeviceReply),
    /// The device did not answer in time: the platform's log code 1905. `[D]`
    TimedOut,
}

/// A device's answer to a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeviceReply {
    /// Who answered.
    pub device: DeviceId,
    /// The id, which is that of the call if the device is right.
    pub id: String,
    /// The device's code: 200 for success; `None` if the answer has none.
    pub code: Option<i64>,
    /// The whole answer.
    pub payload: Vec<u8>,
}

impl Cloud {
    /// Sets properties of a device, as the console does, and gives the id of the call. The device's answer appears in
    /// [`Cloud::property_replies`].
    ///
    /// A device that is online but has not subscribed to the topic never learns of it, and the call still succeeds.
    pub fn set_property(
        &mut self,
        product_key: &str,
        device_name: &str,
        params_json: &str,
    ) -> Result<String, ApiError> {
        let device = self.callable(product_key, device_name)?;
        self.call_thing(&device, "service/property/set", "thing.service.property.set", parameters(params_json)?)
    }

    /// Invokes a service of a device and gives the id of the call, for [`Cloud::call`].
    ///
    /// Synchronously it goes by `/sys/../rrpc/request/{id}`, or by `/ext/rrpc/{id}/sys/../thing/service/{identifier}` if
    /// the device signed in with `ext=1` or `ext=3`.
    pub fn invoke_service(
        &mut self,
        product_key: &str,
        device_name: &str,
        identifier: &str,
        params_json: &str,
        invocation: Invocation,
    ) -> Result<String, ApiError> {
        let device = self.callable(product_key, device_name)?;
        let params = parameters(params_json)?;
        let (part, method) = (format!("service/{identifier}"), format!("thing.service.{identifier}"));
        if invocation == Invocation::Asynchronous {
            return self.call_thing(&device, &part, &method, params);
        }
        let request = self.request(&method, params).1;
        if self.devices[&device].session.custom_rrpc {
            self.rrpc_on(&device, &format!("sys/{device}/thing/{part}"), request.into_bytes())
        } else {
            self.rrpc_of(&device, request.into_bytes())
        }
    }

    /// Calls a device by `/sys/../rrpc/request/{id}` with any payload, and gives the id.
    pub fn rrpc(&mut self, product_key: &str, device_name: &str, payload: &[u8]) -> Result<String, ApiError> {
        let device = self.callable(product_key, device_name)?;
        self.rrpc_of(&device, payload.to_vec())
    }

    /// Calls a device by `/ext/rrpc/{id}/{topic}` and gives the id; with a topic that begins with a slash there are two
    /// of them, as the documentation has it. A device that signed in without `ext=1` never hears of it.
    pub fn rrpc_to(
        &mut self,
        product_key: &str,
        device_name: &str,
        topic: &str,
        payload: &[u8],
    ) -> Result<String, ApiError> {
        let device = self.callable(product_key, device_name)?;
        self.rrpc_on(&device, topic, payload.to_vec())
    }

    /// Sends a message to every device of a product that is online, whether it subscribed or not; gives to how many.
    pub fn broadcast(&mut self, product_key: &str, payload: &[u8]) -> Result<usize, ApiError> {
        if self.settings.limits.broadcast.is_some_and(|longest| payload.len() > longest) {
            return Err(ApiError::Parameters);
        }
        let id = self.next_rrpc();
        let qos = self.settings.open.platform_qos;
        let devices = self.online(product_key);
        for device in &devices {
            let topic = format!("/sys/{device}/broadcast/request/{id}");
            self.dispatch(device, Publish::new(topic, qos, payload));
        }
        Ok(devices.len())
    }

    /// What became of a call.
    pub fn call(&self, id: &str) -> Option<&Call> {
        self.calls.get(id)
    }

    /// What a device answered to [`Cloud::set_property`].
    pub fn property_replies(&self, product_key: &str, device_name: &str) -> Vec<&DeviceReply> {
        let topic = format!("/sys/{product_key}/{device_name}/thing/service/property/set_reply");
        let events = self.events().iter();
        events
            .filter_map(|event| match &event.kind {
                EventKind::Replied { topic: on, reply, .. } if *on == topic => Some(reply),
                _ => None,
            })
            .collect()
    }

    /// Takes the message of a device as an answer to a call, if its topic is one for answers.
    pub(super) fn take_answer(&mut self, device: &DeviceId, publish: &Publish) -> bool {
        let reply: Value = serde_json::from_slice(&publish.payload).unwrap_or_default();
        let (id, by_rrpc) = match answered_id(device, &publish.topic) {
            None => return false,
            Some(Some(id)) => (id.to_owned(), true),
            Some(None) => match reply.get("id") {
                Some(Value::String(id)) => (id.clone(), false),
                Some(id) => (id.to_string(), false),
                None => (String::new(), false),
            },
        };
        // Numbers and strings both occur. [C]
        let code = reply.get("code").and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
        let reply = DeviceReply { device: device.clone(), id, code, payload: publish.payload.to_vec() };
        let strict = by_rrpc && !self.settings.open.rrpc_answer_at_any_qos;
        let call = self.calls.get_mut(&reply.id).filter(|call| {
            call.state == CallState::Waiting
                && call.device == *device
                && call.answer_topic == publish.topic
                && (publish.qos == QoS::AtMostOnce || !strict)
        });
        let expected = call.is_some();
        if let Some(call) = call {
            call.state = CallState::Answered(reply.clone());
        }
        self.note(None, EventKind::Replied { topic: publish.topic.clone(), reply, expected });
        true
    }

    /// Gives up the calls that were not answered in time.
    pub(super) fn tend_calls(&mut self) {
        let now = self.now;
        let late = |call: &Call| call.state == CallState::Waiting && call.until.is_some_and(|until| until <= now);
        let mut given_up = Vec::new();
        for (id, call) in &mut self.calls {
            if late(call) {
                call.state = CallState::TimedOut;
                given_up.push((call.device.clone(), id.clone()));
            }
        }
        for (device, id) in given_up {
            self.note(None, EventKind::CallTimedOut { device, id });
        }
    }

    /// When [`Cloud::tend_calls`] next has something to do.
    pub(super) fn calls_due(&self) -> impl Iterator<Item = Duration> {
        let waiting = self.calls.values().filter(|call| call.state == CallState::Waiting);
        waiting.filter_map(|call| call.until)
    }

    /// Sends an Alink request to `/sys/../thing/{part}` and waits for its answer.
    pub(super) fn call_thing(
        &mut self,
        device: &DeviceId,
        part: &str,
        method: &str,
        params: &str,
    ) -> Result<String, ApiError> {
        let (id, request) = self.request(method, params);
        let topic = format!("/sys/{device}/thing/{part}");
        self.wait_for_answer(device, &id, &format!("{topic}_reply"), None);
        self.publish_down(device, &topic, request.into_bytes());
        Ok(id)
    }

    /// The devices of a product that are online.
    pub(super) fn online(&self, product_key: &str) -> Vec<DeviceId> {
        let states = self.devices.iter().filter(|(device, _)| device.product_key == product_key);
        states.filter(|(_, state)| state.connection.is_some()).map(|(device, _)| device.clone()).collect()
    }

    fn callable(&self, product_key: &str, device_name: &str) -> Result<DeviceId, ApiError> {
        let device = DeviceId::new(product_key, device_name);
        let state = self.devices.get(&device).ok_or(ApiError::NoDevice)?;
        match state.standing {
            Standing::Disabled => Err(ApiError::Disabled),
            Standing::Deleted => Err(ApiError::NoDevice),
            Standing::Enabled if state.connection.is_none() => Err(ApiError::Offline),
            Standing::Enabled => Ok(device),
        }
    }

    fn rrpc_of(&mut self, device: &DeviceId, payload: Vec<u8>) -> Result<String, ApiError> {
        let id = self.next_rrpc();
        let until = self.now + self.settings.limits.rrpc_wait;
        self.wait_for_answer(device, &id, &format!("/sys/{device}/rrpc/response/{id}"), Some(until));
        self.publish_down(device, &format!("/sys/{device}/rrpc/request/{id}"), payload);
        Ok(id)
    }

    fn rrpc_on(&mut self, device: &DeviceId, topic: &str, payload: Vec<u8>) -> Result<String, ApiError> {
        let id = self.next_rrpc();
        let topic = format!("/ext/rrpc/{id}/{topic}");
        let until = self.now + self.settings.limits.rrpc_wait;
        self.wait_for_answer(device, &id, &topic, Some(until));
        if self.devices[device].session.custom_rrpc {
            self.publish_down(device, &topic, payload);
        } else {
            let reason = Undelivered::NotSubscribed;
            self.note(None, EventKind::NotDelivered { device: device.clone(), topic, reason });
        }
        Ok(id)
    }

    fn wait_for_answer(&mut self, device: &DeviceId, id: &str, answer_topic: &str, until: Option<Duration>) {
        let (device, answer_topic) = (device.clone(), answer_topic.to_owned());
        self.calls.insert(id.to_owned(), Call { device, answer_topic, until, state: CallState::Waiting });
    }

    /// A request, written out for the order of a capture `[C]` and for the parameters just as they were given.
    fn request(&mut self, method: &str, params: &str) -> (String, String) {
        let id = self.next_id.to_string();
        self.next_id = self.next_id.wrapping_add(1);
        let request = format!(r#"{{"method":{},"id":"{id}","params":{params},"version":"1.0.0"}}"#, json!(method));
        (id, request)
    }

    fn next_rrpc(&mut self) -> String {
        let id = self.next_rrpc_id.to_string();
        self.next_rrpc_id = self.next_rrpc_id.wrapping_add(1);
        id
    }
}

/// Checks parameters, which stay as they are written.
fn parameters(json: &str) -> Result<&str, ApiError> {
    let json = json.trim();
    let is_object = serde_json::from_str::<Value>(json).is_ok_and(|params| params.is_object());
    if is_object { Ok(json) } else { Err(ApiError::Parameters) }
}

/// Whether a topic is one for answers, and the id if it is part of the topic.
fn answered_id<'a>(device: &DeviceId, topic: &'a str) -> Option<Option<&'a str>> {
    if let Some(id) = topic.strip_prefix(&format!("/sys/{device}/rrpc/response/")) {
        return Some(Some(id));
    }
    if let Some(rest) = topic.strip_prefix("/ext/rrpc/") {
        return Some(rest.split('/').next());
    }
    let part = topic.strip_prefix(&format!("/sys/{device}/thing/"))?;
    let is_answer = part == "config/push_reply" || part.starts_with("service/") && part.ends_with("_reply");
    is_answer.then_some(None)
}
