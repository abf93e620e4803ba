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
    pub(crate) acceptance: Duration,
    pub(crate) prompt: bool,
    pub(crate) free_text: bool,
    pub(crate) result: Option<ResultUrc>,
}

impl Spec {
    /// No command at all.
    pub(crate) const NOTHING: Self = Self::named("");

    /// A command `AT<name>`, accepted within five seconds, answered by `OK` and by lines that begin with its name.
    pub const fn named(name: &'static str) -> Self {
        Self { name, acceptance: Duration::from_secs(5), prompt: false, free_text: false, result: None }
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

    /// A URC brings the result, before or after `OK`.
    pub const fn answered_by(mut self, result: ResultUrc) -> Self {
        self.result = Some(result);
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

    /// The result URC, if the command has one.
    pub const fn result(&self) -> Option<&ResultUrc> {
        self.result.as_ref()
    }
}

/// The URC that brings the result of a command.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ResultUrc {
    pub(crate) names: &'static [&'static str],
    pub(crate) within: Duration,
    pub(crate) optional: bool,
    pub(crate) begins_era: bool,
}

impl ResultUrc {
    /// A URC with one of these names, at most `within` after `OK`.
    ///
    /// More than one name is for a firmware that misspells its own.
    pub const fn named(names: &'static [&'static str], within: Duration) -> Self {
        Self { names, within, optional: false, begins_era: false }
    }

    /// A URC that some firmware leaves out: once `within` has passed after `OK`, the command has succeeded without it.
    pub const fn optional(names: &'static [&'static str], within: Duration) -> Self {
        Self { names, within, optional: true, begins_era: false }
    }

    /// The result begins a new era: what arrives from then on has to do with another connection than what came before.
    pub const fn beginning_an_era(mut self) -> Self {
        self.begins_era = true;
        self
    }

    /// How long after `OK` the URC may take.
    pub const fn within(&self) -> Duration {
        self.within
    }
}
