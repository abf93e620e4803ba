//! What can be typed while the modem runs.

use core::time::Duration;

use nt35e_sim::aliyun::{CloudServer, QoS};
use nt35e_sim::fault::{Fault, LIST, Place};
use nt35e_sim::wire::ModemServer;

use super::{console, options};

/// What is no fault.
const ORDERS: &str = "\
  inject TEXT          send TEXT and a line end to the host
  quirk NAME=VALUE     change a quirk
  delay NAME=MS        change a delay
  publish TOPIC TEXT   let the built-in cloud send a message at QoS 1
  set JSON             set properties, as the cloud's console does
  desired JSON         set desired properties, for a device that may be offline
  service NAME JSON    invoke a service asynchronously
  call NAME JSON       invoke a service synchronously, by RRPC, and wait 8 s for the answer
  shadow JSON          add to what the shadow desires
  broadcast TEXT       send to every device that is online
  config TEXT          push a remote configuration
  quit                 stop";

/// What can be typed, line by line.
pub(super) fn help() -> String {
    let mut lines = vec![ORDERS.to_owned()];
    lines.push("or a fault, with a place before it if it is to wait for a byte, as in `<17 restart`:".to_owned());
    for fault in LIST {
        let name = format!("{} {}", fault.name, fault.arguments);
        lines.push(format!("  {name:<20} {}", fault.meaning));
    }
    lines.push("`<` is from the modem, `>` from the host; a TIME is like 500ms, 12.5s or 1h.".to_owned());
    lines.join("\n")
}

/// One thing to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Order {
    Nothing,
    Help,
    Quit,
    Fault(Option<Place>, Fault),
    Inject(String),
    Quirk(String, String),
    Delay(String, Duration),
    Publish { topic: String, text: String },
    Console(console::Order),
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
            ("inject", text) => Self::Inject(text.to_owned()),
            ("quirk", text) => options::quirk(text).map(|(name, value)| Self::Quirk(name, value))?,
            ("delay", text) => options::delay(text).map(|(name, delay)| Self::Delay(name, delay))?,
            ("publish", text) => {
                let (topic, text) = text.split_once(' ').ok_or("publish needs a topic and a text")?;
                Self::Publish { topic: topic.to_owned(), text: text.to_owned() }
            }
            _ => match console::Order::parse(word, rest)? {
                Some(order) => Self::Console(order),
                None => Self::fault(line)?,
            },
        };
        Ok(order)
    }

    fn fault(line: &str) -> Result<Self, String> {
        let (place, fault) = Place::before(line).map_err(|error| error.to_string())?;
        let name = fault.split(' ').next().unwrap_or_default();
        if LIST.iter().all(|entry| entry.name != name) {
            return Err(format!("cannot {line:?}; try help"));
        }
        fault.parse().map(|fault| Self::Fault(place, fault)).map_err(|error| error.to_string())
    }

    /// Does it, and says what there is to say.
    pub(super) fn perform(self, server: &ModemServer, cloud: Option<&CloudServer>) -> Option<String> {
        let done = match self {
            Self::Nothing | Self::Quit => return None,
            Self::Help => return Some(help()),
            Self::Fault(_, Fault::Cloud(_)) if cloud.is_none() => return Some(NO_CLOUD.to_owned()),
            Self::Fault(place, fault) => server.strike(place, fault),
            Self::Publish { topic, text } => return Some(publish(cloud, &topic, &text)),
            Self::Console(order) => {
                return Some(cloud.map_or(NO_CLOUD.to_owned(), |cloud| order.perform(&mut cloud.cloud())));
            }
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
        None => NO_CLOUD.to_owned(),
    }
}

const NO_CLOUD: &str = "there is no built-in cloud with --broker and --dns";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_the_help_is_understood() {
        let help = help();
        for line in help.lines().filter(|line| line.starts_with("  ")) {
            let word = line.split_whitespace().next().unwrap();
            let fault = LIST.iter().find(|fault| fault.name == word);
            let arguments = match word {
                _ if fault.is_some() => fault.unwrap().example,
                "inject" => "RDY",
                "quirk" => "urc_default=hidden",
                "delay" => "publish=40000",
                "publish" => "/a/b hello world",
                "set" | "desired" | "shadow" => r#"{"a":1}"#,
                "service" | "call" => r#"restart {"a":1}"#,
                "broadcast" | "config" => "hello world",
                _ => "",
            };
            assert!(Order::parse(&format!("{word} {arguments}")).is_ok(), "{line}");
        }
        let publish = Order::Publish { topic: "/a/b".to_owned(), text: "hello world".to_owned() };
        assert_eq!(Order::parse("publish /a/b hello world"), Ok(publish));
        assert_eq!(Order::parse("  "), Ok(Order::Nothing));
        let place = Place { direction: nt35e_sim::fault::Direction::FromModem, behind: 17 };
        assert_eq!(Order::parse("<17 restart"), Ok(Order::Fault(Some(place), Fault::RESTART)));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        assert_eq!(Order::parse("dance"), Err("cannot \"dance\"; try help".to_owned()));
        assert_eq!(Order::parse("silence soon"), Err("`silence` takes TIME, as in `silence 1h`".to_owned()));
        assert_eq!(Order::parse("<x cut"), Err("`<x` is no place, as in `<17`".to_owned()));
        assert_eq!(Order::parse("call x"), Err("call needs a name and JSON".to_owned()));
        assert_eq!(Order::parse("publish x"), Err("publish needs a topic and a text".to_owned()));
        assert!(Order::parse("quirk a=b").unwrap_err().starts_with("no quirk is called `a`"));
    }
}
