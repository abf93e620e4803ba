//! The `!` lines: what each one calls, and the lines that its outcome is written as.
//!
//! ```text
//! bring_up
//! connect <host> <client id> [<user> <password>] [keep_alive=<s>] [will=<topic>:<message>] [session=kept]
//! connect_aliyun <product key> <device name> <device secret> [client_id=<client id>]
//! subscribe <filter> <qos>            unsubscribe <filter>
//! publish <topic> <qos> <payload>     publish_retained <topic> <qos> <payload>
//! disconnect                          is_connected
//! command <line>                      any line that begins with AT
//! query connection | registration | firmware | identity
//! set <key> <value> …                 one setting, as the modem's manual writes it, without the connection
//! open <host> <port>                  sign_in <client id> [<user> <password>]
//! send <message id> <topic> <qos> <payload>, or send_retained
//! sub <message id> <filter> <qos>     unsub <message id> <filter>
//! sign_off                            close
//! event                               the next event
//! events                              every event until the modem has nothing more to say
//! read_payload <most>                 at most so many bytes of the large message that was announced
//! counters                            those that are not zero
//! ```
//!
//! Topics and payloads have the escapes of the format. From `set` to `close` it is one command, as the manual has it; above, it is what an application calls.

use core::num::NonZeroU16;
use core::str::FromStr;

use nt35e::aliyun::SignIn;
use nt35e::command::{
    Aliyun, Cache, Close, Cloud, Configure, Connect, ConnectionQuery, Disconnect, FirmwareVersion, Identity,
    InlinePayload, Login, MessageRetry, Open, PayloadFormat, ProtocolVersion, PublishHead, PublishInline,
    PublishPrompted, Raw, RegistrationQuery, Setting, Subscribe, Unsubscribe,
};
use nt35e::{
    Broker, Buffers, ClientId, ConnectionId, Counters, Delivery, Duration, Host, InvalidField, KeepAlive, MessageId,
    Network, Password, Publish, QoS, Topic, TopicFilter, Triple, UserName, Will,
};
use nt35e_sim::transcript::unescape;

use crate::front_end::{Client, FrontEnd};

use super::render::{self, Outcome};
use super::script::Memory;
use super::wire::Wire;

/// The driver on the wire of one script.
pub(crate) struct Stage<'b, 'p> {
    wire: Wire,
    client: Client<'b, 'p, Wire, Wire>,
    /// How long topic and payload of a message may be together so that TX holds it.
    fits: usize,
}

/// A payload that has stopped is given up after two seconds, so that nothing comes any more after this silence.
const SILENCE: Duration = Duration::from_secs(3);
const ACCEPTANCE: Duration = Duration::from_secs(5);

/// What is wrong with the line itself.
type Wrong = String;

impl<'b, 'p> Stage<'b, 'p> {
    pub(crate) fn new(front_end: FrontEnd, wire: &Wire, memory: &'b mut Memory, chunk: usize) -> Self {
        let fits = memory.tx.len().saturating_sub(40);
        let buffers = Buffers::new(&mut memory.rx, &mut memory.tx, &mut memory.inbox);
        Self { wire: wire.clone(), client: Client::new(front_end, wire.clone(), wire.clone(), buffers, chunk), fits }
    }

    pub(crate) fn counters(&self) -> Counters {
        self.client.counters()
    }

    /// Does what a `!` line says.
    pub(crate) fn perform(&mut self, text: &'p str) -> Result<Vec<String>, Wrong> {
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
        let outcome = match (verb, words.as_slice()) {
            ("bring_up", []) => render::registered(self.client.bring_up(&Network::default())),
            ("connect", [host, client_id, how @ ..]) => self.connect(host, client_id, how)?,
            ("connect_aliyun", [product_key, device_name, device_secret, how @ ..]) => {
                let triple = valid(Triple::new(product_key, device_name, device_secret))?;
                let mut sign_in = SignIn::new(triple);
                for option in how {
                    let client_id = option.strip_prefix("client_id=").ok_or(format!("no such option: {option}"))?;
                    sign_in = valid(sign_in.client_id(client_id))?;
                }
                render::connected(self.client.connect_aliyun(sign_in))
            }
            ("subscribe", [filter, level]) => {
                render::done("subscribed", self.client.subscribe(escaped(filter)?.leak(), qos(level)?))
            }
            ("unsubscribe", [filter]) => render::done("unsubscribed", self.client.unsubscribe(escaped(filter)?.leak())),
            ("publish" | "publish_retained", [topic, level, ..]) => {
                let (topic, payload) = (escaped(topic)?.leak(), payload(rest, 2)?.leak());
                let message = Publish::new(topic, payload).qos(qos(level)?).retain(verb == "publish_retained");
                // What does not fit in TX has to stay where it is.
                let published = if topic.len() + payload.len() < self.fits {
                    self.client.publish(&message)
                } else {
                    self.client.publish_in_place(&message)
                };
                render::done("published", published)
            }
            ("disconnect", []) => render::done("closed", self.client.disconnect()),
            ("is_connected", []) => vec![if self.client.is_connected() { "yes" } else { "no" }.into()],
            ("command", [_, ..]) => render::answer(self.client.execute(&valid(Raw::new(rest, ACCEPTANCE))?)),
            ("query", [what]) => self.query(what)?,
            ("event", []) => self.events(1),
            ("events", []) => self.events(usize::MAX),
            ("read_payload", [most]) => {
                let mut buffer = vec![0; number(most)?];
                let read = self.client.read_payload(&mut buffer, SILENCE);
                render::piece(read.map(|length| &buffer[..length]))
            }
            ("counters", []) => vec![render::counters(self.client.counters())],
            _ => self.command(verb, &words, rest)?,
        };
        Ok(outcome)
    }

    /// Takes at most so many events.
    pub(crate) fn events(&mut self, most: usize) -> Outcome {
        let mut outcome = Vec::new();
        while outcome.len() < most {
            match self.client.next_event(SILENCE) {
                Ok(Some(event)) => outcome.push(render::event(event)),
                Ok(None) if self.wire.has_more() => {}
                Ok(None) => break,
                Err(error) => {
                    outcome.push(render::error(&error));
                    break;
                }
            }
        }
        outcome
    }

    fn connect(&mut self, host: &'p str, client_id: &'p str, how: &[&'p str]) -> Result<Outcome, Wrong> {
        let mut broker = valid(Broker::new(host, client_id))?;
        let how = match how {
            [user_name, password, rest @ ..] if !user_name.contains('=') => {
                broker = valid(broker.login(user_name, password))?;
                rest
            }
            rest => rest,
        };
        for option in how {
            broker = match option.split_once('=') {
                Some(("keep_alive", seconds)) => broker.keep_alive(valid(KeepAlive::from_secs(number(seconds)?))?),
                Some(("session", "kept")) => broker.clean_session(false),
                Some(("will", will)) => {
                    let (topic, message) = will.split_once(':').ok_or("a will has a topic and a message")?;
                    broker.will(valid(Will::new(topic, message))?.qos(QoS::AtLeastOnce))
                }
                _ => return Err(format!("no such option: {option}")),
            };
        }
        Ok(render::connected(self.client.connect(broker)))
    }

    fn query(&mut self, what: &str) -> Result<Outcome, Wrong> {
        Ok(match what {
            "connection" => render::connection(self.client.execute(&ConnectionQuery::default())),
            "registration" => render::registered(self.client.execute(&RegistrationQuery)),
            "firmware" => render::firmware(self.client.execute(&FirmwareVersion)),
            "identity" => render::answer(self.client.execute(&Identity)),
            _ => return Err(format!("nothing to query: {what}")),
        })
    }

    /// One command, as the manual has it.
    fn command(&mut self, verb: &str, words: &[&str], rest: &str) -> Result<Outcome, Wrong> {
        let connection = ConnectionId::default();
        Ok(match (verb, words) {
            ("set", [key, values @ ..]) => {
                let setting = setting(key, values)?;
                render::done("ok", self.client.execute(&Configure { connection, setting }))
            }
            ("open", [host, port]) => {
                let port: NonZeroU16 = number(port)?;
                render::opened(self.client.execute(&Open { connection, host: valid(Host::new(host))?, port }))
            }
            ("sign_in", [client_id, login @ ..]) => {
                let login = match login {
                    [] => None,
                    [user_name, password] => {
                        let password = Some(valid(Password::new(password))?);
                        Some(Login { user_name: valid(UserName::new(user_name))?, password })
                    }
                    _ => return Err("a login is a user name and a password".into()),
                };
                let client_id = valid(ClientId::new(client_id))?;
                render::signed_in(self.client.execute(&Connect { connection, client_id, login }))
            }
            ("send" | "send_retained", [id, topic, level, ..]) => {
                let payload = payload(rest, 3)?;
                let delivery = match qos(level)? {
                    QoS::AtMostOnce => Delivery::AtMostOnce,
                    level => Delivery::new(level, message_id(id)?),
                };
                let retain = verb == "send_retained";
                let head = PublishHead { connection, delivery, retain, topic: valid(Topic::new(topic))? };
                match InlinePayload::new(&payload) {
                    Some(payload) => render::sent(self.client.execute(&PublishInline { head, payload })),
                    None => render::sent(self.client.execute(&valid(PublishPrompted::new(head, &payload))?)),
                }
            }
            ("sub", [id, filter, level]) => {
                let (message_id, filter) = (message_id(id)?, valid(TopicFilter::new(filter))?);
                let subscribe = Subscribe { connection, message_id, filter, qos: qos(level)? };
                render::granted(self.client.execute(&subscribe))
            }
            ("unsub", [id, filter]) => {
                let (message_id, filter) = (message_id(id)?, valid(TopicFilter::new(filter))?);
                render::granted(self.client.execute(&Unsubscribe { connection, message_id, filter }))
            }
            ("sign_off", []) => render::torn_down(self.client.execute(&Disconnect { connection })),
            ("close", []) => render::torn_down(self.client.execute(&Close { connection })),
            _ => return Err(format!("no such action: {verb} {rest}")),
        })
    }
}

/// A setting by its key and values in the manual.
fn setting<'a>(key: &str, values: &[&'a str]) -> Result<Setting<'a>, Wrong> {
    Ok(match (key, values) {
        ("cloud", ["2", "1"]) => Setting::cloud(Cloud::Aliyun(Aliyun::Json)),
        ("aliauth", [product_key, device_name, device_secret]) => {
            Setting::aliyun_device(valid(Triple::new(product_key, device_name, device_secret))?)
        }
        ("cache", ["0"]) => Setting::cache(Cache::Direct),
        ("cache", ["1"]) => Setting::cache(Cache::Cached),
        ("session", [flag]) => Setting::clean_session(*flag == "1"),
        ("keepalive", [seconds]) => Setting::keep_alive(valid(KeepAlive::from_secs(number(seconds)?))?),
        ("send/mode", ["0"]) => Setting::send_mode(PayloadFormat::Text),
        ("recv/mode", ["0", length]) => Setting::receive_mode(PayloadFormat::Text, *length == "1"),
        ("urc", [flag]) => Setting::result_urcs(*flag == "1"),
        ("version", ["4"]) => Setting::version(ProtocolVersion::V3_1_1),
        ("timeout", [seconds, repetitions, notice]) => {
            let retry = MessageRetry::new(number(seconds)?, number(repetitions)?, *notice == "1");
            Setting::message_retry(valid(retry)?)
        }
        ("will", ["1", level, retain, topic, message]) => {
            Setting::will(Some(valid(Will::new(topic, message))?.qos(qos(level)?).retain(*retain == "1")))
        }
        _ => return Err(format!("no such setting: {key} {}", values.join(" "))),
    })
}

/// The bytes that follow the first `words` words.
fn payload(text: &str, words: usize) -> Result<Vec<u8>, Wrong> {
    let payload = text.splitn(words + 1, ' ').nth(words).unwrap_or("");
    unescape(payload).map_err(|error| error.to_string())
}

/// A word with escapes in it.
fn escaped(word: &str) -> Result<String, Wrong> {
    let bytes = unescape(word).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

fn valid<T>(value: Result<T, InvalidField>) -> Result<T, Wrong> {
    value.map_err(|invalid| invalid.to_string())
}

fn number<T: FromStr>(word: &str) -> Result<T, Wrong> {
    word.parse().map_err(|_| format!("not a number, or out of range: {word}"))
}

fn message_id(word: &str) -> Result<MessageId, Wrong> {
    MessageId::new(number(word)?).ok_or_else(|| "0 is no message id".into())
}

fn qos(word: &str) -> Result<QoS, Wrong> {
    match word {
        "0" => Ok(QoS::AtMostOnce),
        "1" => Ok(QoS::AtLeastOnce),
        "2" => Ok(QoS::ExactlyOnce),
        _ => Err(format!("no such quality of service: {word}")),
    }
}
