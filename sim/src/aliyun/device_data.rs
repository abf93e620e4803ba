//! What the platform keeps of a device's properties and tags, and of a product's remote configuration.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::shadow::Shadow;
use super::{ApiError, Cloud, DeviceId, EventKind, UnfitProperties};

/// Properties and events in one post; tags in one request; entries of a log; devices of a pack. `[D]`
const MOST_PROPERTIES: usize = 200;
const MOST_EVENTS: usize = 20;
const MOST_TAGS: usize = 200;
const MOST_LOG_ENTRIES: usize = 40;
const MOST_SUB_DEVICES: usize = 20;

/// What is kept of a device.
#[derive(Debug, Default)]
pub(super) struct DeviceData {
    /// The last value of each property.
    properties: BTreeMap<String, Value>,
    desired: BTreeMap<String, Desired>,
    tags: BTreeMap<String, String>,
    pub(super) shadow: Shadow,
}

/// A value that a property is to get; the version outlives the value.
#[derive(Debug, Default)]
struct Desired {
    value: Option<Value>,
    version: u64,
}

/// The remote configuration of a product whose switch is on.
#[derive(Debug, Default)]
pub(super) struct RemoteConfig {
    current: Option<(String, Vec<u8>)>,
}

impl RemoteConfig {
    fn data(&self) -> Result<Value, u32> {
        let (id, content) = self.current.as_ref().ok_or(6710_u32)?;
        let sign: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(json!({
            "configId": id,
            "configSize": content.len(),
            "getType": "file",
            "sign": sign,
            "signMethod": "Sha256",
            "url": format!("https://config.example/{id}"),
        }))
    }
}

impl Cloud {
    /// Does what an Alink request to `/sys/../thing/{part}` asks for: the code and the data of the reply, or `None` if
    /// it is no such request.
    pub(super) fn serve(&mut self, device: &DeviceId, part: &str, params: &Value) -> Option<Result<Value, u32>> {
        Some(match part {
            "property/desired/get" => self.desired(device, params),
            "property/desired/delete" => self.delete_desired(device, params),
            "deviceinfo/update" => self.update_tags(device, params),
            "deviceinfo/delete" => self.delete_tags(device, params),
            "config/get" => match self.configs.get(&device.product_key) {
                Some(config) => config.data(),
                None => Err(6713),
            },
            "config/log/get" => Ok(json!({ "getType": "content", "content": { "mode": 0 } })),
            "log/post" => at_most(params.as_array().map(Vec::len), MOST_LOG_ENTRIES),
            _ => self.take_post(device, part.strip_prefix("event/")?.strip_suffix("/post")?, params),
        })
    }

    /// Whether a request to this part is answered at all.
    pub(super) fn serves(part: &str) -> bool {
        let is_post = part.strip_prefix("event/").is_some_and(|part| part.ends_with("/post"));
        is_post
            || [
                "property/desired/get",
                "property/desired/delete",
                "deviceinfo/update",
                "deviceinfo/delete",
                "config/get",
                "config/log/get",
                "log/post",
            ]
            .contains(&part)
    }

    fn take_post(&mut self, device: &DeviceId, what: &str, params: &Value) -> Result<Value, u32> {
        match (what, params) {
            ("property", Value::Object(params)) => self.take_properties(device, params),
            ("property/batch", Value::Object(params)) => {
                let none = Map::new();
                let part = |name| params.get(name).map_or(Some(&none), Value::as_object).ok_or(460_u32);
                let (properties, events) = (part("properties")?, part("events")?);
                if events.len() > MOST_EVENTS {
                    return Err(460);
                }
                // The last of each list is the newest.
                let newest = properties.iter().map(|(name, values)| {
                    let newest = values.as_array().and_then(|values| values.last()).ok_or(460_u32)?;
                    Ok((name.clone(), newest.clone()))
                });
                let newest: Map<_, _> = newest.collect::<Result<_, u32>>()?;
                self.take_properties(device, &newest)
            }
            // What was is not what is: a history changes no current value.
            ("property/history", Value::Array(_)) => Ok(json!({})),
            ("property/pack", Value::Object(params)) => at_most(
                params.get("subDevices").map_or(Some(0), |list| list.as_array().map(Vec::len)),
                MOST_SUB_DEVICES,
            ),
            (identifier, Value::Object(params)) if !identifier.contains('/') => {
                let (device, identifier, params) = (device.clone(), identifier.to_owned(), params.clone());
                self.note(None, EventKind::EventPosted { device, identifier, params });
                Ok(json!({}))
            }
            _ => Err(460),
        }
    }

    /// Takes what fits the product's model; what does not is left out, or the whole refused for it. `[D]`, which is `[U]`.
    fn take_properties(&mut self, device: &DeviceId, params: &Map<String, Value>) -> Result<Value, u32> {
        if params.len() > MOST_PROPERTIES {
            return Err(6106);
        }
        let model = self.settings.models.get(&device.product_key);
        let mut properties = Map::new();
        for (name, value) in params {
            let value = without_time(value);
            match model.map_or(Ok(()), |model| model.check(name, value)) {
                Ok(()) => {
                    properties.insert(name.clone(), value.clone());
                }
                Err(code) if self.settings.open.unfit_properties == UnfitProperties::Refuse => return Err(code),
                Err(_) => {}
            }
        }
        let data = &mut self.devices.get_mut(device).expect("it is signed in").data;
        data.properties.extend(properties.clone());
        self.note(None, EventKind::PropertiesPosted { device: device.clone(), properties });
        Ok(json!({}))
    }

    /// The value and the version of each property asked for that has a desired value. `[D]`
    fn desired(&self, device: &DeviceId, params: &Value) -> Result<Value, u32> {
        let names = params.as_array().ok_or(460_u32)?;
        let desired = &self.devices[device].data.desired;
        let mut data = Map::new();
        for name in names {
            let name = name.as_str().ok_or(460_u32)?;
            if let Some(Desired { value: Some(value), version }) = desired.get(name) {
                data.insert(name.to_owned(), json!({ "value": value, "version": version }));
            }
        }
        Ok(Value::Object(data))
    }

    fn delete_desired(&mut self, device: &DeviceId, params: &Value) -> Result<Value, u32> {
        let names = params.as_object().ok_or(460_u32)?;
        let any_version = self.settings.open.delete_desired_of_any_version;
        let desired = &mut self.devices.get_mut(device).expect("it is signed in").data.desired;
        for (name, limits) in names {
            let version = limits.get("version").and_then(Value::as_u64);
            if let Some(entry) = desired.get_mut(name)
                && (any_version || version.is_none_or(|version| version == entry.version))
            {
                entry.value = None;
            }
        }
        Ok(json!({}))
    }

    fn update_tags(&mut self, device: &DeviceId, params: &Value) -> Result<Value, u32> {
        let tags = params.as_array().filter(|tags| tags.len() <= MOST_TAGS).ok_or(460_u32)?;
        let text = |tag: &Value, part| tag.get(part).and_then(Value::as_str).map(str::to_owned);
        let tags = tags.iter().map(|tag| {
            let key = text(tag, "attrKey").filter(|key| is_tag_key(key))?;
            Some((key, text(tag, "attrValue")?))
        });
        let tags: Option<BTreeMap<_, _>> = tags.collect();
        self.devices.get_mut(device).expect("it is signed in").data.tags.extend(tags.ok_or(460_u32)?);
        Ok(json!({}))
    }

    fn delete_tags(&mut self, device: &DeviceId, params: &Value) -> Result<Value, u32> {
        let tags = params.as_array().filter(|tags| tags.len() <= MOST_TAGS).ok_or(460_u32)?;
        let keys: Option<Vec<&str>> = tags.iter().map(|tag| tag.get("attrKey")?.as_str()).collect();
        let kept = &mut self.devices.get_mut(device).expect("it is signed in").data.tags;
        for key in keys.ok_or(460_u32)? {
            kept.remove(key);
        }
        Ok(json!({}))
    }

    /// The last value of a property that a device posted, as the console shows it.
    pub fn property(&self, product_key: &str, device_name: &str, name: &str) -> Option<&Value> {
        self.devices.get(&DeviceId::new(product_key, device_name))?.data.properties.get(name)
    }

    /// The value of a device's tag.
    pub fn tag(&self, product_key: &str, device_name: &str, key: &str) -> Option<&str> {
        let tags = &self.devices.get(&DeviceId::new(product_key, device_name))?.data.tags;
        tags.get(key).map(String::as_str)
    }

    /// The desired value of a device's property, and its version.
    pub fn desired_property(&self, product_key: &str, device_name: &str, name: &str) -> Option<(&Value, u64)> {
        let desired = self.devices.get(&DeviceId::new(product_key, device_name))?.data.desired.get(name)?;
        Some((desired.value.as_ref()?, desired.version))
    }

    /// Sets desired values of a device's properties. A device that is online is told at once, as by
    /// [`Cloud::set_property`] `[D]`, whose id is given then; one that is offline asks when it is back.
    pub fn set_desired(
        &mut self,
        product_key: &str,
        device_name: &str,
        params_json: &str,
    ) -> Result<Option<String>, ApiError> {
        let device = DeviceId::new(product_key, device_name);
        let params: Map<_, _> = serde_json::from_str(params_json).map_err(|_| ApiError::Parameters)?;
        let state = self.devices.get_mut(&device).ok_or(ApiError::NoDevice)?;
        for (name, value) in params {
            let entry = state.data.desired.entry(name).or_default();
            *entry = Desired { value: Some(value), version: entry.version + 1 };
        }
        match self.set_property(product_key, device_name, params_json) {
            Ok(id) => Ok(Some(id)),
            Err(ApiError::Offline) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Switches the remote configuration of a product on, without content, or off.
    pub fn switch_config(&mut self, product_key: &str, on: bool) {
        if on {
            self.configs.entry(product_key.to_owned()).or_default();
        } else {
            self.configs.remove(product_key);
        }
    }

    /// Gives a product a new configuration and pushes it to every device that is online; gives the ids of the calls.
    pub fn push_config(&mut self, product_key: &str, content: &[u8]) -> Vec<String> {
        let id = format!("config{}", self.next_id);
        let config = RemoteConfig { current: Some((id, content.to_vec())) };
        let data = config.data().expect("it has content").to_string();
        self.configs.insert(product_key.to_owned(), config);
        let devices = self.online(product_key);
        devices
            .iter()
            .filter_map(|device| self.call_thing(device, "config/push", "thing.config.push", &data).ok())
            .collect()
    }
}

/// A property with its time is `{"value":..,"time":..}`.
fn without_time(value: &Value) -> &Value {
    let Some(object) = value.as_object() else { return value };
    match object.get("value") {
        Some(inner) if object.keys().all(|key| key == "value" || key == "time") => inner,
        _ => value,
    }
}

fn is_tag_key(key: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    matches!(key.len(), 1..=64) && key.chars().all(plain) && !key.starts_with(|c: char| c.is_ascii_digit())
}

/// 460 for what is no list, or too long a one.
fn at_most(length: Option<usize>, most: usize) -> Result<Value, u32> {
    if length.is_some_and(|length| length <= most) { Ok(json!({})) } else { Err(460) }
}
