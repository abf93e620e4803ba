//! The loop: one step at a time, each at its own due time, however late it is called.
//!
//! ```text
//! Off ──power_on──▶ Booting ──booted──▶ Idle ──line──▶ Busy ──answer──▶ Idle
//!                                                        ├──prompt──▶ Payload ──last byte──▶ Busy
//!                                                        └──quirk result_order──▶ AwaitingResult ──result──▶ Idle
//! any ──restart──▶ Booting        any ──power_down──▶ Off
//! ```

use core::time::Duration;

use super::Modem;
use super::at::{Command, Input, PROMPT, Refusal};
use super::board::{Reply, Task, Ticket};
use super::quirks::{CtrlZ, Escape, ForeignLine, PromptOk, ResultOrder, UrcDuringPayload};
use super::serial::Matter;

/// What the command interpreter is doing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// No power.
    Off,
    /// Power, and nothing else.
    Hung,
    /// Started, and still deaf.
    Booting,
    /// Ready for a command.
    Idle,
    /// A command or payload is complete and will be answered; what the host sends meanwhile waits.
    Busy,
    /// The prompt is out.
    Payload,
    /// `OK` comes together with this result.
    AwaitingResult(Ticket),
}

impl Modem {
    /// When the next step is due.
    pub(super) fn next_step(&self) -> Option<Duration> {
        let sources = [self.trouble_due(), self.board.agenda.next_due(), self.mqtt.next_due(), self.input_due()];
        sources.into_iter().flatten().min()
    }

    /// Takes every step that is due by now, unless somebody else has to act before.
    pub(super) fn run(&mut self, now: Duration) {
        while !self.trouble.waits_for_others()
            && let Some(due) = self.next_step().filter(|due| *due <= now)
        {
            self.clock = self.clock.max(due);
            let clock = self.clock;
            if self.trouble_due() == Some(due) {
                self.suffer_what_is_due(clock);
            } else if self.board.agenda.next_due() == Some(due) {
                if let Some(task) = self.board.agenda.take_first() {
                    self.perform(task, clock);
                }
            } else if self.mqtt.next_due() == Some(due) {
                self.mqtt.tick(&mut self.board, clock);
            } else {
                self.take_input(clock);
            }
        }
        self.clock = self.clock.max(now);
        for matter in self.from_host.take_spoiled().into_iter().chain(self.to_host.take_spoiled()) {
            self.board.record.spoil(matter);
        }
    }

    /// When the next byte from the host is due; it waits while a command is being answered.
    fn input_due(&self) -> Option<Duration> {
        match self.phase {
            Phase::Busy | Phase::AwaitingResult(_) => None,
            Phase::Off | Phase::Hung | Phase::Booting | Phase::Idle | Phase::Payload => self.from_host.next_due(),
        }
    }

    fn take_input(&mut self, now: Duration) {
        let Some(byte) = self.from_host.take_byte() else { return };
        if !matches!(self.phase, Phase::Off | Phase::Hung | Phase::Booting) {
            self.feed(byte.value, now);
        }
        self.trip_at_byte_from_host(now);
    }

    fn feed(&mut self, byte: u8, now: Duration) {
        let sleeps_after = Duration::from_secs(self.board.quirks.sleeps_after.into());
        if !sleeps_after.is_zero() && now >= self.last_input + sleeps_after {
            self.deaf_to_first_line = true;
        }
        self.last_input = now;
        let echoed = if self.phase == Phase::Payload { self.board.quirks.echo_payload } else { byte != b'\n' };
        if self.device.echo && echoed {
            self.to_host.push(&[byte], Matter::Other, now);
        }
        if let Some(input) = self.reader.feed(byte) {
            self.phase = Phase::Busy;
            self.board.agenda.add(now + self.board.delays.acknowledge, Task::Answer(input));
        }
    }

    fn perform(&mut self, task: Task, now: Duration) {
        match task {
            Task::Booted => self.booted(now),
            Task::Register => self.device.radio.register(&mut self.board, now),
            Task::Registration(registration) => {
                self.device.radio.set_registration(&mut self.board, registration, now);
                self.notice_radio(now);
            }
            Task::KeyHeld => self.key_held(now),
            Task::ResetHeld => self.reset_held(now),
            Task::Discharged => self.discharged(now),
            Task::Answer(input) => self.answer(input, now),
            Task::Urc(line, matter) => self.unsolicited(&line, matter, now),
            Task::Result { ticket, line } => self.result(ticket, line.as_deref(), now),
            Task::OpenTimeLimit(ticket) => self.mqtt.open_time_limit(&mut self.board, ticket, now),
            Task::Restart => self.restart_after_answer(now),
        }
    }

    fn answer(&mut self, input: Input, now: Duration) {
        let after_prompt = matches!(input, Input::Payload(_));
        let reply = match input {
            Input::Line(line) => self.execute_line(&line, now),
            Input::LongLine => Some(Err(Refusal::Unknown)),
            Input::Payload(payload) => Some(self.mqtt.payload(&mut self.board, &payload, now)),
            Input::Cancelled => {
                self.mqtt.payload_cancelled();
                Some(Ok(Reply::OK))
            }
        };
        self.phase = Phase::Idle;
        let is_lost = reply.is_some() && self.trouble.loses_answer();
        let writer = self.writer();
        match reply {
            None => {}
            Some(Ok(Reply::Prompt(length))) => self.prompt(length, is_lost, now),
            Some(Ok(Reply::Accepted(ticket))) if is_lost => self.trouble.lose_result_of(ticket),
            Some(_) if is_lost => {}
            Some(Err(refusal)) => self.say(&writer.refusal(refusal), now),
            Some(Ok(Reply::Done(lines))) => {
                for line in lines {
                    self.say(&writer.line(&line), now);
                }
                self.say(&writer.ok(), now);
            }
            Some(Ok(Reply::Accepted(_))) if after_prompt && self.board.quirks.prompt_ok == PromptOk::BeforePrompt => {}
            Some(Ok(Reply::Accepted(ticket))) => match self.board.quirks.result_order {
                ResultOrder::AfterOk if self.trouble.loses_ok() => {}
                ResultOrder::AfterOk => self.say(&writer.ok(), now),
                ResultOrder::BeforeOk | ResultOrder::WithOk => self.phase = Phase::AwaitingResult(ticket),
            },
        }
        if self.phase != Phase::Payload {
            self.release_held(now);
        }
    }

    /// `None` for a line that gets no answer at all.
    fn execute_line(&mut self, line: &[u8], now: Duration) -> Option<Result<Reply, Refusal>> {
        if core::mem::take(&mut self.deaf_to_first_line) {
            return None;
        }
        let Some(command) = Command::parse(line) else {
            let answered = self.board.quirks.foreign_line == ForeignLine::Error;
            return answered.then_some(Err(Refusal::Unknown));
        };
        if command.name.starts_with("+LMQTT") {
            let attached = self.device.radio.has_address(&self.board, now);
            return Some(self.mqtt.execute(&mut self.board, &command, attached, now));
        }
        let reply = self.device.execute(&mut self.board, &command, now);
        self.notice_radio(now);
        Some(reply)
    }

    /// Without a network, no connection lives.
    pub(super) fn notice_radio(&mut self, now: Duration) {
        if !self.device.radio.is_attached() {
            self.mqtt.radio_lost(&mut self.board, now);
        }
    }

    fn prompt(&mut self, length: usize, is_lost: bool, now: Duration) {
        let quirks = &self.board.quirks;
        self.reader.expect_payload(length, quirks.ctrl_z == CtrlZ::Needed, quirks.escape == Escape::Cancels);
        self.phase = Phase::Payload;
        if is_lost {
            return;
        }
        if quirks.prompt_ok != PromptOk::AfterData {
            self.say(&self.writer().ok(), now);
        }
        self.say(PROMPT, now);
    }

    fn result(&mut self, ticket: Ticket, line: Option<&[u8]>, now: Duration) {
        let line = line.filter(|_| !self.trouble.loses_result(ticket));
        if self.phase != Phase::AwaitingResult(ticket) {
            if let Some(line) = line {
                self.unsolicited(line, Matter::Result, now);
            }
            return;
        }
        self.phase = Phase::Idle;
        let writer = self.writer();
        let is_first = self.board.quirks.result_order == ResultOrder::BeforeOk;
        let line = line.map(|line| writer.line(line)).unwrap_or_default();
        if is_first {
            self.put(&line, Matter::Result, now);
        }
        if !self.trouble.loses_ok() {
            self.say(&writer.ok(), now);
        }
        if !is_first {
            self.put(&line, Matter::Result, now);
        }
    }

    fn unsolicited(&mut self, line: &[u8], matter: Matter, now: Duration) {
        if self.phase == Phase::Payload && self.board.quirks.urc_during_payload == UrcDuringPayload::Held {
            self.held.push((line.to_vec(), matter));
        } else {
            self.put(&self.writer().line(line), matter, now);
        }
    }

    fn release_held(&mut self, now: Duration) {
        for (line, matter) in core::mem::take(&mut self.held) {
            self.put(&self.writer().line(&line), matter, now);
        }
    }

    /// Puts what nobody keeps books of on the line to the host.
    pub(super) fn say(&mut self, bytes: &[u8], now: Duration) {
        self.put(bytes, Matter::Other, now);
    }

    fn put(&mut self, bytes: &[u8], matter: Matter, now: Duration) {
        if !bytes.is_empty() {
            self.board.record.said(matter, bytes.len());
            self.to_host.push(bytes, matter, now);
        }
    }
}
