//! What each order does, and what is said of its answer.

use core::fmt::Display;
use std::path::Path;

use nt35e::aliyun::SignIn;
use nt35e::at::{Cause, CommandError, Refusal};
use nt35e::command::{
    AddressQuery, AttachmentQuery, Attention, ClockQuery, ConnectionQuery, ContextQuery, EnterPin, FirmwareVersion,
    Imei, Model, OperatorQuery, Raw, RegistrationQuery, SignalQuery, SimNumber, SimQuery, Subscriber,
};
use nt35e::{
    BringUp, Broker, Clock as _, Connection, Duration, Error, Event, Network, Progress, Publish, QoS, SimPin, Triple,
};

use nt35e_sim::transcript::escape;

use super::orders::ORDERS;
use crate::check::{Modem, text};
use crate::destination::{host_and_port, read_secret};
use crate::line::LineError;
use crate::report::Finding;
use crate::sign_in::explain;
use crate::tap::Log;
use crate::{events, mask, meaning, words};

/// How long a raw line may take to be accepted; searching for networks takes minutes.
const RAW_WITHIN: Duration = Duration::from_secs(180);

/// Whether there is more to do.
pub(super) enum Done {
    More,
    Quit,
}

/// The modem, and what its orders need.
pub(super) struct Work<'a, 'b> {
    pub(super) modem: Modem<'b>,
    /// How many seconds the network may take.
    pub(super) wait: u32,
    pub(super) log: &'a Log,
}

/// Where what is said goes.
type Say<'s> = &'s mut dyn FnMut(&str);

impl Work<'_, '_> {
    /// Does what a line orders.
    pub(super) fn run(&mut self, line: &str, say: Say<'_>) -> Result<Done, String> {
        let line = line.trim();
        if line.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("at"))
            && !line.eq_ignore_ascii_case("attachment")
        {
            return self.raw(line, say).map(|()| Done::More);
        }
        // A payload is what is typed, with its quotes.
        if let Some((topic, payload)) = line.strip_prefix("publish ").and_then(|rest| rest.trim_start().split_once(' '))
        {
            return self.publish(topic, payload, say).map(|()| Done::More);
        }
        let words = shlex::split(line).ok_or("a quote is not closed")?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (order, arguments) = words.split_first().map_or(("", &[][..]), |(order, arguments)| (*order, arguments));
        match (order, arguments) {
            ("", _) => {}
            ("help", []) => help(say),
            ("quit" | "exit", []) => {
                if self.modem.is_connected() {
                    self.sign_off(say)?;
                }
                return Ok(Done::Quit);
            }
            ("bring-up", []) => self.bring_up(None, say)?,
            ("bring-up", [apn]) => self.bring_up(Some(apn), say)?,
            ("pin", [file]) => self.pin(file, say)?,
            ("sign-in", [key, name, file]) => self.sign_in(key, name, file, None, say)?,
            ("sign-in", [key, name, file, host]) => self.sign_in(key, name, file, Some(host), say)?,
            ("connect", [host, client_id]) => self.connect(host, client_id, None, say)?,
            ("connect", [host, client_id, user_name, file]) => {
                self.connect(host, client_id, Some((user_name, file)), say)?;
            }
            ("subscribe", [filter]) => {
                self.modem.subscribe(filter, QoS::AtLeastOnce).map_err(|error| told(&error))?;
                say("subscribed");
            }
            ("unsubscribe", [filter]) => {
                self.modem.unsubscribe(filter).map_err(|error| told(&error))?;
                say("not subscribed any more");
            }
            ("sign-off", []) => self.sign_off(say)?,
            ("counters", []) => say(&format!("{:?}", self.modem.counters())),
            ("wait", [seconds]) => self.wait(seconds, say)?,
            (_, []) => self.ask(order, say)?,
            _ => return Err(usage(order)),
        }
        Ok(Done::More)
    }

    /// A question that has one answer.
    fn ask(&mut self, order: &str, say: Say<'_>) -> Result<(), String> {
        let modem = &mut self.modem;
        let finding = match order {
            "model" => words::model(text(modem.execute(&Model).map_err(|error| told(&error))?)),
            "firmware" => words::firmware(text(modem.execute(&FirmwareVersion).map_err(|error| told(&error))?)),
            "sim" => words::sim(modem.execute(&SimQuery).map_err(|error| told(&error))?),
            "registration" => words::registration(modem.execute(&RegistrationQuery).map_err(|error| told(&error))?),
            "attachment" => words::attachment(modem.execute(&AttachmentQuery).map_err(|error| told(&error))?),
            "address" => words::address(modem.execute(&AddressQuery).map_err(|error| told(&error))?.map(text)),
            "signal" => words::signal(modem.execute(&SignalQuery).map_err(|error| told(&error))?),
            "clock" => words::clock(modem.execute(&ClockQuery).map_err(|error| told(&error))?),
            "imei" => return self.number(say, |modem| modem.execute(&Imei).map(<[u8]>::to_vec)),
            "sim-number" => return self.number(say, |modem| modem.execute(&SimNumber).map(<[u8]>::to_vec)),
            "subscriber" => return self.number(say, |modem| modem.execute(&Subscriber).map(<[u8]>::to_vec)),
            "access-point" => {
                let name = modem.execute(&ContextQuery { context: 0 }).map_err(|error| told(&error))?;
                say(&Progress::AccessPoint(name).to_string());
                return Ok(());
            }
            "operator" => {
                let name = modem.execute(&OperatorQuery).map_err(|error| told(&error))?;
                say(&name.map_or_else(|| "no operator".to_owned(), text));
                return Ok(());
            }
            "session" => {
                let state = modem.execute(&ConnectionQuery::default()).map_err(|error| told(&error))?;
                say(&state.map_or_else(|| "the modem knows of no session".to_owned(), |state| format!("{state:?}")));
                return Ok(());
            }
            _ => return Err(usage(order)),
        };
        explained(&finding, say);
        Ok(())
    }

    /// A number that stands for somebody: it is shown, and masked in a recording.
    fn number(
        &mut self,
        say: Say<'_>,
        question: impl FnOnce(&mut Modem<'_>) -> Result<Vec<u8>, Error<LineError>>,
    ) -> Result<(), String> {
        let number = question(&mut self.modem).map_err(|error| told(&error))?;
        self.log.conceal(&number);
        say(&text(number));
        Ok(())
    }

    fn raw(&mut self, line: &str, say: Say<'_>) -> Result<(), String> {
        if line.eq_ignore_ascii_case("at") {
            self.modem.execute(&Attention).map_err(|error| told(&error))?;
            say("OK   (the modem is there)");
            return Ok(());
        }
        // The modem takes small letters, but answers by the name as it is.
        let name_ends = line.find(['=', '?']).unwrap_or(line.len());
        let line = line[..name_ends].to_ascii_uppercase() + &line[name_ends..];
        let raw = Raw::new(&line, RAW_WITHIN).map_err(|invalid| invalid.to_string())?;
        let answer = self.modem.execute(&raw).map_err(|error| told(&error))?;
        for line in answer.lines() {
            match meaning::of(line) {
                Some(meaning) => say(&format!("{}   ({meaning})", escape(line))),
                None => say(&escape(line)),
            }
        }
        say("OK");
        Ok(())
    }

    fn bring_up(&mut self, apn: Option<&str>, say: Say<'_>) -> Result<(), String> {
        let wait = Duration::from_secs(self.wait);
        let mut bring_up =
            BringUp::new(Network::default().registered_within(wait)).attached_within(wait).sim_within(wait);
        if let Some(apn) = apn {
            bring_up = bring_up.apn(apn).map_err(|invalid| invalid.to_string())?;
        }
        let log = self.log;
        let done = self.modem.bring_up_with(&bring_up, |progress| match progress {
            Progress::Imei(number) | Progress::SimNumber(number) | Progress::Subscriber(number) => log.conceal(number),
            Progress::Model(name) => {
                log.name_module(&text(name));
                say(&progress.to_string());
            }
            Progress::Firmware(name) => {
                log.name_firmware(&text(name));
                say(&progress.to_string());
            }
            _ => say(&progress.to_string()),
        });
        done.map(|_| ()).map_err(|error| explain(&error))
    }

    fn pin(&mut self, file: &str, say: Say<'_>) -> Result<(), String> {
        let pin = self.secret("pin", file)?;
        let pin = SimPin::new(&pin).map_err(|invalid| invalid.to_string())?;
        self.modem.execute(&EnterPin(pin)).map_err(|error| told(&error))?;
        say("the SIM takes the PIN");
        Ok(())
    }

    fn sign_in(&mut self, key: &str, name: &str, file: &str, host: Option<&str>, say: Say<'_>) -> Result<(), String> {
        let device_secret = self.secret("sign-in", file)?;
        let triple = Triple::new(key, name, &device_secret).map_err(|invalid| invalid.to_string())?;
        let mut sign_in = SignIn::new(triple);
        let host = host.map(host_and_port).transpose()?;
        if let Some((host, port)) = &host {
            sign_in = sign_in.host(host, *port).map_err(|invalid| invalid.to_string())?;
        }
        let connection = self.modem.connect_aliyun(sign_in).map_err(|error| explain(&error))?;
        signed_in(&connection, say);
        Ok(())
    }

    fn connect(
        &mut self,
        host: &str,
        client_id: &str,
        login: Option<(&str, &str)>,
        say: Say<'_>,
    ) -> Result<(), String> {
        let (host, port) = host_and_port(host)?;
        let password = login.map(|(_, file)| self.secret("connect", file)).transpose()?;
        let mut broker = Broker::new(&host, client_id)
            .and_then(|broker| broker.port(port))
            .map_err(|invalid| invalid.to_string())?;
        if let (Some((user_name, _)), Some(password)) = (login, &password) {
            self.log.conceal(user_name.as_bytes());
            broker = broker.login(user_name, password).map_err(|invalid| invalid.to_string())?;
        }
        let connection = self.modem.connect(broker).map_err(|error| explain(&error))?;
        signed_in(&connection, say);
        Ok(())
    }

    fn publish(&mut self, topic: &str, payload: &str, say: Say<'_>) -> Result<(), String> {
        let message = Publish::new(topic, payload.as_bytes()).qos(QoS::AtLeastOnce);
        self.modem.publish(&message).map_err(|error| told(&error))?;
        say("published, and acknowledged by the broker");
        Ok(())
    }

    fn sign_off(&mut self, say: Say<'_>) -> Result<(), String> {
        self.modem.disconnect().map_err(|error| told(&error))?;
        say("signed off");
        Ok(())
    }

    fn wait(&mut self, seconds: &str, say: Say<'_>) -> Result<(), String> {
        let seconds: u32 = seconds.parse().ok().filter(|&seconds| seconds <= 86_400).ok_or_else(|| usage("wait"))?;
        say(&format!("showing events for {seconds} s"));
        let mut clock = self.log.clock();
        let until = clock.now() + Duration::from_secs(seconds);
        while clock.now() < until {
            let rest = until - clock.now();
            match self.modem.next_event(rest).map_err(|error| told(&error))? {
                Some(event) => {
                    say(&format!("* {}", events::shown(&event)));
                    // A script has nothing to wait for any more.
                    if matches!(event, Event::Disconnected(_) | Event::Restarted(_)) {
                        break;
                    }
                }
                None => break,
            }
        }
        Ok(())
    }

    /// The secret in a file; in a replay, as many zeros as there are stars in the recording's place.
    fn secret(&self, order: &str, file: &str) -> Result<String, String> {
        if self.log.playback().is_some() && is_masked(file) {
            return Ok("0".repeat(file.len()));
        }
        let secret = read_secret(order, Path::new(file))?;
        mask::pieces(secret.as_bytes()).iter().for_each(|piece| self.log.conceal(piece));
        Ok(secret)
    }
}

/// The line for a recording: in place of the name of a file with a secret, as many stars as the secret has characters.
pub(super) fn recorded(line: &str) -> String {
    let Some(mut words) = shlex::split(line) else { return line.to_owned() };
    let place = match words.first().map(String::as_str) {
        Some("pin") => 1,
        Some("sign-in") => 3,
        Some("connect") => 4,
        _ => return line.to_owned(),
    };
    let Some(file) = words.get_mut(place) else { return line.to_owned() };
    if let Ok(secret) = read_secret("", Path::new(file)) {
        *file = "*".repeat(secret.len());
    }
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| line.to_owned())
}

fn is_masked(file: &str) -> bool {
    file.bytes().all(|byte| byte == b'*')
}

fn help(say: Say<'_>) {
    for (name, arguments, words) in ORDERS {
        let order = format!("{name} {arguments}");
        say(&format!("{order:<50} {words}"));
    }
    say("AT…                                                the line as it is; its answer, with what each code means");
}

fn usage(order: &str) -> String {
    match ORDERS.iter().find(|(name, ..)| *name == order) {
        Some((name, arguments, words)) => format!("{name} {arguments}: {words}"),
        None => format!("{order} is no order: help says what is"),
    }
}

/// A finding as a line, with what to do.
fn explained(finding: &Finding, say: Say<'_>) {
    let value = finding.value.as_ref().map(|value| format!("{value}: ")).unwrap_or_default();
    say(&format!("{value}{}", finding.words));
    if let Some(remedy) = finding.remedy {
        say(&format!("  -> {remedy}"));
    }
}

fn signed_in(connection: &Connection, say: Say<'_>) {
    say("signed in");
    let refused: Vec<_> = connection.refused().collect();
    if !refused.is_empty() {
        say(&format!("the modem refused the settings {}; the driver does without", refused.join(", ")));
    }
}

/// A failure in words: what the code of a refusal means, or the likely cause.
fn told(error: &Error<LineError>) -> String {
    let refused = |line: &dyn Display, meaning: &str| format!("refused: {line}   ({meaning})");
    match error {
        Error::Command(CommandError { cause: Cause::Refused(Refusal::Cme(code)), .. }) => {
            let line = format!("+CME ERROR: {}", code.0);
            refused(&line, meaning::of(line.as_bytes()).as_deref().unwrap_or("a code that has no name here"))
        }
        Error::Command(CommandError { cause: Cause::Refused(_), .. }) => {
            refused(&"ERROR", "without a reason; AT+CMEE=1 asks for numbers")
        }
        Error::Command(CommandError { cause: Cause::Timeout, .. }) => "the modem does not answer this".to_owned(),
        other => other.to_string(),
    }
}
