//! What the console of the platform shows and lets one do, for the built-in cloud.

use core::time::Duration;

use anstyle::{AnsiColor, Style};
use nt35e_sim::aliyun::{Cloud, CloudEvent, CloudServer, EventKind, Invocation, PublishOutcome};

/// One thing to do, for every registered device.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    Set(String),
    Desired(String),
    Service { name: String, params: String, invocation: Invocation },
    Shadow(String),
    Broadcast(String),
    Config(String),
}

impl Order {
    /// Understands a word with what stands behind it; `None` if it is no order for the console.
    pub(super) fn parse(word: &str, rest: &str) -> Result<Option<Self>, String> {
        let service = |invocation| {
            let (name, params) = rest.split_once(' ').ok_or_else(|| format!("{word} needs a name and JSON"))?;
            Ok::<_, String>(Self::Service { name: name.to_owned(), params: params.to_owned(), invocation })
        };
        let text = rest.to_owned();
        Ok(Some(match word {
            "set" => Self::Set(text),
            "desired" => Self::Desired(text),
            "service" => service(Invocation::Asynchronous)?,
            "call" => service(Invocation::Synchronous)?,
            "shadow" => Self::Shadow(text),
            "broadcast" => Self::Broadcast(text),
            "config" => Self::Config(text),
            _ => return Ok(None),
        }))
    }

    /// Does it, and says what the platform's API would.
    pub(super) fn perform(self, cloud: &mut Cloud) -> String {
        let mut lines = Vec::new();
        for device in cloud.devices() {
            let (key, name) = (device.product_key.as_str(), device.device_name.as_str());
            let call = |id: String| format!("call {id}");
            let outcome = match &self {
                Self::Set(params) => cloud.set_property(key, name, params).map(call),
                Self::Desired(params) => {
                    cloud.set_desired(key, name, params).map(|id| id.map_or("waits for the device".to_owned(), call))
                }
                Self::Service { name: service, params, invocation } => {
                    cloud.invoke_service(key, name, service, params, *invocation).map(call)
                }
                Self::Shadow(desired) => cloud.update_shadow(key, name, desired).map(|new| format!("version {new}")),
                Self::Broadcast(_) | Self::Config(_) => break,
            };
            lines.push(format!("{device}: {}", outcome.unwrap_or_else(|error| error.to_string())));
        }
        let mut products: Vec<String> = cloud.devices().into_iter().map(|device| device.product_key).collect();
        products.dedup();
        for key in products {
            let sent = match &self {
                Self::Broadcast(text) => cloud.broadcast(&key, text.as_bytes()).map_err(|error| error.to_string()),
                Self::Config(text) => Ok(cloud.push_config(&key, text.as_bytes()).len()),
                _ => break,
            };
            lines.push(sent.map_or_else(|error| error, |count| format!("{key}: sent to {count} online")));
        }
        lines.join("\n")
    }
}

/// Shows what happens at the cloud, for as long as the program runs.
pub(super) fn watch(cloud: &CloudServer) -> ! {
    let mut seen = 0;
    loop {
        cloud.wait_for(Duration::from_millis(250), |cloud| cloud.events().len() > seen);
        let cloud = cloud.cloud();
        let (dim, colour) = (Style::new().dimmed(), AnsiColor::Magenta.on_default());
        for event in &cloud.events()[seen.min(cloud.events().len())..] {
            let seconds = event.at.as_secs_f64();
            for line in lines(event) {
                anstream::println!("{dim}{seconds:>9.3}{dim:#} * {colour}{line}{colour:#}");
            }
        }
        seen = cloud.events().len();
    }
}

/// What is worth a line of the console, or of the platform's log.
fn lines(event: &CloudEvent) -> Vec<String> {
    vec![match &event.kind {
        EventKind::ConnectAccepted { device, .. } => format!("{device} is online"),
        EventKind::ConnectRefused { code, reason } => format!("sign-in refused with {code:?}: {reason:?}"),
        EventKind::SubscribeRefused { filter, reason, .. } => format!("subscription refused, {reason:?}: {filter}"),
        EventKind::Published(record) if record.outcome != PublishOutcome::Accepted => {
            format!("message dropped, {:?}: {}", record.outcome, record.topic)
        }
        EventKind::PropertiesPosted { properties, .. } => {
            return properties.iter().map(|(name, value)| format!("property {name} = {value}")).collect();
        }
        EventKind::EventPosted { identifier, params, .. } => {
            format!("event {identifier} {}", serde_json::Value::from(params.clone()))
        }
        EventKind::Replied { reply, expected, .. } => {
            let code = reply.code.map_or("no code".to_owned(), |code| format!("code {code}"));
            format!("{} to call {}: {code}", if *expected { "answer" } else { "unexpected answer" }, reply.id)
        }
        EventKind::CallTimedOut { id, .. } => format!("no answer in time to call {id}"),
        EventKind::NotDelivered { topic, reason, .. } => format!("not delivered, {reason:?}: {topic}"),
        _ => return Vec::new(),
    }]
}
