//! Updates over MQTT: images that are pushed, files that are given out in blocks, and what devices report of them.

use core::fmt::Write as _;
use std::collections::BTreeMap;

use mqttbytes::v4::Publish;
use serde_json::{Value, json};
use sha2::Digest as _;

use super::{ApiError, Cloud, DeviceId};

/// An image as the console takes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OtaImage {
    /// Its version.
    pub version: String,
    /// The module that it is for; `None` is the device itself.
    pub module: Option<String>,
    /// The image.
    pub bytes: Vec<u8>,
    /// What it is verified by.
    pub hash: OtaHash,
}

/// What an image is verified by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OtaHash {
    /// `Md5`.
    Md5,
    /// `SHA256`.
    Sha256,
}

/// The two bytes behind a block, of which only the number is known. `[C]`, `[U]`
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OtaTail {
    /// CRC-16 with the polynomial of IBM, its low byte first.
    IbmLowFirst,
    /// The same, its high byte first.
    IbmHighFirst,
    /// CRC-16 with the polynomial of CCITT, its high byte first.
    CcittHighFirst,
}

/// A choice for what no source settles about updates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OtaQuestions {
    /// The two bytes behind a block.
    pub tail: OtaTail,
    /// The most bytes of a block; more are answered with code 460.
    pub largest_block: usize,
    /// Whether numbers in answers are text.
    pub numbers_as_text: bool,
}

impl Default for OtaQuestions {
    fn default() -> Self {
        Self { tail: OtaTail::IbmLowFirst, largest_block: 128 * 1024, numbers_as_text: false }
    }
}

/// What the platform knows of updates.
#[derive(Debug, Default)]
pub(super) struct Updates {
    files: BTreeMap<u64, Vec<u8>>,
    /// By device and module, until that version is reported.
    pending: BTreeMap<(DeviceId, String), Value>,
    versions: BTreeMap<(DeviceId, String), String>,
    progress: Vec<(DeviceId, String)>,
    requests: usize,
    last_stream: u64,
}

const DEFAULT: &str = "default";

impl Cloud {
    /// Offers an update to a device, now if it is online, and again whenever it reports another version. Gives the number of its stream.
    pub fn ota_push(&mut self, product_key: &str, device_name: &str, image: OtaImage) -> Result<u64, ApiError> {
        let device = DeviceId::new(product_key, device_name);
        if !self.devices.contains_key(&device) {
            return Err(ApiError::NoDevice);
        }
        self.updates.last_stream += 1;
        let stream = 12_331 + self.updates.last_stream;
        let (method, sign) = match image.hash {
            OtaHash::Md5 => ("Md5", hex(&md5::Md5::digest(&image.bytes))),
            OtaHash::Sha256 => ("SHA256", hex(&sha2::Sha256::digest(&image.bytes))),
        };
        let mut data = json!({
            "size": image.bytes.len(),
            "streamId": stream,
            "sign": sign,
            "dProtocol": "mqtt",
            "version": image.version,
            "signMethod": method,
            "streamFileId": 1,
            "extData": { "_package_udi": "{\"any\":[1,2]}" },
        });
        if image.hash == OtaHash::Md5 {
            data["md5"] = json!(sign);
        }
        if let Some(module) = &image.module {
            data["module"] = json!(module);
        }
        self.updates.files.insert(stream, image.bytes);
        let module = image.module.unwrap_or_else(|| DEFAULT.into());
        self.updates.pending.insert((device.clone(), module.clone()), data);
        self.offer(&device, &module);
        Ok(stream)
    }

    /// Changes a byte of a file whose hash was announced already.
    pub fn ota_corrupt(&mut self, stream: u64, at: usize) {
        if let Some(byte) = self.updates.files.get_mut(&stream).and_then(|file| file.get_mut(at)) {
            *byte ^= 0x10;
        }
    }

    /// Whether an update is neither installed nor replaced.
    pub fn ota_is_pending(&self, product_key: &str, device_name: &str, module: Option<&str>) -> bool {
        self.updates.pending.contains_key(&key(product_key, device_name, module))
    }

    /// The version that was reported last.
    pub fn ota_version(&self, product_key: &str, device_name: &str, module: Option<&str>) -> Option<&str> {
        self.updates.versions.get(&key(product_key, device_name, module)).map(String::as_str)
    }

    /// The steps that a device reported, in their order.
    pub fn ota_progress(&self, product_key: &str, device_name: &str) -> Vec<&str> {
        let device = DeviceId::new(product_key, device_name);
        let steps = self.updates.progress.iter().filter(|(of, _)| *of == device);
        steps.map(|(_, step)| step.as_str()).collect()
    }

    /// How many blocks were asked for.
    pub fn ota_requests(&self) -> usize {
        self.updates.requests
    }

    /// Takes a message to one of the topics of updates; false if it is to none of them.
    pub(super) fn take_ota(&mut self, device: &DeviceId, publish: &Publish) -> bool {
        let topic = publish.topic.as_str();
        let request: Value = serde_json::from_slice(&publish.payload).unwrap_or_default();
        let module = request["params"]["module"].as_str().unwrap_or(DEFAULT).to_owned();
        if topic == format!("/ota/device/inform/{device}") {
            if let Some(version) = request["params"]["version"].as_str() {
                self.take_version(device, module, version);
            }
        } else if topic == format!("/ota/device/progress/{device}") {
            if let Some(step) = request["params"]["step"].as_str() {
                self.updates.progress.push((device.clone(), step.into()));
            }
        } else if topic == format!("/sys/{device}/thing/ota/firmware/get") {
            let data = self.updates.pending.get(&(device.clone(), module)).cloned().unwrap_or(json!({}));
            let reply = json!({ "id": request["id"], "code": 200, "data": data });
            self.publish_down(device, &format!("{topic}_reply"), reply.to_string().into_bytes());
        } else if topic == format!("/sys/{device}/thing/file/download") {
            self.updates.requests += 1;
            let reply = self.block(&request);
            self.publish_down(device, &format!("{topic}_reply"), reply);
        } else {
            return false;
        }
        true
    }

    /// Success is decided by the version. `[D]`
    fn take_version(&mut self, device: &DeviceId, module: String, version: &str) {
        let key = (device.clone(), module);
        if self.updates.pending.get(&key).is_some_and(|data| data["version"] == version) {
            self.updates.pending.remove(&key);
        }
        let module = key.1.clone();
        self.updates.versions.insert(key, version.into());
        self.offer(device, &module);
    }

    /// The code is text and the id a number, as captured. `[C]`
    fn offer(&mut self, device: &DeviceId, module: &str) {
        if let Some(data) = self.updates.pending.get(&(device.clone(), module.into())) {
            let id = self.settings.epoch + self.now.as_millis() as u64;
            let push = json!({ "code": "1000", "data": data, "id": id, "message": "success" });
            self.publish_down(device, &format!("/ota/device/upgrade/{device}"), push.to_string().into_bytes());
        }
    }

    fn block(&self, request: &Value) -> Vec<u8> {
        let questions = self.settings.open.ota;
        let params = &request["params"];
        let file = params["fileInfo"]["streamId"].as_u64().and_then(|stream| self.updates.files.get(&stream));
        let offset = params["fileBlock"]["offset"].as_u64().map(|offset| offset as usize);
        let size = params["fileBlock"]["size"].as_u64().map(|size| size as usize);
        let part = match (file, offset, size) {
            (Some(file), Some(offset), Some(size)) if size > 0 && size <= questions.largest_block => file
                .get(offset..)
                .filter(|rest| !rest.is_empty())
                .map(|rest| (file.len(), offset, &rest[..size.min(rest.len())])),
            _ => None,
        };
        let number = |number: usize| if questions.numbers_as_text { json!(number.to_string()) } else { json!(number) };
        let (answer, bytes) = match part {
            Some((length, offset, bytes)) => (
                json!({ "id": request["id"], "code": number(200), "data": {
                    "fileLength": number(length), "bSize": number(bytes.len()), "bOffset": number(offset),
                } }),
                bytes,
            ),
            None => (json!({ "id": request["id"], "code": number(460), "data": {} }), &[][..]),
        };
        let answer = answer.to_string();
        let mut reply = (answer.len() as u16).to_be_bytes().to_vec();
        reply.extend_from_slice(answer.as_bytes());
        reply.extend_from_slice(bytes);
        reply.extend_from_slice(&tail(questions.tail, bytes));
        reply
    }
}

fn key(product_key: &str, device_name: &str, module: Option<&str>) -> (DeviceId, String) {
    (DeviceId::new(product_key, device_name), module.unwrap_or(DEFAULT).into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn tail(kind: OtaTail, bytes: &[u8]) -> [u8; 2] {
    match kind {
        OtaTail::IbmLowFirst => ibm(bytes).to_le_bytes(),
        OtaTail::IbmHighFirst => ibm(bytes).to_be_bytes(),
        OtaTail::CcittHighFirst => bytes
            .iter()
            .fold(0_u16, |sum, byte| {
                (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| sum << 1 ^ if sum >> 15 == 1 { 0x1021 } else { 0 })
            })
            .to_be_bytes(),
    }
}

fn ibm(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte), |sum, _| sum >> 1 ^ if sum & 1 == 1 { 0xa001 } else { 0 })
    })
}

#[cfg(test)]
mod tests {
    use super::{OtaTail, tail};

    /// The check values of the catalogue of CRCs: ARC and XMODEM.
    #[test]
    fn the_tails_are_the_checksums_that_they_are_called() {
        assert_eq!(tail(OtaTail::IbmHighFirst, b"123456789"), [0xbb, 0x3d]);
        assert_eq!(tail(OtaTail::IbmLowFirst, b"123456789"), [0x3d, 0xbb]);
        assert_eq!(tail(OtaTail::CcittHighFirst, b"123456789"), [0x31, 0xc3]);
    }
}
