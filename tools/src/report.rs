//! What was found out, line by line: for people as it comes, for machines at the end.

use serde_json::{Value, json};

use crate::tap::Log;

/// What a finding means for MQTT.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// As it has to be.
    Good,
    /// It does not stand in the way, but is worth a look.
    Doubtful,
    /// It stands in the way.
    Bad,
    /// Nobody could ask.
    Unchecked,
}

/// One line of the report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    pub(crate) name: &'static str,
    pub(crate) verdict: Verdict,
    /// What the modem said, where that is more than the words.
    pub(crate) value: Option<String>,
    /// What it means.
    pub(crate) words: String,
    /// What to do if it is not good.
    pub(crate) remedy: Option<&'static str>,
}

/// All lines so far.
#[derive(Debug)]
pub(crate) struct Report {
    json: bool,
    findings: Vec<Finding>,
    log: Option<Log>,
}

impl Verdict {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
            Self::Unchecked => "unchecked",
        }
    }

    const fn is_well(self) -> bool {
        matches!(self, Self::Good | Self::Doubtful)
    }
}

impl Finding {
    /// A finding whose words say all.
    pub(crate) fn new(name: &'static str, verdict: Verdict, words: impl Into<String>) -> Self {
        Self { name, verdict, value: None, words: words.into(), remedy: None }
    }

    /// With what the modem said.
    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// With what to do.
    pub(crate) const fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }

    fn to_json(&self) -> Value {
        json!({
            "name": self.name,
            "verdict": self.verdict.word(),
            "value": self.value,
            "words": self.words,
            "remedy": self.remedy,
        })
    }
}

impl Report {
    /// An empty report, for machines or for people.
    pub(crate) const fn new(json: bool) -> Self {
        Self { json, findings: Vec::new(), log: None }
    }

    /// With each line noted in a log, whoever reads the report.
    pub(crate) fn noted_in(mut self, log: &Log) -> Self {
        self.log = Some(log.clone());
        self
    }

    /// Something that is waited for; for people alone, and not on standard output.
    pub(crate) fn wait(&self, text: &str) {
        let text = self.note(text);
        if !self.json {
            eprintln!("          {text}");
        }
    }

    /// The next line.
    pub(crate) fn add(&mut self, finding: Finding) {
        // What the modem could not be asked, people see by the line that says why.
        if finding.verdict != Verdict::Unchecked || finding.remedy.is_some() {
            let Finding { name, verdict, value, words, remedy } = &finding;
            let value = value.as_ref().map(|value| format!("{value}: ")).unwrap_or_default();
            self.print(&format!("{:<9} {name:<12} {value}{words}", verdict.word()));
            if let Some(remedy) = remedy {
                self.print(&format!("{:<9} {:<12} -> {remedy}", "", ""));
            }
        }
        self.findings.push(finding);
    }

    /// Whether a line of this name is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.findings.iter().any(|finding| finding.name == name)
    }

    /// Prints the end; true if nothing stands in the way of MQTT.
    pub(crate) fn conclude(&self) -> bool {
        let well = self.findings.iter().all(|finding| finding.verdict.is_well());
        if self.json {
            let findings: Vec<Value> = self.findings.iter().map(Finding::to_json).collect();
            println!("{}", json!({ "version": env!("CARGO_PKG_VERSION"), "well": well, "findings": findings }));
        } else {
            println!();
        }
        if well {
            self.print("nt35e: all is well for MQTT");
        } else {
            let names = self.names(Verdict::Bad);
            self.print(&format!("nt35e: not well for MQTT: {}", names.as_deref().unwrap_or("the modem is gone")));
            if let Some(names) = self.names(Verdict::Unchecked) {
                self.print(&format!("       nobody could ask for: {names}"));
            }
        }
        well
    }

    /// A line for people.
    fn print(&self, line: &str) {
        let line = self.note(line);
        if !self.json {
            println!("{line}");
        }
    }

    fn note(&self, line: &str) -> String {
        self.log.as_ref().map_or_else(|| line.to_owned(), |log| log.note(line))
    }

    /// The lines with this verdict, if there are any.
    fn names(&self, verdict: Verdict) -> Option<String> {
        let names: Vec<_> =
            self.findings.iter().filter(|finding| finding.verdict == verdict).map(|finding| finding.name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}
