//! Which topics a device may publish and subscribe to: its own, as the platform and its product define them.

use super::{CustomTopic, DeviceId, Limits, TopicRefusal, TopicRight};

/// Where the platform publishes and a device may subscribe. `{device}` stands for `{ProductKey}/{DeviceName}`. `[D, S]`
const DOWN: &[&str] = &[
    "/sys/{device}/thing/event/+/post_reply",
    "/sys/{device}/thing/event/property/+/post_reply",
    "/sys/{device}/thing/service/+",
    "/sys/{device}/thing/service/+/+/#",
    "/sys/{device}/thing/model/up_raw_reply",
    "/sys/{device}/thing/model/down_raw",
    "/sys/{device}/thing/property/desired/+_reply",
    "/sys/{device}/thing/deviceinfo/+_reply",
    "/sys/{device}/thing/config/get_reply",
    "/sys/{device}/thing/config/push",
    "/sys/{device}/thing/config/log/get_reply",
    "/sys/{device}/thing/config/log/push",
    "/sys/{device}/thing/log/post_reply",
    "/sys/{device}/thing/ota/firmware/get_reply",
    "/sys/{device}/thing/file/download_reply",
    "/sys/{device}/thing/job/notify",
    "/sys/{device}/thing/job/+_reply",
    "/sys/{device}/thing/bootstrap/notify",
    "/sys/{device}/thing/topo/+_reply",
    "/sys/{device}/thing/topo/change",
    "/sys/{device}/thing/topo/add/notify",
    "/sys/{device}/thing/list/found_reply",
    "/sys/{device}/thing/sub/register_reply",
    "/sys/{device}/thing/disable",
    "/sys/{device}/thing/enable",
    "/sys/{device}/thing/delete",
    "/sys/{device}/rrpc/request/+",
    "/sys/{device}/broadcast/request/+",
    "/ext/ntp/{device}/response",
    "/ext/session/{device}/combine/+_reply",
    "/ext/error/{device}",
    "/ota/device/upgrade/{device}",
    "/shadow/get/{device}",
];

/// Where else a device may subscribe, but where the platform never does it in its stead.
const DOWN_BY_CHOICE: &[&str] = &[
    "/broadcast/{product}/#",
    "/ext/rrpc/+/{device}/#",
    // As the documentation writes it out of two parts. [D]
    "/ext/rrpc/+//{device}/#",
    CUSTOM_RRPC,
];

/// Where services are called if the device asked for calls on topics of its own.
const CUSTOM_RRPC: &str = "/ext/rrpc/+/sys/{device}/#";

/// Where a device may publish.
const UP: &[&str] = &[
    "/sys/{device}/thing/event/+/post",
    "/sys/{device}/thing/event/property/+/post",
    "/sys/{device}/thing/service/+_reply",
    "/sys/{device}/thing/service/property/+_reply",
    "/sys/{device}/thing/model/up_raw",
    "/sys/{device}/thing/model/down_raw_reply",
    "/sys/{device}/thing/property/desired/get",
    "/sys/{device}/thing/property/desired/delete",
    "/sys/{device}/thing/deviceinfo/update",
    "/sys/{device}/thing/deviceinfo/delete",
    "/sys/{device}/thing/config/get",
    "/sys/{device}/thing/config/push_reply",
    "/sys/{device}/thing/config/log/get",
    "/sys/{device}/thing/log/post",
    "/sys/{device}/thing/ota/firmware/get",
    "/sys/{device}/thing/file/download",
    "/sys/{device}/thing/job/get",
    "/sys/{device}/thing/job/update",
    "/sys/{device}/thing/job/notify_reply",
    "/sys/{device}/thing/bootstrap/notify_reply",
    "/sys/{device}/thing/topo/add",
    "/sys/{device}/thing/topo/delete",
    "/sys/{device}/thing/topo/get",
    "/sys/{device}/thing/topo/add/notify_reply",
    "/sys/{device}/thing/list/found",
    "/sys/{device}/thing/sub/register",
    "/sys/{device}/rrpc/response/+",
    "/ext/ntp/{device}/request",
    "/ext/rrpc/+/{device}/#",
    "/ext/rrpc/+//{device}/#",
    "/ext/rrpc/+/sys/{device}/#",
    "/ext/session/{device}/combine/+",
    "/ota/device/inform/{device}",
    "/ota/device/progress/{device}",
    "/shadow/update/{device}",
];

/// Whose topics are meant, and by which rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    pub(super) device: &'a DeviceId,
    pub(super) custom: &'a [CustomTopic],
    pub(super) limits: &'a Limits,
    /// Any filter below `/sys/{device}/` will do.
    pub(super) own_wildcards: bool,
    /// A device that asks the platform to subscribe for it hears [`CUSTOM_RRPC`] too.
    pub(super) server_subscribes_custom_rrpc: bool,
}

impl Rules<'_> {
    /// Whether the device may publish to this topic.
    pub(super) fn check_publish(self, topic: &str) -> Result<(), TopicRefusal> {
        self.check_form(topic)?;
        if let Some(custom) = self.custom_part(topic) {
            return self.check_custom(custom, TopicRight::Publish);
        }
        if self.any_covers(UP, topic) { Ok(()) } else { Err(TopicRefusal::NotAllowed) }
    }

    /// Whether the device may subscribe to this filter.
    pub(super) fn check_subscribe(self, filter: &str) -> Result<(), TopicRefusal> {
        if !is_filter(filter) {
            return Err(TopicRefusal::Malformed);
        }
        self.check_form(filter)?;
        if let Some(custom) = self.custom_part(filter) {
            return self.check_custom(custom, TopicRight::Subscribe);
        }
        let wildcard = self.own_wildcards && filter.starts_with(&format!("/sys/{}/", self.device));
        if wildcard || self.any_covers(DOWN, filter) || self.any_covers(DOWN_BY_CHOICE, filter) {
            Ok(())
        } else {
            Err(TopicRefusal::NotAllowed)
        }
    }

    /// What follows `/{ProductKey}/{DeviceName}/`, if the topic is a custom one.
    pub(super) fn custom_part(self, topic: &str) -> Option<&str> {
        topic.strip_prefix(&format!("/{}/", self.device))
    }

    /// Whether the platform subscribes to this topic for a device that asks it to (`_ss=1`).
    pub(super) fn is_server_subscribed(self, topic: &str) -> bool {
        self.any_covers(DOWN, topic) || self.server_subscribes_custom_rrpc && self.any_covers(&[CUSTOM_RRPC], topic)
    }

    fn check_form(self, topic: &str) -> Result<(), TopicRefusal> {
        if self.limits.topic_length.is_some_and(|longest| topic.len() > longest) {
            return Err(TopicRefusal::TooLong);
        }
        Ok(())
    }

    fn check_custom(self, part: &str, right: TopicRight) -> Result<(), TopicRefusal> {
        // Three more are in front of the part.
        let slashes = 3 + part.matches('/').count();
        if self.limits.topic_slashes.is_some_and(|most| slashes > most) {
            return Err(TopicRefusal::TooManySlashes);
        }
        let is_level = |level: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            matches!(level, "+" | "#") || !level.is_empty() && level.chars().all(plain)
        };
        if !part.split('/').all(is_level) {
            return Err(TopicRefusal::Level);
        }
        let granted = self
            .custom
            .iter()
            .any(|topic| (topic.right == right || topic.right == TopicRight::Both) && covers(&topic.filter, part));
        if granted { Ok(()) } else { Err(TopicRefusal::NotAllowed) }
    }

    fn any_covers(self, patterns: &[&str], filter: &str) -> bool {
        patterns.iter().any(|pattern| {
            let pattern = pattern.replace("{device}", &self.device.to_string());
            covers(&pattern.replace("{product}", &self.device.product_key), filter)
        })
    }
}

/// Whether a topic is among those that a filter names.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    covers(filter, topic)
}

/// Whether a pattern names all that a filter, or a topic, does. A pattern's level `+_reply` stands for every level with
/// that ending.
fn covers(pattern: &str, filter: &str) -> bool {
    let (mut patterns, mut levels) = (pattern.split('/'), filter.split('/'));
    loop {
        match (patterns.next(), levels.next()) {
            (Some("#"), _) | (None, None) => return true,
            (None, _) | (_, None | Some("#")) => return false,
            (Some("+"), Some(_)) => {}
            (Some(pattern), Some(level)) if pattern == level => {}
            (Some(pattern), Some(level)) => match pattern.strip_prefix('+') {
                Some(ending) if level.ends_with(ending) => {}
                _ => return false,
            },
        }
    }
}

/// Whether the wildcards of a filter stand where they may.
fn is_filter(filter: &str) -> bool {
    let lone = |level: &str| !level.contains(['+', '#']) || matches!(level, "+" | "#");
    mqttbytes::valid_filter(filter) && filter.split('/').all(lone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_rules<T>(test: impl FnOnce(Rules<'_>) -> T) -> T {
        let device = DeviceId::new("a1JszCpjS61", "NT35E_06011");
        let custom = [
            CustomTopic::new("user/#", TopicRight::Both),
            CustomTopic::new("only/up", TopicRight::Publish),
            CustomTopic::new("only/down", TopicRight::Subscribe),
        ];
        let limits = Limits::default();
        test(Rules {
            device: &device,
            custom: &custom,
            limits: &limits,
            own_wildcards: false,
            server_subscribes_custom_rrpc: true,
        })
    }

    fn subscribe(filter: &str) -> Result<(), TopicRefusal> {
        with_rules(|rules| rules.check_subscribe(filter))
    }

    fn publish(topic: &str) -> Result<(), TopicRefusal> {
        with_rules(|rules| rules.check_publish(topic))
    }

    #[test]
    fn filters_match_as_mqtt_says() {
        for (filter, topic, expected) in [
            ("/a/b", "/a/b", true),
            ("/a/b", "/a/b/c", false),
            ("/a/+", "/a/b", true),
            ("/a/+", "/a", false),
            ("/a/+/c", "/a//c", true),
            ("/a/#", "/a", true),
            ("/a/#", "/a/b/c", true),
            ("/a/#", "/ab", false),
            ("/a/b", "/A/b", false),
            ("/主题/+", "/主题/甲", true),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} {topic}");
        }
    }

    #[test]
    fn a_pattern_covers_a_filter_only_if_it_names_all_of_it() {
        assert!(covers("/a/#", "/a/+/b"));
        assert!(covers("/a/+", "/a/+"));
        assert!(!covers("/a/+", "/a/#"));
        assert!(!covers("/a/b", "/a/+"));
        assert!(covers("/a/+_reply", "/a/get_reply"));
        assert!(!covers("/a/+_reply", "/a/get"));
        assert!(!covers("/a/+_reply", "/a/+"));
    }

    #[test]
    fn the_devices_own_topics_may_be_subscribed_to() {
        for filter in [
            "/a1JszCpjS61/NT35E_06011/user/COMMUTEST",
            "/a1JszCpjS61/NT35E_06011/user/#",
            "/a1JszCpjS61/NT35E_06011/only/down",
            "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set",
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/+/post_reply",
            "/sys/a1JszCpjS61/NT35E_06011/rrpc/request/+",
            "/ext/ntp/a1JszCpjS61/NT35E_06011/response",
            "/broadcast/a1JszCpjS61/all",
        ] {
            assert_eq!(subscribe(filter), Ok(()), "{filter}");
        }
    }

    #[test]
    fn nothing_else_may_be_subscribed_to() {
        for filter in [
            "#",
            "/#",
            "/a1JszCpjS61/#",
            "/a1JszCpjS61/+/user/get",
            "/a1JszCpjS61/OTHER/user/get",
            "/a1JszCpjS61/NT35E_06011/only/up",
            "/sys/a1JszCpjS61/NT35E_06011/#",
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
            "/ext/ntp/a1JszCpjS61/OTHER/response",
            "home/garden/fountain/2",
            // The spaces of the printed article. [C]
            "/a1JszCpjS61/ NT35E_06011 /user/COMMUTEST",
        ] {
            assert_eq!(subscribe(filter), Err(TopicRefusal::NotAllowed), "{filter}");
        }
    }

    #[test]
    fn a_filter_out_of_form_is_refused_as_such() {
        for filter in ["", "/a1JszCpjS61/NT35E_06011/user/#/x", "/a1JszCpjS61/NT35E_06011/user/x+"] {
            assert_eq!(subscribe(filter), Err(TopicRefusal::Malformed), "{filter}");
        }
        assert_eq!(subscribe("/a1JszCpjS61/NT35E_06011/user//x"), Err(TopicRefusal::Level));
    }

    #[test]
    fn own_wildcards_are_a_matter_of_the_settings() {
        let filter = "/sys/a1JszCpjS61/NT35E_06011/#";
        with_rules(|rules| {
            assert_eq!(Rules { own_wildcards: true, ..rules }.check_subscribe(filter), Ok(()));
        });
    }

    #[test]
    fn a_device_publishes_upwards_only() {
        for topic in [
            "/a1JszCpjS61/NT35E_06011/user/update",
            "/a1JszCpjS61/NT35E_06011/only/up",
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
            // Eight slashes, and allowed all the same.
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/batch/post",
            "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set_reply",
            "/ext/ntp/a1JszCpjS61/NT35E_06011/request",
            "/ota/device/inform/a1JszCpjS61/NT35E_06011",
        ] {
            assert_eq!(publish(topic), Ok(()), "{topic}");
        }
        for topic in [
            "/sys/post",
            "/a1JszCpjS61/OTHER/user/update",
            "/a1JszCpjS61/NT35E_06011/only/down",
            "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set",
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post_reply",
            "/broadcast/a1JszCpjS61/all",
        ] {
            assert_eq!(publish(topic), Err(TopicRefusal::NotAllowed), "{topic}");
        }
    }

    #[test]
    fn a_custom_topic_has_a_longest_form() {
        let topic = |rest: &str| publish(&format!("/a1JszCpjS61/NT35E_06011/user/{rest}"));
        assert_eq!(topic("a/b/c/d"), Ok(()));
        assert_eq!(topic("a/b/c/d/e"), Err(TopicRefusal::TooManySlashes));
        assert_eq!(topic("a-b"), Err(TopicRefusal::Level));
        assert_eq!(topic("a b"), Err(TopicRefusal::Level));
        assert_eq!(topic(""), Err(TopicRefusal::Level));
        let prefix = "/a1JszCpjS61/NT35E_06011/user/".len();
        assert_eq!(topic(&"x".repeat(128 - prefix)), Ok(()));
        assert_eq!(topic(&"x".repeat(129 - prefix)), Err(TopicRefusal::TooLong));
    }

    #[test]
    fn the_platform_subscribes_to_its_own_topics_only() {
        with_rules(|rules| {
            assert!(rules.is_server_subscribed("/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set"));
            assert!(rules.is_server_subscribed("/ext/ntp/a1JszCpjS61/NT35E_06011/response"));
            assert!(!rules.is_server_subscribed("/a1JszCpjS61/NT35E_06011/user/get"));
            assert!(!rules.is_server_subscribed("/broadcast/a1JszCpjS61/all"));
        });
    }
}
