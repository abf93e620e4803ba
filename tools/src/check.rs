//! The check: what the driver finds out about the modem, each with a verdict.

use nt35e::at::{Cause, CommandError, Refusal};
use nt35e::blocking::Client;
use nt35e::command::{
    AddressQuery, AttachmentQuery, Attention, ClockQuery, FirmwareVersion, Imei, Model, Raw, RegistrationQuery,
    SignalQuery, SimNumber, SimQuery, SimStatus, Subscriber,
};
use nt35e::{BringUp, Buffers, Duration, Error, Network, Progress};

use crate::cli::{CheckOptions, ModemOptions};
use crate::line::LineError;
use crate::report::{Finding, Report, Verdict};
use crate::search::{Found, search};
use crate::tap::{LineClock, Log, Tap};
use crate::words;

/// The driver on the line.
pub(crate) type Modem<'b> = Client<'b, Tap, LineClock>;

/// Every line of a report, in this order.
const NAMES: [&str; 15] = [
    "port",
    "baud rate",
    "echo",
    "model",
    "firmware",
    "IMEI",
    "SIM number",
    "subscriber",
    "SIM",
    "registration",
    "attachment",
    "address",
    "signal",
    "clock",
    "MQTT",
];

/// What the driver cannot do without.
const NEEDED: [&str; 2] = ["registration", "MQTT"];

const SEND_IN: &str = "record a transcript and send it in, so that the driver learns this firmware";
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
const SIM_WITHIN: Duration = Duration::from_secs(15);

/// The driver's buffers, with room for a list of all settings as one answer.
#[derive(Debug)]
pub(crate) struct Memory {
    rx: [u8; 8192],
    tx: [u8; 512],
    inbox: [u8; 2048],
}

impl Memory {
    pub(crate) const fn new() -> Self {
        Self { rx: [0; 8192], tx: [0; 512], inbox: [0; 2048] }
    }

    pub(crate) fn driver(&mut self, tap: Tap) -> Modem<'_> {
        let clock = tap.clock();
        Client::new(tap, clock, Buffers::new(&mut self.rx, &mut self.tx, &mut self.inbox))
    }
}

/// Checks the modem and reports; true if nothing stands in the way of MQTT.
pub(crate) fn run(options: &CheckOptions, log: &Log) -> bool {
    let mut report = Report::new(options.json).noted_in(log);
    if let Some(tap) = reach(&options.modem, log, &mut report) {
        let mut memory = Memory::new();
        let mut modem = memory.driver(tap);
        bring_up(&mut modem, options.modem.wait, &report);
        Check { modem, report: &mut report, log, show_numbers: options.show_numbers, gone: false }.run();
    }
    for name in NAMES {
        if !report.has(name) {
            report.add(Finding::new(name, Verdict::Unchecked, "nobody could ask"));
        }
    }
    report.conclude()
}

/// Opens the line and finds the baud rate; none if there is no modem.
pub(crate) fn reach(options: &ModemOptions, log: &Log, report: &mut Report) -> Option<Tap> {
    reach_with_echo(options, log, report).map(|(tap, _)| tap)
}

/// Opens the line and finds the baud rate, and whether the modem echoes; none if there is no modem.
pub(crate) fn reach_with_echo(options: &ModemOptions, log: &Log, report: &mut Report) -> Option<(Tap, bool)> {
    let place = options.place();
    let mut tap = match log.open(&place) {
        Ok(tap) => tap,
        Err(failure) => {
            report
                .add(Finding::new("port", Verdict::Bad, failure).remedy("is it this port? Is the adapter plugged in?"));
            return None;
        }
    };
    report.add(Finding::new("port", Verdict::Good, "it could be opened"));
    report.wait("looking for the modem");
    match search(&mut tap, place.baud_rates()) {
        Ok(Found { baud_rate, echo }) => {
            let finding = Finding::new("baud rate", Verdict::Good, "the modem answers");
            report.add(match baud_rate {
                Some(baud_rate) => finding.value(baud_rate.to_string()),
                None => finding,
            });
            let words = if echo { "it was on, as after power-on; the driver switches it off" } else { "it is off" };
            report.add(Finding::new("echo", Verdict::Good, words));
            Some((tap, echo))
        }
        Err(failure) => {
            report.add(Finding::new("baud rate", Verdict::Bad, failure.to_string()).remedy(failure.remedy()));
            None
        }
    }
}

/// Brings the modem up, and shows what is waited for. What stands in the way is asked for afterwards, so that all of it is
/// reported and not the first alone.
fn bring_up(modem: &mut Modem<'_>, wait: u32, report: &Report) {
    let wait = Duration::from_secs(wait);
    let network = Network::default().answer_within(ANSWER_WITHIN).registered_within(wait);
    let settings =
        BringUp::new(network).sim_within(if wait < SIM_WITHIN { wait } else { SIM_WITHIN }).attached_within(wait);
    let mut shown = Vec::new();
    let done = modem.bring_up_with(&settings, |progress| {
        let text = match progress {
            Progress::Sim(_) | Progress::Registration(_) | Progress::Attached(_) | Progress::Address(None) => {
                progress.to_string()
            }
            _ => return,
        };
        if !shown.contains(&text) {
            report.wait(&text);
            shown.push(text);
        }
    });
    if let Err(error) = done {
        report.wait(&error.to_string());
    }
}

struct Check<'a, 'b> {
    modem: Modem<'b>,
    report: &'a mut Report,
    log: &'a Log,
    show_numbers: bool,
    gone: bool,
}

/// What came of a question.
enum Asked<T> {
    Answered(T),
    Refused(Refusal),
    /// There was an answer that cannot be read.
    Unreadable,
    /// There was none, and yet the modem is there.
    Unanswered,
    /// The modem has gone.
    Gone,
}

impl<T> Asked<T> {
    fn map<U>(self, change: impl FnOnce(T) -> U) -> Asked<U> {
        match self {
            Self::Answered(answer) => Asked::Answered(change(answer)),
            Self::Refused(refusal) => Asked::Refused(refusal),
            Self::Unreadable => Asked::Unreadable,
            Self::Unanswered => Asked::Unanswered,
            Self::Gone => Asked::Gone,
        }
    }
}

impl<'b> Check<'_, 'b> {
    fn run(mut self) {
        let asked = self.ask(|modem| modem.execute(&Model).map(text));
        if let Asked::Answered(module) = &asked {
            self.log.name_module(module);
        }
        self.state("model", asked, words::model);
        let asked = self.ask(|modem| modem.execute(&FirmwareVersion).map(text));
        if let Asked::Answered(firmware) = &asked {
            self.log.name_firmware(firmware);
        }
        self.state("firmware", asked, words::firmware);
        self.number("IMEI", |modem| modem.execute(&Imei).map(<[u8]>::to_vec));
        self.number("SIM number", |modem| modem.execute(&SimNumber).map(<[u8]>::to_vec));
        self.number("subscriber", |modem| modem.execute(&Subscriber).map(<[u8]>::to_vec));
        match self.ask(|modem| modem.execute(&SimQuery)) {
            Asked::Refused(refusal) => self.report.add(words::sim(SimStatus::from_refusal(refusal))),
            asked => self.state("SIM", asked, words::sim),
        }
        let asked = self.ask(|modem| modem.execute(&RegistrationQuery));
        self.state("registration", asked, words::registration);
        let asked = self.ask(|modem| modem.execute(&AttachmentQuery));
        self.state("attachment", asked, words::attachment);
        let asked = self.ask(|modem| modem.execute(&AddressQuery).map(|address| address.map(text)));
        self.state("address", asked, words::address);
        let asked = self.ask(|modem| modem.execute(&SignalQuery));
        self.state("signal", asked, words::signal);
        let asked = self.ask(|modem| modem.execute(&ClockQuery));
        self.state("clock", asked, words::clock);
        self.dialect();
    }

    fn ask<T>(&mut self, question: impl FnOnce(&mut Modem<'b>) -> Result<T, Error<LineError>>) -> Asked<T> {
        if self.gone {
            return Asked::Gone;
        }
        match question(&mut self.modem) {
            Ok(answer) => Asked::Answered(answer),
            Err(Error::Command(CommandError { cause: Cause::Refused(refusal), .. })) => Asked::Refused(refusal),
            Err(Error::Command(CommandError { cause: Cause::Malformed | Cause::AnswerTooLong, .. })) => {
                Asked::Unreadable
            }
            Err(_) if self.modem.execute(&Attention).is_ok() => Asked::Unanswered,
            Err(error) => {
                self.report.wait(&error.to_string());
                self.gone = true;
                Asked::Gone
            }
        }
    }

    /// A number that stands for somebody.
    fn number(
        &mut self,
        name: &'static str,
        question: impl FnOnce(&mut Modem<'b>) -> Result<Vec<u8>, Error<LineError>>,
    ) {
        let asked = self.ask(question);
        if let Asked::Answered(number) = &asked {
            self.log.conceal(number);
        }
        let show = self.show_numbers;
        self.state(name, asked, |number| {
            let finding = Finding::new(name, Verdict::Good, format!("{} digits", number.len()));
            if show { finding.value(text(&number)) } else { finding }
        });
    }

    /// Reports what an answer means. One that the driver does without is a doubt and not more, since firmware differs in
    /// what it knows.
    fn state<T>(&mut self, name: &'static str, asked: Asked<T>, meaning: impl FnOnce(T) -> Finding) {
        let missing = if NEEDED.contains(&name) { Verdict::Unchecked } else { Verdict::Doubtful };
        let without = |words: &str| Finding::new(name, missing, words).remedy(SEND_IN);
        self.report.add(match asked {
            Asked::Answered(answer) => meaning(answer),
            Asked::Refused(refusal) => without(&format!("the modem refuses to say ({refusal:?})")),
            Asked::Unreadable => without("the driver cannot read the answer"),
            Asked::Unanswered => without("the modem does not answer this question"),
            Asked::Gone => Finding::new(name, Verdict::Unchecked, "the modem has stopped to answer")
                .remedy("check its supply: a module draws up to 2 A for an instant when it sends"),
        });
    }

    /// Which names the MQTT commands have.
    fn dialect(&mut self) {
        let asked = match self.knows("AT+LMQTTCFG=?") {
            Asked::Refused(_) => self.knows("AT+ECMTCFG=?").map(|()| words::ANCESTOR),
            asked => asked.map(|()| words::SPOKEN),
        };
        match asked {
            Asked::Refused(_) => self.report.add(words::no_mqtt()),
            asked => self.state("MQTT", asked, words::mqtt),
        }
    }

    /// Whether the modem knows a command, whatever it says of it.
    fn knows(&mut self, line: &str) -> Asked<()> {
        match self.ask(|modem| modem.execute(&Raw::new(line, Duration::from_secs(5))?).map(|_| ())) {
            // An answer that is too long for the driver's memory is one nevertheless.
            Asked::Unreadable => Asked::Answered(()),
            asked => asked,
        }
    }
}

/// What the modem said, on one line whatever bytes it has.
pub(crate) fn text(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().escape_ascii().to_string()
}
