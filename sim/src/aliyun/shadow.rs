//! The shadow of a device: a JSON document with a version, which device and application write.

use serde_json::{Map, Value, json};

use super::{ApiError, Cloud, DeviceId};

/// Attributes of each part; bytes of a document. `[D]`
const MOST_ATTRIBUTES: usize = 128;
const LONGEST: usize = 16 * 1024;

/// The document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shadow {
    /// Grows with every change; 0 for a shadow that nobody has written.
    pub version: i64,
    /// What the device told.
    pub reported: Map<String, Value>,
    /// What the application wants.
    pub desired: Map<String, Value>,
}

/// The number and the text of an error. `[D]`; which fault has which number is from memory of the documentation `[U]`.
type Fault = (u32, &'static str);

impl Shadow {
    /// Answers what a device published to `/shadow/update/..`, at so many seconds since 1970.
    fn answer(&mut self, payload: &[u8], unchecked_zero: bool, seconds: u64) -> Value {
        let (version, payload) = match self.take(payload, unchecked_zero) {
            Ok(true) => (Some(self.version), self.document()),
            Ok(false) => (None, json!({ "status": "success", "version": self.version })),
            Err((code, text)) => {
                let content = json!({ "errorcode": code.to_string(), "errormessage": text });
                (None, json!({ "status": "error", "content": content }))
            }
        };
        let mut reply = json!({ "method": "reply", "payload": payload, "timestamp": seconds });
        if let Some(version) = version {
            reply["version"] = json!(version);
        }
        reply
    }

    fn document(&self) -> Value {
        json!({
            "status": "success",
            "state": { "reported": self.reported, "desired": self.desired },
            "metadata": {},
        })
    }

    /// True if the document itself was asked for.
    fn take(&mut self, payload: &[u8], unchecked_zero: bool) -> Result<bool, Fault> {
        if payload.len() > LONGEST {
            return Err((400, "too long"));
        }
        let request: Value = serde_json::from_slice(payload).map_err(|_| (400, "not JSON"))?;
        let request = request.as_object().ok_or((400, "not a JSON object"))?;
        if request.is_empty() {
            return Err((407, "the document is empty"));
        }
        let method = request.get("method").ok_or((401, "no method"))?;
        if method == "get" {
            return Ok(true);
        }
        if method != "update" && method != "delete" {
            return Err((406, "no such method"));
        }
        let state = request.get("state").and_then(Value::as_object).ok_or((402, "no state"))?;
        let version = request.get("version").and_then(Value::as_i64).ok_or((403, "the version is no number"))?;
        let next = match version {
            // It begins anew. [D]
            -1 => 0,
            0 if unchecked_zero => self.version + 1,
            version if version > self.version => version,
            _ => return Err((409, "the version is not above that of the shadow")),
        };
        let mut changed = self.clone();
        changed.version = next;
        if method == "update" {
            changed.update(state)?
        } else {
            changed.delete(state)?
        }
        *self = changed;
        Ok(false)
    }

    fn update(&mut self, state: &Map<String, Value>) -> Result<(), Fault> {
        if state.get("desired").is_some_and(|desired| desired == "null") {
            self.desired.clear();
        }
        match state.get("reported") {
            Some(Value::Object(reported)) if reported.is_empty() => return Err((405, "reported is empty")),
            Some(Value::Object(reported)) => self.reported.extend(reported.clone()),
            _ if state.contains_key("desired") => {}
            _ => return Err((404, "no reported")),
        }
        if self.reported.len() > MOST_ATTRIBUTES { Err((408, "more than 128 attributes")) } else { Ok(()) }
    }

    /// The text `null` stands for deletion, of one attribute or of all.
    fn delete(&mut self, state: &Map<String, Value>) -> Result<(), Fault> {
        match state.get("reported").ok_or((404, "no reported"))? {
            Value::Object(attributes) => attributes.iter().for_each(|(name, value)| {
                if value == "null" {
                    self.reported.remove(name);
                }
            }),
            whole if whole == "null" => self.reported.clear(),
            _ => return Err((404, "no reported")),
        }
        Ok(())
    }
}

impl Cloud {
    /// Answers what a device published to its shadow.
    pub(super) fn take_shadow(&mut self, device: &DeviceId, payload: &[u8]) {
        let (unchecked_zero, seconds) = (self.settings.open.shadow_version_0_is_unchecked, self.milliseconds() / 1000);
        let state = self.devices.get_mut(device).expect("it is signed in");
        let reply = state.data.shadow.answer(payload, unchecked_zero, seconds);
        self.publish_down(device, &format!("/shadow/get/{device}"), reply.to_string().into_bytes());
    }

    /// Adds to what the application wants of a device, in its shadow, and gives the new version. A device that is online
    /// is told at once.
    pub fn update_shadow(&mut self, product_key: &str, device_name: &str, desired_json: &str) -> Result<i64, ApiError> {
        let device = DeviceId::new(product_key, device_name);
        let desired: Map<_, _> = serde_json::from_str(desired_json).map_err(|_| ApiError::Parameters)?;
        let seconds = self.milliseconds() / 1000;
        let state = self.devices.get_mut(&device).ok_or(ApiError::NoDevice)?;
        let shadow = &mut state.data.shadow;
        shadow.desired.extend(desired);
        shadow.version += 1;
        let version = shadow.version;
        let control = json!({
            "method": "control", "payload": shadow.document(), "version": version, "timestamp": seconds,
        });
        if state.connection.is_some() {
            self.publish_down(&device, &format!("/shadow/get/{device}"), control.to_string().into_bytes());
        }
        Ok(version)
    }

    /// The shadow of a device.
    pub fn shadow(&self, product_key: &str, device_name: &str) -> Option<&Shadow> {
        Some(&self.devices.get(&DeviceId::new(product_key, device_name))?.data.shadow)
    }
}
