//! One experiment: what it asks, how it is carried out, what the driver assumes, and what comes out.

use super::lab::Lab;
use super::talk::Broken;

/// One point of the protocol sheet that is open, or that the driver had to guess.
pub(crate) struct Experiment {
    /// A short stable name; that of the simulator's switch.
    pub(crate) name: &'static str,
    pub(crate) question: &'static str,
    /// Where the question stands in the protocol sheet.
    pub(crate) source: &'static str,
    pub(crate) needs: Needs,
    /// What is done, in words.
    pub(crate) method: &'static str,
    /// What the driver assumes, and does about it.
    pub(crate) assumes: &'static str,
    /// Findings that matter, each with what happens then. `<N` stands for all numbers below, `>N` for
    /// all above. Any other finding is one that
    /// the driver copes with.
    pub(crate) troubles: &'static [(&'static str, &'static str)],
    pub(crate) run: fn(&mut Lab) -> Result<Outcome, Broken>,
}

/// What an experiment cannot do without.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Needs {
    /// The modem alone.
    Modem,
    /// The radio is switched off and on again.
    Radio,
    /// A broker that the modem reaches.
    Broker,
    /// A broker that encrypts.
    Tls,
    /// Somebody at the module's supply and keys.
    Restarts,
    /// Minutes of silence.
    Silence,
}

impl Needs {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Modem => "the modem alone",
            Self::Radio => "the radio, which is off for some seconds",
            Self::Broker => "a broker",
            Self::Tls => "a broker with TLS",
            Self::Restarts => "somebody at the module's supply",
            Self::Silence => "time",
        }
    }
}

/// What came of an experiment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// A short stable word, or a number.
    Found(String),
    /// It was tried, and nothing can be said.
    Undecided(String),
    /// It was not tried.
    Skipped(String),
}

/// A finding.
#[allow(clippy::unnecessary_wraps, reason = "the last line of every experiment")]
pub(crate) fn found(word: impl Into<String>) -> Result<Outcome, Broken> {
    Ok(Outcome::Found(word.into()))
}

/// No finding.
#[allow(clippy::unnecessary_wraps, reason = "the last line of many experiments")]
pub(crate) fn undecided(reason: impl Into<String>) -> Result<Outcome, Broken> {
    Ok(Outcome::Undecided(reason.into()))
}

/// One of two words.
pub(crate) fn either(is_first: bool, first: &str, second: &str) -> Result<Outcome, Broken> {
    found(if is_first { first } else { second })
}

impl Experiment {
    /// What a finding means for the driver; none if the driver copes.
    pub(crate) fn trouble(&self, finding: &str) -> Option<&'static str> {
        let number = |text: &str| text.parse::<u32>().ok();
        let is_meant = |value: &str| match (value.strip_prefix('<'), value.strip_prefix('>')) {
            (Some(limit), _) => number(finding) < number(limit) && number(finding).is_some(),
            (_, Some(limit)) => number(finding) > number(limit),
            (None, None) => value == finding,
        };
        self.troubles.iter().find(|(value, _)| is_meant(value)).map(|(_, words)| *words)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chapters;

    #[test]
    fn a_finding_matters_as_the_table_says() {
        let trouble = |name: &str, finding: &str| {
            let experiment = chapters::all().find(|experiment| experiment.name == name).unwrap();
            experiment.trouble(finding).is_some()
        };
        for (name, fine, bad) in [
            ("inline_limit", "1024", "1023"),
            ("prompt_limit", "8000", "1460"),
            ("sleeps_after", "0", "1"),
            ("published_result", "zero", "one"),
            ("firmware", "lmqtt", "ecmt"),
        ] {
            assert_eq!((trouble(name, fine), trouble(name, bad)), (false, true), "{name}");
        }
    }
}
