//! How long each call may take: the limits of `docs/dropping.md`, added up over what the call does.

use core::time::Duration;

/// A prompt that is late is awaited once more, by the next call.
const LATE_PROMPT: u64 = 5_000;
/// Five markers, and a silence after the last.
const IN_STEP: u64 = 5_300;
const ACCEPTED: u64 = 5_000;
/// Getting in step, and `OK`: what each command may take.
const COMMAND: u64 = IN_STEP + ACCEPTED;
const OPTIONAL_RESULT: u64 = 500;
const RESULT: u64 = 30_000;
const OPENED: u64 = 160_000;
const SETTINGS: u64 = 11;

/// The fake clock of this program is read in steps, and each of up to 40 waits in a call may end one step late.
const TOLERANCE: u64 = 40 * crate::bench::STEP.as_millis() as u64;

const fn limit(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds + TOLERANCE)
}

/// `Network::answer_within` and one more try; echo, form of errors; `Network::registered_within` and one more question.
pub(crate) const BRING_UP: Duration =
    limit(LATE_PROMPT + 30_000 + IN_STEP + 1_000 + 2 * COMMAND + 180_000 + 1_000 + COMMAND);

/// Sign off, close, settings, open, sign in, ask whether it was so.
pub(crate) const CONNECT: Duration = limit(
    LATE_PROMPT
        + 2 * (COMMAND + OPTIONAL_RESULT)
        + SETTINGS * COMMAND
        + (COMMAND + OPENED)
        + (COMMAND + RESULT)
        + COMMAND,
);

pub(crate) const SUBSCRIBE: Duration = limit(LATE_PROMPT + COMMAND + RESULT);

/// Prompt, `OK`, result.
pub(crate) const PUBLISH: Duration = limit(LATE_PROMPT + COMMAND + ACCEPTED + RESULT);

/// Whatever it was asked for, and no more.
pub(crate) const fn next_event(asked: Duration) -> Duration {
    limit(asked.as_millis() as u64)
}

/// For so many bytes, none of which may take longer than this.
pub(crate) const fn read_payload(bytes: usize, each: Duration) -> Duration {
    limit(bytes as u64 * each.as_millis() as u64)
}

/// How long after the last fault a message has to have come through in either direction: one attempt that began before
/// and fails at its limits, the longest pause, and one that works.
pub(crate) const CONNECTED_AGAIN: Duration = Duration::from_millis(
    BRING_UP.as_millis() as u64 + CONNECT.as_millis() as u64 + SUBSCRIBE.as_millis() as u64 + 120_000,
);
