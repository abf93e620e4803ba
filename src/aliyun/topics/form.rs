//! How topics are put together and taken apart.

use super::TopicText;
use crate::aliyun::topic::check;
#[cfg(feature = "ota")]
use crate::at::bytes::strip;
use crate::value::{Field, InvalidField, Rule, Topic, TopicFilter, Triple};

/// What follows the names in a topic: `{front}{part}{back}`.
///
/// What stands around the names is in it, so that a firmware has the places of its own topics and no other.
pub(super) struct Form {
    before: &'static str,
    has_device: bool,
    behind: &'static str,
    kind: Kind,
    front: &'static str,
    back: &'static str,
}

/// What stands around the names.
#[derive(Clone, Copy)]
pub(super) enum Place {
    User,
    Thing,
    Sys,
    Ntp,
    OtaInform,
    OtaProgress,
    OtaUpgrade,
    ShadowUpdate,
    ShadowGet,
    /// There is only the ProductKey.
    Broadcast,
}

/// What the part of a topic that differs may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// There is none.
    Nothing,
    /// One level: an identifier, or the number of a call.
    Level,
    /// The identifier of an event; with that of properties it would be another topic.
    Event,
    /// One or more levels of letters, digits and `_`.
    Path,
}

impl Form {
    /// A form of which nothing differs but the names.
    pub(super) const fn fixed(place: Place, front: &'static str) -> Self {
        let (before, behind) = place.around();
        let has_device = !matches!(place, Place::Broadcast);
        Self { before, has_device, behind, kind: Kind::Nothing, front, back: "" }
    }

    /// The form with a part that differs.
    pub(super) const fn with(self, kind: Kind, back: &'static str) -> Self {
        Self { kind, back, ..self }
    }

    /// Puts a topic together, or a filter if `field` is one.
    ///
    /// Inlined, so that one of which nothing differs, and which therefore cannot break a rule, does not bring the rules.
    #[inline(always)]
    pub(super) fn build(&self, field: Field, part: &str, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
        match self.kind {
            Kind::Nothing => self.join(field, "", triple),
            _ => self.build_with(field, part, triple),
        }
    }

    #[inline(never)]
    fn build_with(&self, field: Field, part: &str, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
        let text = self.join(field, part, triple)?;
        self.verify(field, &text, part)?;
        Ok(text)
    }

    #[inline(never)]
    fn join(&self, field: Field, part: &str, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
        TopicText::join(field, &self.pieces(part, triple))
    }

    /// Whether a received topic is what [`build`](Self::build) gives, without building it.
    #[cfg(feature = "ota")]
    #[inline(never)]
    pub(super) fn is(&self, topic: &[u8], part: &str, triple: Triple<'_>) -> bool {
        let mut rest = topic;
        for piece in self.pieces(part, triple) {
            match strip(rest, piece.as_bytes()) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.is_empty()
    }

    fn pieces<'p>(&self, part: &'p str, triple: Triple<'p>) -> [&'p str; 8] {
        let (slash, device_name) = if self.has_device { ("/", triple.device_name()) } else { ("", "") };
        [self.before, triple.product_key(), slash, device_name, self.behind, self.front, part, self.back]
    }

    /// The part of a received topic that differs, if the topic is of this form.
    #[inline(never)]
    pub(super) fn part_of<'t>(&self, text: &'t str, triple: Triple<'_>) -> Option<&'t str> {
        let rest = text.strip_prefix(self.before)?;
        let rest =
            if self.has_device { behind_device(rest, triple)? } else { rest.strip_prefix(triple.product_key())? };
        let part = rest.strip_prefix(self.behind)?.strip_prefix(self.front)?.strip_suffix(self.back)?;
        self.verify(Field::Topic, text, part).ok()?;
        Some(part)
    }

    fn verify(&self, field: Field, text: &str, part: &str) -> Result<(), InvalidField> {
        check_text(field, text)?;
        let rule = match self.kind {
            Kind::Nothing if !part.is_empty() => Rule::Form,
            Kind::Level | Kind::Event if !is_level(part) => Rule::Form,
            Kind::Event if part == "property" => Rule::Form,
            Kind::Path => match part.bytes().position(|byte| b"-@.:".contains(&byte)) {
                Some(position) => {
                    let before = text.len().saturating_sub(part.len());
                    Rule::IllegalCharacter { position: before.saturating_add(position) }
                }
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        Err(InvalidField::new(field, rule))
    }
}

impl Place {
    const fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("/", "/user/"),
            Self::Thing => ("/sys/", "/thing/"),
            Self::Sys => ("/sys/", ""),
            Self::Ntp => ("/ext/ntp/", ""),
            Self::OtaInform => ("/ota/device/inform/", ""),
            Self::OtaProgress => ("/ota/device/progress/", ""),
            Self::OtaUpgrade => ("/ota/device/upgrade/", ""),
            Self::ShadowUpdate => ("/shadow/update/", ""),
            Self::ShadowGet => ("/shadow/get/", ""),
            Self::Broadcast => ("/broadcast/", "/"),
        }
    }
}

/// Puts `/ext/rrpc/{message id}/{topic}` together.
pub(super) fn custom_rrpc(
    field: Field,
    message_id: &str,
    topic: &str,
    triple: Triple<'_>,
) -> Result<TopicText, InvalidField> {
    let text = TopicText::join(field, &[CUSTOM_RRPC, message_id, "/", topic])?;
    check_text(field, &text)?;
    if is_level(message_id) && is_own(topic, triple) { Ok(text) } else { Err(InvalidField::new(field, Rule::Form)) }
}

/// The message id and the topic of the call, if this is `/ext/rrpc/{message id}/{topic}`.
pub(super) fn custom_rrpc_of<'t>(text: &'t str, triple: Triple<'_>) -> Option<(&'t str, &'t str)> {
    let rest = text.strip_prefix(CUSTOM_RRPC)?;
    // `split_once` would bring a search with panics in it.
    let slash = rest.bytes().position(|byte| byte == b'/')?;
    let (message_id, topic) = (rest.get(..slash)?, rest.get(slash..)?.strip_prefix('/')?);
    custom_rrpc(Field::Topic, message_id, topic, triple).ok()?;
    Some((message_id, topic))
}

const CUSTOM_RRPC: &str = "/ext/rrpc/";

/// The rules of the platform, and those of MQTT for wildcards.
fn check_text(field: Field, text: &str) -> Result<(), InvalidField> {
    check(field, text)?;
    match field {
        Field::TopicFilter => TopicFilter::new(text).map(drop),
        _ => Topic::new(text).map(drop),
    }
}

/// Whether the topic of a call is the device's. The documentation joins a custom topic with its slash, and one of the platform's own
/// without (`aliyun.md` §6).
fn is_own(topic: &str, triple: Triple<'_>) -> bool {
    let names = topic.strip_prefix("sys/").or_else(|| topic.strip_prefix('/')).unwrap_or(topic);
    // That it does not end with a slash is checked as for every topic.
    behind_device(names, triple)
        .is_some_and(|levels| levels.starts_with('/') && !levels.as_bytes().windows(2).any(|pair| pair == b"//"))
}

fn behind_device<'t>(text: &'t str, triple: Triple<'_>) -> Option<&'t str> {
    text.strip_prefix(triple.product_key())?.strip_prefix('/')?.strip_prefix(triple.device_name())
}

/// Whether it is one level, of which `+` may be one if the topic is a filter.
fn is_level(part: &str) -> bool {
    !part.is_empty() && !part.bytes().any(|byte| matches!(byte, b'/' | b'#'))
}

#[cfg(test)]
impl Kind {
    /// One that is allowed.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Level => "1695281536874",
            Self::Event => "alarm",
            Self::Path => "update/error",
        }
    }
}
