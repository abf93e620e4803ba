//! What can be typed while the modem runs.

use core::time::Duration;

use nt35e_sim::aliyun::{CloudServer, QoS};
use nt35e_sim::modem::Modem;
use nt35e_sim::wire::ModemServer;

use super::options;

pub(super) const HELP: &str = "\
  restart              restart the modem at once, or power it on again
  power-down           say NORMAL POWER DOWN and stop
  cut                  lose the connection to the broker
  mute SECONDS         send nothing for so long
  inject TEXT          send TEXT and a line end to the host
  quirk NAME=VALUE     change a quirk
  delay NAME=MS        change a delay
  publish TOPIC TEXT   let the built-in cloud send a message at QoS 1
  quit                 stop";

/// One thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    Nothing,
    Help,
    Quit,
    Restart,
    PowerDown,
    Cut,
    Mute(Duration),
    Inject(String),
    Quirk(String, String),
    Delay(String, Duration),
    Publish { topic: String, text: String },
}

impl Order {
    /// Understands a line, or says what is wrong with it.
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest.trim()));
        let order = match (word, rest) {
            ("", _) => Self::Nothing,
            ("help", "") => Self::Help,
            ("quit", "") => Self::Quit,
            ("restart", "") => Self::Restart,
            ("power-down", "") => Self::PowerDown,
            ("cut", "") => Self::Cut,
            ("mute", seconds) => {
                let seconds = seconds.parse().map_err(|_| "mute needs a number of seconds".to_owned())?;
                Self::Mute(Duration::from_secs(seconds))
            }
            ("inject", text) => Self::Inject(text.to_owned()),
            ("quirk", text) => options::quirk(text).map(|(name, value)| Self::Quirk(name, value))?,
            ("delay", text) => options::delay(text).map(|(name, delay)| Self::Delay(name, delay))?,
            ("publish", text) => {
                let (topic, text) = text.split_once(' ').ok_or("publish needs a topic and a text")?;
                Self::Publish { topic: topic.to_owned(), text: text.to_owned() }
            }
            _ => return Err(format!("cannot {line:?}; try help")),
        };
        Ok(order)
    }

    /// Does it, and says what there is to say.
    pub(super) fn perform(self, server: &ModemServer, cloud: Option<&CloudServer>) -> Option<String> {
        let done = match self {
            Self::Nothing | Self::Quit => return None,
            Self::Help => return Some(HELP.to_owned()),
            Self::Publish { topic, text } => return Some(publish(cloud, &topic, &text)),
            Self::Restart => server.control(Modem::restart),
            Self::PowerDown => server.control(Modem::power_down),
            Self::Cut => server.cut_link(),
            Self::Mute(time) => server.control(move |modem, now| modem.mute(now + time)),
            Self::Inject(text) => {
                server.control(move |modem, now| modem.inject(format!("\r\n{text}\r\n").as_bytes(), now))
            }
            // Both were checked when they were parsed.
            Self::Quirk(name, value) => server.control(move |modem, _| {
                let _ = modem.quirks().set(&name, &value);
            }),
            Self::Delay(name, delay) => server.control(move |modem, _| {
                modem.delays().set(&name, delay);
            }),
        };
        done.is_none().then(|| "the modem has stopped".to_owned())
    }
}

fn publish(cloud: Option<&CloudServer>, topic: &str, text: &str) -> String {
    match cloud {
        Some(cloud) => {
            let receivers = cloud.cloud().publish_to(topic, text.as_bytes(), QoS::AtLeastOnce);
            format!("sent to {receivers} subscriber{}", if receivers == 1 { "" } else { "s" })
        }
        None => "there is no built-in cloud with --broker and --dns".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_the_help_is_understood() {
        for line in HELP.lines() {
            let word = line.split_whitespace().next().unwrap();
            let arguments = match word {
                "mute" => "5",
                "inject" => "RDY",
                "quirk" => "urc_default=hidden",
                "delay" => "publish=40000",
                "publish" => "/a/b hello world",
                _ => "",
            };
            assert!(Order::parse(&format!("{word} {arguments}")).is_ok(), "{line}");
        }
        let publish = Order::Publish { topic: "/a/b".to_owned(), text: "hello world".to_owned() };
        assert_eq!(Order::parse("publish /a/b hello world"), Ok(publish));
        assert_eq!(Order::parse("  "), Ok(Order::Nothing));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert_eq!(Order::parse("dance"), Err("cannot \"dance\"; try help".to_owned()));
        assert_eq!(Order::parse("mute soon"), Err("mute needs a number of seconds".to_owned()));
        assert_eq!(Order::parse("publish x"), Err("publish needs a topic and a text".to_owned()));
        assert!(Order::parse("quirk a=b").unwrap_err().starts_with("no quirk is called `a`"));
    }
}
