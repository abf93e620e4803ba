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
        let sources = [self.board.agenda.next_due(), self.mqtt.next_due(), self.input_due()];
        sources.into_iter().flatten().min()
    }

    /// Takes every step that is due by now.
    pub(super) fn run(&mut self, now: Duration) {
        while let Some(due) = self.next_step().filter(|due| *due <= now) {
            self.clock = self.clock.max(due);
            let clock = self.clock;
            if self.board.agenda.next_due() == Some(due) {
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
        if matches!(self.phase, Phase::Off | Phase::Hung | Phase::Booting) {
            return;
        }
        let sleeps_after = Duration::from_secs(self.board.quirks.sleeps_after.into());
        if !sleeps_after.is_zero() && now >= self.last_input + sleeps_after {
            self.deaf_to_first_line = true;
        }
        self.last_input = now;
        let echoed = if self.phase == Phase::Payload { self.board.quirks.echo_payload } else { byte != b'\n' };
        if self.device.echo && echoed {
            self.to_host.push(&[byte], now);
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
            Task::Urc(line) => self.unsolicited(&line, now),
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
        let writer = self.writer();
        match reply {
            None => {}
            Some(Err(refusal)) => self.to_host.push(&writer.refusal(refusal), now),
            Some(Ok(Reply::Done(lines))) => {
                for line in lines {
                    self.to_host.push(&writer.line(&line), now);
                }
                self.to_host.push(&writer.ok(), now);
            }
            Some(Ok(Reply::Accepted(_))) if after_prompt && self.board.quirks.prompt_ok == PromptOk::BeforePrompt => {}
            Some(Ok(Reply::Accepted(ticket))) => match self.board.quirks.result_order {
                ResultOrder::AfterOk => self.to_host.push(&writer.ok(), now),
                ResultOrder::BeforeOk | ResultOrder::WithOk => self.phase = Phase::AwaitingResult(ticket),
            },
            Some(Ok(Reply::Prompt(length))) => self.prompt(length, now),
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

    fn prompt(&mut self, length: usize, now: Duration) {
        let quirks = &self.board.quirks;
        self.reader.expect_payload(length, quirks.ctrl_z == CtrlZ::Needed, quirks.escape == Escape::Cancels);
        self.phase = Phase::Payload;
        if quirks.prompt_ok != PromptOk::AfterData {
            self.to_host.push(&self.writer().ok(), now);
        }
        self.to_host.push(PROMPT, now);
    }

    fn result(&mut self, ticket: Ticket, line: Option<&[u8]>, now: Duration) {
        if self.phase != Phase::AwaitingResult(ticket) {
            if let Some(line) = line {
                self.unsolicited(line, now);
            }
            return;
        }
        let writer = self.writer();
        let line = line.map(|line| writer.line(line)).unwrap_or_default();
        let both = match self.board.quirks.result_order {
            ResultOrder::BeforeOk => [line, writer.ok()].concat(),
            ResultOrder::AfterOk | ResultOrder::WithOk => [writer.ok(), line].concat(),
        };
        self.to_host.push(&both, now);
        self.phase = Phase::Idle;
    }

    fn unsolicited(&mut self, line: &[u8], now: Duration) {
        if self.phase == Phase::Payload && self.board.quirks.urc_during_payload == UrcDuringPayload::Held {
            self.held.push(line.to_vec());
        } else {
            self.to_host.push(&self.writer().line(line), now);
        }
    }

    fn release_held(&mut self, now: Duration) {
        for line in core::mem::take(&mut self.held) {
            self.to_host.push(&self.writer().line(&line), now);
        }
    }
}
