//! Reads what the platform says of an update, pushed or asked for.

use super::Refusal;
use super::hash::Digest;
use crate::aliyun::json::{Value, pick};

/// An update that can be fetched by MQTT.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Image {
    pub(super) stream_id: u64,
    pub(super) file_id: u64,
    pub(super) size: u32,
    pub(super) digest: Digest,
}

impl Image {
    /// Whether both are the same bytes, whatever stream they come by.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.size == other.size && self.digest == other.digest
    }

    /// Whether both come by the same stream.
    pub(super) fn is_of_stream(&self, other: &Self) -> bool {
        self.stream_id == other.stream_id && self.file_id == other.file_id
    }
}

/// What a message says.
pub(super) enum Said<'p> {
    Nothing,
    AnotherModule,
    Update { image: Image, version: &'p [u8] },
}

/// The names of an update, of which one at least is in every offer, and three more.
const NAMES: [&str; 10] =
    ["size", "streamId", "streamFileId", "url", "version", "sign", "md5", "dProtocol", "signMethod", "module"];
const OF_UPDATE: usize = 7;

/// The code of a push is 1000, that of an answer 200; each as a number or as text.
pub(super) fn read<'p>(payload: &'p [u8], module: Option<&str>) -> Result<Said<'p>, Refusal> {
    let mut outer = [None; 2];
    pick(payload, &["code", "data"], &mut outer).ok_or(Refusal::Malformed)?;
    let [code, data] = outer;
    let is_good = code.is_none_or(|code| matches!(code.unsigned(), Some(200 | 1000)));
    let data = data.filter(|_| is_good).ok_or(Refusal::Malformed)?.as_bytes();
    let mut values = [None; 10];
    pick(data, &NAMES, &mut values).ok_or(Refusal::Malformed)?;
    if values.iter().take(OF_UPDATE).all(Option::is_none) {
        return Ok(Said::Nothing);
    }
    let [size, stream, file, url, version, sign, md5, protocol, method, named] = values;
    // No module is the one called `default`.
    if text(named).unwrap_or(b"default") != module.unwrap_or("default").as_bytes() {
        return Ok(Said::AnotherModule);
    }
    let (Some(stream), true) = (stream, text(protocol).is_none_or(|name| name.eq_ignore_ascii_case(b"mqtt"))) else {
        return Err(if protocol.is_some() || url.is_some() { Refusal::NotByMqtt } else { Refusal::Malformed });
    };
    let image = Image {
        stream_id: stream.unsigned().ok_or(Refusal::Malformed)?,
        file_id: file.and_then(Value::unsigned).ok_or(Refusal::Malformed)?,
        size: size.and_then(Value::unsigned).and_then(|size| u32::try_from(size).ok()).ok_or(Refusal::Malformed)?,
        digest: Digest::read(text(method), text(sign), text(md5))?,
    };
    if image.size == 0 {
        return Err(Refusal::Malformed);
    }
    Ok(Said::Update { image, version: text(version).unwrap_or_default() })
}

fn text(value: Option<Value<'_>>) -> Option<&[u8]> {
    value?.string()
}
