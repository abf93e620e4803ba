//! The settings that have a name for the command line.

use mqttbytes::QoS;

use super::{CloudSettings, RegistrationTopic};

/// A setting with a name.
#[derive(Clone, Copy, Debug)]
pub struct NamedSetting {
    /// Its name.
    pub name: &'static str,
    /// What it can be set to; the default has a `*` in front.
    pub values: &'static [&'static str],
    /// What it is about.
    pub meaning: &'static str,
}

impl CloudSettings {
    /// Every setting that has a name.
    pub const NAMED: &'static [NamedSetting] = &[
        NamedSetting {
            name: "registration_qos",
            values: &["*0", "1"],
            meaning: "At which QoS a device that registers is sent its credentials; no source says.",
        },
        NamedSetting {
            name: "registration_topic",
            values: &["*of_kind", "register"],
            meaning: "Where they are sent to: /ext/register or, to a device that is not pre-registered, /ext/regnwl; or always the first.",
        },
        NamedSetting {
            name: "registration_on_plain",
            values: &["*no", "yes"],
            meaning: "Whether a device can register, and sign in by a token, without TLS, which the platform refuses.",
        },
        NamedSetting {
            name: "instance",
            values: &["*", "ID"],
            meaning: "The identifier of the instance, which a device that is not pre-registered has to name.",
        },
    ];

    /// Sets one by its name; the error says what is wrong.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let open = &mut self.open;
        match (name, value) {
            ("registration_qos", "0") => open.registration_qos = QoS::AtMostOnce,
            ("registration_qos", "1") => open.registration_qos = QoS::AtLeastOnce,
            ("registration_topic", "of_kind") => open.registration_topic = RegistrationTopic::OfKind,
            ("registration_topic", "register") => open.registration_topic = RegistrationTopic::Register,
            ("registration_on_plain", "no") => open.registration_on_plain = false,
            ("registration_on_plain", "yes") => open.registration_on_plain = true,
            ("instance", "") => self.instance = None,
            ("instance", id) => self.instance = Some(id.to_owned()),
            _ => return Err(Self::wrong(name, value)),
        }
        Ok(())
    }

    fn wrong(name: &str, value: &str) -> String {
        match Self::NAMED.iter().find(|setting| setting.name == name) {
            Some(setting) => {
                let values = setting.values.join("|").replace('*', "");
                format!("`{name}` takes {values}, not `{value}`")
            }
            None => format!("no setting of the cloud is called `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_that_is_listed_can_be_set_and_the_default_changes_nothing() {
        for setting in CloudSettings::NAMED {
            for value in setting.values {
                let mut settings = CloudSettings::default();
                settings.set(setting.name, value.trim_start_matches('*')).unwrap();
                assert_eq!(settings == CloudSettings::default(), value.starts_with('*'), "{}={value}", setting.name);
            }
        }
    }
}
