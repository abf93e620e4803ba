//! What all experiments share: the talk, a scratch context, a session at the broker, and how all is left as it was.

use core::time::Duration;
use std::io::BufRead as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Instant;

use super::experiment::Outcome;
use super::talk::{Answer, Broken, Talk, is_interrupted};
use crate::probe::ProbeOptions;
use crate::tap::Log;

/// How long a result may take that the network has a part in.
pub(crate) const RESULT: Duration = Duration::from_secs(40);
/// How long to wait for what may not come at all.
pub(crate) const PAUSE: Duration = Duration::from_millis(1_200);

/// No line end follows it, though the echo of one may (`protocol.md` §2).
const PROMPT: &[u8] = b"\r\n> ";

/// A context of the packet service that nobody uses.
pub(crate) const CONTEXT: u8 = 7;

/// The laboratory.
pub(crate) struct Lab {
    pub(crate) talk: Talk,
    pub(crate) options: ProbeOptions,
    log: Log,
    /// A number that identifies somebody, and is in no report.
    hidden: Option<String>,
    /// What `AT+CMEE` and echo were.
    error_reports: Option<String>,
    echo: bool,
    /// What `AT+CEREG` was.
    registration_reports: Option<String>,
    /// A session is signed in.
    session: bool,
    /// There was one before.
    pub(crate) had_session: bool,
    /// Why there can be no session.
    pub(crate) no_session: Option<String>,
    /// Whether the broker is the one of `nt35e broker`, which does odd things on request; once it was asked.
    helpful: Option<bool>,
    /// An experiment has switched it off, and not on again yet.
    pub(crate) radio_is_off: bool,
    /// An experiment has set [`CONTEXT`], and not deleted it yet.
    pub(crate) context_is_set: bool,
    pub(crate) radio: Option<super::chapters::radio::Seen>,
    pub(crate) restart: Option<Option<super::chapters::power::Seen>>,
    /// The SIM has asked for its PIN.
    pub(crate) pin_asked: bool,
    last_message_id: u16,
    /// How many bytes a prompt waits for.
    prompted: usize,
    answers: Option<Receiver<()>>,
}

impl Lab {
    pub(crate) fn new(talk: Talk, options: ProbeOptions, echo: bool, log: Log) -> Self {
        Self {
            talk,
            options,
            log,
            hidden: None,
            error_reports: None,
            echo,
            registration_reports: None,
            session: false,
            had_session: false,
            no_session: None,
            helpful: None,
            radio_is_off: false,
            context_is_set: false,
            radio: None,
            restart: None,
            pin_asked: false,
            last_message_id: 0,
            prompted: 0,
            answers: None,
        }
    }

    /// Prepares the modem; an error if it may not be touched.
    pub(crate) fn prepare(&mut self) -> Result<Result<(), String>, Broken> {
        self.talk.command("ATE0")?;
        self.talk.command("AT+LMQTTCONN?")?;
        let state = self.talk.heard().told("LMQTTCONN").unwrap_or_default();
        if state.ends_with(",2") || state.ends_with(",3") {
            return Ok(Err("an MQTT connection is open: end it first (AT+LMQTTDISC=0, AT+LMQTTCLOSE=0)".to_owned()));
        }
        self.talk.command("AT+CMEE?")?;
        self.error_reports = self.talk.heard().told("CMEE");
        self.talk.command("AT+CEREG?")?;
        let told = self.talk.heard().told("CEREG").unwrap_or_default();
        self.registration_reports = told.split_once(',').map(|(reports, _)| reports.trim().to_owned());
        Ok(Ok(()))
    }

    /// Leaves the modem as it was.
    pub(crate) fn tidy(&mut self) -> Result<(), Broken> {
        self.talk.tidy();
        // A prompt or half a line that may be open ends so.
        if self.talk.command_within("AT", Duration::from_secs(1))? == Answer::Silent {
            self.talk.send(&vec![b' '; self.prompted])?;
            self.talk.send(b"\x1a\r\n")?;
            self.talk.wait(Duration::from_millis(200))?;
        }
        self.end_session()?;
        self.talk.command("AT+LMQTTCLOSE=0")?;
        if self.radio_is_off {
            self.talk.command_within("AT+CFUN=1", Duration::from_secs(15))?;
        }
        if self.context_is_set {
            self.talk.command(&format!("AT+CGDCONT={CONTEXT}"))?;
        }
        if let Some(error_reports) = self.error_reports.take() {
            self.talk.command(&format!("AT+CMEE={error_reports}"))?;
        }
        if let Some(reports) = self.registration_reports.take() {
            self.talk.command(&format!("AT+CEREG={reports}"))?;
        }
        let echo = if self.echo { "ATE1" } else { "ATE0" };
        self.talk.command(echo)?;
        Ok(())
    }

    /// Switches to numbers in error reports, so that a command that is not known differs from one that is refused.
    pub(crate) fn ask_for_codes(&mut self) -> Result<(), Broken> {
        self.talk.command("AT+CMEE=1").map(|_| ())
    }

    /// A context without a connection, for settings; false if the firmware has no such commands.
    pub(crate) fn scratch(&mut self) -> Result<bool, Broken> {
        self.end_session()?;
        self.talk.command("AT+LMQTTCLOSE=0")?;
        self.talk.wait(Duration::from_millis(100))?;
        self.talk.accepts("AT+LMQTTCFG=\"keepalive\",0,120")
    }

    /// Opens a connection in a context of its own, with these settings; true if it is open.
    pub(crate) fn open(&mut self, settings: &[&str]) -> Result<bool, Broken> {
        let port = self.options.broker_port;
        self.open_at(port, settings)
    }

    pub(crate) fn open_at(&mut self, port: u16, settings: &[&str]) -> Result<bool, Broken> {
        if !self.scratch()? {
            return Ok(false);
        }
        let usual = ["\"urc\",0,1", "\"cache\",0,0", "\"session\",0,1", "\"recv/mode\",0,0,1"];
        for setting in usual.iter().chain(settings) {
            self.talk.command(&format!("AT+LMQTTCFG={setting}"))?;
        }
        if self.talk.command_within(&self.open_line(port), RESULT)? != Answer::Ok {
            return Ok(false);
        }
        let limit = if self.had_session { RESULT } else { Duration::from_secs(20) };
        Ok(self.talk.told("LMQTTOPEN", limit)?.is_some_and(|told| told == "0,0"))
    }

    pub(crate) fn open_line(&self, port: u16) -> String {
        format!("AT+LMQTTOPEN=0,\"{}\",{port}", self.options.host.as_deref().unwrap_or_default())
    }

    /// Signs in; true if the broker accepts.
    pub(crate) fn connect(&mut self, client_id: &str) -> Result<bool, Broken> {
        let line = self.connect_line(client_id);
        if self.talk.command_within(&line, RESULT)? != Answer::Ok {
            return Ok(false);
        }
        let told = self.talk.told("LMQTTCONN", RESULT)?;
        self.session = matches!(told.as_deref(), Some("0,0,0" | "0,1,0" | "0,0"));
        self.had_session |= self.session;
        Ok(self.session)
    }

    pub(crate) fn connect_line(&self, client_id: &str) -> String {
        let mut line = format!("AT+LMQTTCONN=0,\"{client_id}\"");
        if let Some(username) = &self.options.username {
            line += &format!(",\"{username}\"");
            if let Some(password) = &self.options.password {
                line += &format!(",\"{password}\"");
            }
        }
        line
    }

    /// A session at the broker, if there is none; or why there can be none.
    pub(crate) fn session(&mut self) -> Result<Option<Outcome>, Broken> {
        if let Some(reason) = &self.no_session {
            return Ok(Some(Outcome::Undecided(reason.clone())));
        }
        if self.session {
            return Ok(None);
        }
        let client_id = self.client_id("p");
        let done = if !self.open(&[])? {
            Err(format!("no connection to the broker: {}", self.last_words()))
        } else if !self.connect(&client_id)? {
            Err(format!("no sign-in at the broker: {}", self.last_words()))
        } else {
            Ok(())
        };
        Ok(done.err().map(|reason| {
            self.no_session = Some(reason.clone());
            Outcome::Undecided(reason)
        }))
    }

    /// A session like any other was made by an experiment of its own.
    pub(crate) const fn session_is_odd(&mut self) {
        self.session = false;
    }

    /// Ends the session, and forgets its settings.
    pub(crate) fn end_session(&mut self) -> Result<(), Broken> {
        if self.session {
            self.session = false;
            self.talk.command("AT+LMQTTDISC=0")?;
            self.talk.wait(Duration::from_millis(50))?;
        }
        self.talk.command("AT+LMQTTCLOSE=0").map(|_| ())
    }

    pub(crate) fn client_id(&self, end: &str) -> String {
        format!("{}{end}", self.options.client_id)
    }

    pub(crate) fn topic(&self, end: &str) -> String {
        format!("{}/{end}", self.options.topic)
    }

    pub(crate) const fn message_id(&mut self) -> u16 {
        self.last_message_id = self.last_message_id % 60_000 + 1;
        self.last_message_id
    }

    /// Subscribes at QoS 1; the result, if the command was accepted.
    pub(crate) fn subscribe(&mut self, topic: &str, qos: u8) -> Result<Option<String>, Broken> {
        let id = self.message_id();
        let line = format!("AT+LMQTTSUBUNSUB=0,0,{id},\"{topic}\",{qos}");
        if self.talk.command_within(&line, RESULT)? != Answer::Ok {
            return Ok(None);
        }
        self.talk.told("LMQTTSUBUNSUB", RESULT)
    }

    /// Publishes in the command line; whether it was accepted.
    pub(crate) fn publish(&mut self, topic: &str, qos: u8, payload: &[u8]) -> Result<Answer, Broken> {
        let id = if qos == 0 { 0 } else { self.message_id() };
        self.talk.forget()?;
        let head = format!("AT+LMQTTPUB=0,{id},{qos},0,\"{topic}\",{},\"", payload.len());
        self.talk.send(&[head.as_bytes(), payload, b"\"\r\n"].concat())?;
        self.talk.listen(RESULT, |heard| heard.answer() != Answer::Silent)?;
        Ok(self.talk.heard().answer())
    }

    /// Asks for a prompt; whether it came.
    pub(crate) fn prompt(&mut self, topic: &str, qos: u8, length: usize) -> Result<bool, Broken> {
        let id = if qos == 0 { 0 } else { self.message_id() };
        self.talk.forget()?;
        self.talk.send(format!("AT+LMQTTPUB=0,{id},{qos},0,\"{topic}\",{length}\r\n").as_bytes())?;
        let is_refused = |answer| matches!(answer, Answer::Error | Answer::Code);
        self.talk.listen(Duration::from_secs(5), |heard| heard.holds(PROMPT) || is_refused(heard.answer()))?;
        let is_there = self.talk.heard().holds(PROMPT);
        self.prompted = if is_there { length } else { 0 };
        Ok(is_there)
    }

    /// The modem has given the payload up.
    pub(crate) const fn has_no_prompt(&mut self) {
        self.prompted = 0;
    }

    /// Sends the payload, and 0x1A if nothing comes without; true if 0x1A was needed.
    pub(crate) fn payload(&mut self, payload: &[u8]) -> Result<bool, Broken> {
        let before = self.talk.heard().bytes.len();
        self.prompted = 0;
        self.talk.send(payload)?;
        let has_ended = move |heard: &super::talk::Heard<'_>| {
            let behind = &heard.bytes[before.min(heard.bytes.len())..];
            [&b"OK\r\n"[..], b"ERROR", b"LMQTTPUB:"]
                .iter()
                .any(|end| behind.windows(end.len()).any(|part| part == *end))
        };
        if self.talk.listen(Duration::from_secs(3), has_ended)? {
            return Ok(false);
        }
        self.talk.send(b"\x1a")?;
        self.talk.listen(RESULT, has_ended)
    }

    /// Whether the broker is the one of `nt35e broker`, which tells who has signed in; needs a session.
    pub(crate) fn login(&mut self) -> Result<Option<String>, Broken> {
        let topic = self.topic("login");
        self.subscribe(&topic, 0)?;
        let mark = b"login=";
        self.talk.listen(Duration::from_secs(3), |heard| {
            heard.place(mark).is_some_and(|place| heard.bytes[place..].contains(&b'\r'))
        })?;
        let lines = self.talk.heard().lines();
        let login = lines.iter().find_map(|line| line.split_once("login=").map(|(_, login)| login.to_owned()));
        self.helpful.get_or_insert(login.is_some());
        Ok(login)
    }

    /// A session at a broker that does odd things on request, or why there is none.
    pub(crate) fn helpful_session(&mut self) -> Result<Option<Outcome>, Broken> {
        if let Some(outcome) = self.session()? {
            return Ok(Some(outcome));
        }
        if self.helpful.is_none() {
            self.login()?;
        }
        let plain = "this broker does nothing out of the ordinary; `nt35e broker` does";
        Ok((self.helpful != Some(true)).then(|| Outcome::Undecided(plain.to_owned())))
    }

    /// Keeps a number that identifies somebody out of report and transcript.
    pub(crate) fn hide(&mut self, number: &str) {
        self.log.conceal(number.as_bytes());
        self.hidden = Some(number.to_owned());
    }

    /// What was heard last, on one line.
    pub(crate) fn last_words(&self) -> String {
        let mut heard = self.talk.heard().bytes.escape_ascii().to_string();
        if let Some(hidden) = &self.hidden {
            heard = heard.replace(hidden, &"*".repeat(hidden.len()));
        }
        match heard.char_indices().nth(160) {
            Some((end, _)) => format!("{}…", &heard[..end]),
            None => heard,
        }
    }

    /// Asks somebody to do something, and waits for Enter.
    pub(crate) fn ask(&mut self, name: &str, request: &str) -> Result<(), Broken> {
        self.talk.forget()?;
        eprintln!("please [{name}]: {request}; then press Enter");
        let answers = self.answers.get_or_insert_with(|| {
            let (answer, answers) = channel();
            thread::spawn(move || {
                for line in std::io::stdin().lock().lines() {
                    if line.is_err() || answer.send(()).is_err() {
                        return;
                    }
                }
            });
            answers
        });
        let since = Instant::now();
        loop {
            match answers.recv_timeout(Duration::from_millis(50)) {
                Ok(()) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(Broken::Interrupted),
                Err(RecvTimeoutError::Timeout) if is_interrupted() || since.elapsed() > Duration::from_secs(1800) => {
                    return Err(Broken::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}
