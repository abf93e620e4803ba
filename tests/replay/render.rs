//! Outcomes and events as the `=` lines of a transcript have them.
//!
//! They are written here and not taken from `Debug`, so that they change only when somebody means it. Codes of the modem
//! stay numbers, which `protocol.md` explains.

use nt35e::at::{Answer, Cause, CmeError, CommandError, Refusal, Stage};
use nt35e::command::{
    ConnectFailure, ConnectionState, OpenFailure, PublishOutcome, Registration, SendFailure, SubscribeFailure, Teardown,
};
use nt35e::{Connection, Counters, Error, Event, Loss, MessageId, ReceivedTopic, Restart, StatusReport};
use nt35e_sim::transcript::escape;

use super::wire::Deviated;

/// The lines that come of one `!` line.
pub(crate) type Outcome = Vec<String>;

/// What a call of the driver returns.
pub(crate) type Returned<T> = Result<T, Error<Deviated>>;

pub(crate) fn done(word: &str, result: Returned<()>) -> Outcome {
    line(result, |()| word.into())
}

pub(crate) fn registered(result: Returned<Registration>) -> Outcome {
    line(result, |registration| format!("registration {}", registration.number()))
}

pub(crate) fn connected(result: Returned<Connection>) -> Outcome {
    line(result, |connection| {
        let refused: Vec<&str> = connection.refused().collect();
        if refused.is_empty() { "connected".into() } else { format!("connected without {}", refused.join(", ")) }
    })
}

pub(crate) fn connection(result: Returned<Option<ConnectionState>>) -> Outcome {
    line(result, |state| match state {
        Some(state) => format!("connection {}", state.number()),
        None => "no connection".into(),
    })
}

pub(crate) fn firmware(result: Returned<&[u8]>) -> Outcome {
    line(result, |version| format!("firmware {}", escape(version)))
}

/// Every line of the answer, and `ok`.
pub(crate) fn answer(result: Returned<Answer<'_>>) -> Outcome {
    match result {
        Ok(answer) => {
            let lines = answer.lines().map(|line| format!("answer {}", escape(line)));
            lines.chain(["ok".into()]).collect()
        }
        Err(failed) => vec![error(&failed)],
    }
}

pub(crate) fn opened(result: Returned<Result<(), OpenFailure>>) -> Outcome {
    line(result, |opened| opened.map_or_else(open_failure, |()| "opened".into()))
}

pub(crate) fn signed_in(result: Returned<Result<(), ConnectFailure>>) -> Outcome {
    line(result, |signed_in| signed_in.map_or_else(connect_failure, |()| "accepted".into()))
}

pub(crate) fn granted(result: Returned<Result<(), SubscribeFailure>>) -> Outcome {
    line(result, |granted| granted.map_or_else(subscribe_failure, |()| "granted".into()))
}

pub(crate) fn sent(result: Returned<PublishOutcome>) -> Outcome {
    line(result, |outcome| match outcome {
        PublishOutcome::Delivered => "delivered".into(),
        PublishOutcome::Unconfirmed(failure) => with_code("unconfirmed", failure),
        PublishOutcome::Failed(failure) => with_code("not sent", failure),
        PublishOutcome::Other(result) => format!("unknown result {result}"),
        _ => "an outcome without a name".into(),
    })
}

pub(crate) fn torn_down(result: Returned<Teardown>) -> Outcome {
    line(result, |teardown| match teardown {
        Teardown::Done => "done".into(),
        Teardown::Unreported => "unreported".into(),
        Teardown::Failed(code) => format!("failed {code}"),
    })
}

pub(crate) fn piece(result: Returned<&[u8]>) -> Outcome {
    line(result, bytes)
}

/// The counts of what should not happen, and of what came of it.
pub(crate) fn counters(counters: Counters) -> String {
    let foreign = counters.foreign;
    let counters = counters.line;
    let all = [
        ("early", counters.early),
        ("stray", counters.stray),
        ("stale", counters.stale),
        ("foreign", foreign),
        ("frames lost", counters.frames_lost),
        ("timeouts", counters.timeouts),
        ("resyncs", counters.resyncs),
        ("boots", counters.boots),
        ("power-downs", counters.power_downs),
    ];
    let counted: Vec<String> =
        all.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    counted.join(", ")
}

pub(crate) fn event(event: Event<'_>) -> String {
    match event {
        Event::Message { topic, message_id, payload } => {
            format!("message {}, {}", to(topic, message_id), bytes(payload))
        }
        Event::LargeMessage { topic, message_id, length } => {
            format!("large message {}, {length} bytes", to(topic, message_id))
        }
        Event::CachedMessage { message_id } => format!("cached message{}", id(message_id)),
        Event::Disconnected(report) => format!("disconnected {}", status(report)),
        Event::Status(report) => format!("status {}", status(report)),
        Event::Restarted(Restart::Booted) => "booted".into(),
        Event::Restarted(Restart::PoweredDown) => "powered down".into(),
        Event::Lost(Loss { frames, bytes }) => format!("lost {frames} frames, {bytes} bytes"),
        Event::Line(line) => format!("line {}", escape(line)),
        other => format!("an event without a name: {other:?}"),
    }
}

pub(crate) fn error(error: &Error<Deviated>) -> String {
    match *error {
        Error::Uart(Deviated) => "the UART failed".into(),
        Error::Invalid(invalid) => format!("refused: {invalid}"),
        Error::TxTooSmall { needed, available } => format!("refused: TX has {available} bytes of {needed}"),
        Error::Command(CommandError { name, stage, cause }) => {
            format!("failed: AT{name}, {}, {}", stage_word(stage), cause_words(cause))
        }
        Error::NotRegistered(Some(state)) => format!("not registered: {}", state.number()),
        Error::NotRegistered(None) => "not registered".into(),
        Error::Open(failure) => open_failure(failure),
        Error::Connect(failure) => connect_failure(failure),
        Error::Subscribe(failure) => subscribe_failure(failure),
        Error::NotConnected => "not connected".into(),
        Error::Unconfirmed { message_id } => format!("unconfirmed{}", id(message_id)),
        Error::NotSent(failure) => with_code("not sent", failure),
        Error::UnknownResult(result) => format!("unknown result {result}"),
        Error::PayloadTimeout => "payload timeout".into(),
        Error::PayloadBroken => "payload broken".into(),
        other => format!("an error without a name: {other}"),
    }
}

fn line<T>(result: Returned<T>, text: impl FnOnce(T) -> String) -> Outcome {
    vec![result.map_or_else(|failed| error(&failed), text)]
}

fn open_failure(failure: OpenFailure) -> String {
    format!("open failed {}", failure.number())
}

fn connect_failure(failure: ConnectFailure) -> String {
    match failure {
        ConnectFailure::Refused(code) => format!("sign-in refused {}", code.number()),
        ConnectFailure::Unconfirmed => "sign-in unconfirmed".into(),
        ConnectFailure::SendFailed => "sign-in not sent".into(),
        ConnectFailure::Other(result) => format!("sign-in result {result}"),
        _ => "a failure of the sign-in without a name".into(),
    }
}

fn subscribe_failure(failure: SubscribeFailure) -> String {
    format!("subscription failed {}", failure.number())
}

fn with_code(word: &str, failure: Option<SendFailure>) -> String {
    failure.map_or_else(|| word.into(), |failure| format!("{word} {}", failure.number()))
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Resync => "resync",
        Stage::Send => "send",
        Stage::Prompt => "prompt",
        Stage::Payload => "payload",
        Stage::Acceptance => "acceptance",
        Stage::Result => "result",
        _ => "a stage without a name",
    }
}

fn cause_words(cause: Cause) -> String {
    match cause {
        Cause::Timeout => "timeout".into(),
        Cause::PayloadOwed => "payload owed".into(),
        Cause::Refused(Refusal::Error) => "ERROR".into(),
        Cause::Refused(Refusal::Cme(CmeError(number))) => format!("CME {number}"),
        Cause::Refused(Refusal::CmeText) => "CME text".into(),
        Cause::Restarted => "restarted".into(),
        Cause::Malformed => "malformed".into(),
        Cause::AnswerTooLong => "answer too long".into(),
        Cause::Unfinished => "unfinished".into(),
        _ => "a cause without a name".into(),
    }
}

fn to(topic: ReceivedTopic<'_>, message_id: Option<MessageId>) -> String {
    format!("\"{}\"{}", escape(topic.as_bytes()), id(message_id))
}

fn id(message_id: Option<MessageId>) -> String {
    message_id.map_or_else(String::new, |message_id| format!(" id {}", message_id.get()))
}

fn status(StatusReport { status, extend }: StatusReport) -> String {
    let extend = extend.map_or_else(String::new, |extend| format!(",{extend}"));
    format!("{}{extend}", status.number())
}

fn bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() { "0 bytes".into() } else { format!("{} bytes: {}", bytes.len(), escape(bytes)) }
}
