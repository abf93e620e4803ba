//! What a command declares of itself: its name, its stages with their time limits, and how its answer reads.

use super::answer::Answer;
use super::encode::Encoder;
use super::fields::Malformed;
use crate::time::Duration;

/// One AT command, declared in one place.
///
/// The engine needs only the bytes and the [`Spec`], so that it exists once in flash however many commands there are.
///
/// ```
/// use nt35e::at::{Answer, Command, Encoder, Malformed, Spec};
/// use nt35e::Duration;
///
/// /// `AT+CSQ`: the received signal strength, 0 to 31, or 99 for unknown.
/// struct SignalQuality;
///
/// impl Command for SignalQuality {
///     const SPEC: Spec = Spec::named("+CSQ").accepted_within(Duration::from_secs(5));
///     type Response<'r> = u8;
///
///     fn encode(&self, _line: &mut Encoder<'_>) {}
///
///     fn decode<'r>(&self, answer: Answer<'r>) -> Result<u8, Malformed> {
///         let mut fields = answer.fields("+CSQ")?;
///         u8::try_from(fields.integer()?).map_err(|_| Malformed)
///     }
/// }
/// ```
pub trait Command {
    /// Name, stages and time limits.
    const SPEC: Spec;

    /// What a successful answer says. It may borrow from the RX buffer.
    type Response<'r>;

    /// Writes what follows `AT` and the name: `=` and the arguments, `?`, or nothing.
    fn encode(&self, line: &mut Encoder<'_>);

    /// The bytes to send after the prompt, if the [`Spec`] says that a prompt comes.
    fn payload(&self) -> &[u8] {
        &[]
    }

    /// Reads the answer, once the modem accepted the command and its result URC came, if it has one.
    ///
    /// # Errors
    /// [`Malformed`] if the answer does not have the form that the command promises.
    fn decode<'r>(&self, answer: Answer<'r>) -> Result<Self::Response<'r>, Malformed>;
}

/// The stages that a command goes through, and how long each may take.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Spec {
    pub(crate) name: &'static str,
    /// Another name of the result URC, or the same.
    pub(crate) alias: &'static str,
    pub(crate) acceptance: Duration,
    /// How long the result URC may take; none has no length.
    pub(crate) result: Duration,
    pub(crate) prompt: bool,
    pub(crate) free_text: bool,
    pub(crate) optional: bool,
    pub(crate) begins_era: bool,
}

impl Spec {
    /// No command at all.
    pub(crate) const NOTHING: Self = Self::named("");

    /// A command `AT<name>`, accepted within five seconds, answered by `OK` and by lines that begin with its name.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            alias: name,
            acceptance: Duration::from_secs(5),
            result: Duration::from_millis(0),
            prompt: false,
            free_text: false,
            optional: false,
            begins_era: false,
        }
    }

    /// The time from the last byte sent to `OK`, `ERROR` or the prompt.
    pub const fn accepted_within(mut self, limit: Duration) -> Self {
        self.acceptance = limit;
        self
    }

    /// The modem asks for [`Command::payload`] by a prompt.
    pub const fn payload_after_prompt(mut self) -> Self {
        self.prompt = true;
        self
    }

    /// Lines without a `+NAME:` at their start, as `ATI` gives them, are part of the answer.
    pub const fn answered_by_text(mut self) -> Self {
        self.free_text = true;
        self
    }

    /// A URC with the name of the command brings its result, before `OK` or at most `limit` after it. It begins with what
    /// was written by [`Encoder::key`]; [`Answer::result`] reads what follows.
    pub const fn result_within(mut self, limit: Duration) -> Self {
        self.result = limit;
        self
    }

    /// As [`Spec::result_within`], but some firmware leaves the URC out: once `limit` has passed after `OK`, the command
    /// has succeeded without it.
    pub const fn optional_result_within(mut self, limit: Duration) -> Self {
        self.result = limit;
        self.optional = true;
        self
    }

    /// The result URC may also have this name, as firmware that misspells its own gives it.
    pub const fn result_also_named(mut self, alias: &'static str) -> Self {
        self.alias = alias;
        self
    }

    /// The result begins a new era: what arrives from then on has to do with another connection than what came before.
    pub const fn result_begins_era(mut self) -> Self {
        self.begins_era = true;
        self
    }

    /// The name, as it follows `AT`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How long acceptance may take.
    pub const fn acceptance(&self) -> Duration {
        self.acceptance
    }

    /// How long the result URC may take; none if the command has none.
    pub const fn result(&self) -> Option<Duration> {
        if self.has_result() { Some(self.result) } else { None }
    }

    pub(crate) const fn has_result(&self) -> bool {
        self.result.as_millis() > 0
    }
}
