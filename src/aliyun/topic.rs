//! The platform's rules for topics, on top of MQTT's.

use crate::value::{Field, InvalidField, Rule};

/// Checks a topic or filter: at most 128 bytes and 7 slashes, a slash at the start, and letters, digits and
/// `-` `_` `@` `.` `:`, or a wildcard, in each level (`aliyun.md` §5).
///
/// A level may be empty only in `/ext/rrpc/…`, where the platform itself joins two topics. Of its own topics below `/sys/…`,
/// such as that of a batch of properties, some have eight slashes (`aliyun.md` §6).
pub(crate) fn check(field: Field, topic: &str) -> Result<(), InvalidField> {
    let refused = |rule| Err(InvalidField::new(field, rule));
    if topic.len() > 128 {
        return refused(Rule::AtMost { limit: 128, actual: topic.len() });
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_@.:+#".contains(&byte);
    if let Some(position) = topic.bytes().position(|byte| !allowed(byte)) {
        return refused(Rule::IllegalCharacter { position });
    }
    let has_empty_level = topic.as_bytes().windows(2).any(|pair| pair == b"//");
    let is_joined = topic.starts_with("/ext/rrpc/");
    if !topic.starts_with('/') || topic.ends_with('/') || (has_empty_level && !is_joined) {
        return refused(Rule::Form);
    }
    let slashes = topic.bytes().filter(|&byte| byte == b'/').count();
    let most = if topic.starts_with("/sys/") { 8 } else { 7 };
    if slashes > most && !is_joined {
        return refused(Rule::Form);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn topics_of_the_platform_pass() {
        for topic in [
            "/a1JszCpjS61/NT35E_06011/user/get",
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
            "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/batch/post",
            "/sys/a1JszCpjS61/dev@a.b:c/rrpc/request/+",
            "/ext/ntp/a1JszCpjS61/NT35E_06011/response",
            "/ext/rrpc/123//a1JszCpjS61/NT35E_06011/user/get",
            "/broadcast/a1JszCpjS61/#",
        ] {
            assert_eq!(check(Field::Topic, topic), Ok(()), "{topic}");
        }
    }

    #[test]
    fn the_topic_of_the_article_is_refused_for_its_spaces() {
        let refused = InvalidField::new(Field::Topic, Rule::IllegalCharacter { position: 13 });
        assert_eq!(check(Field::Topic, "/a1JszCpjS61/ NT35E_06011 /user/COMMUTEST"), Err(refused));
    }

    #[test]
    fn length_and_depth_are_limited() {
        let longest = std::format!("/{}", "x".repeat(127));
        assert_eq!(check(Field::Topic, &longest), Ok(()));
        let too_long = std::format!("{longest}x");
        let rule = Rule::AtMost { limit: 128, actual: 129 };
        assert_eq!(check(Field::Topic, &too_long), Err(InvalidField::new(Field::Topic, rule)));
        assert_eq!(check(Field::Topic, "/1/2/3/4/5/6/7"), Ok(()));
        for topic in ["/1/2/3/4/5/6/7/8", "/sys/2/3/4/5/6/7/8/9", "a/b", "/a/", "/a//b"] {
            assert_eq!(check(Field::TopicFilter, topic), Err(InvalidField::new(Field::TopicFilter, Rule::Form)));
        }
    }
}
