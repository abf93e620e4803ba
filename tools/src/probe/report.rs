//! What was found, point by point: for people as it comes, for machines at the end.

use serde_json::{Value, json};

use super::chapters::UNSEEN;
use super::experiment::{Experiment, Outcome};

/// One point of the report.
#[derive(Clone)]
pub(super) struct Point {
    pub(super) experiment: &'static Experiment,
    pub(super) outcome: Outcome,
    /// What the modem said last.
    pub(super) saw: String,
}

/// All points so far.
pub(super) struct Report {
    json: bool,
    points: Vec<Point>,
}

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self { json, points: Vec::new() }
    }

    /// Says what is going to be done.
    pub(super) fn announce(&self, experiment: &Experiment) {
        if !self.json {
            println!("{} ({}): {}", experiment.name, experiment.source, experiment.question);
            println!("    how: {}; with {}", experiment.method, experiment.needs.words());
        }
    }

    pub(super) fn add(&mut self, point: Point) {
        if !self.json {
            match &point.outcome {
                Outcome::Found(word) => {
                    println!("    found: {word}");
                    if !point.saw.is_empty() {
                        println!("    saw: {}", point.saw);
                    }
                    println!("    the driver assumes: {}", point.experiment.assumes);
                    match point.experiment.trouble(word) {
                        Some(trouble) => println!("    it matters: {trouble}"),
                        None => println!("    it does not matter"),
                    }
                }
                Outcome::Undecided(reason) => println!("    undecided: {reason}\n    saw: {}", point.saw),
                Outcome::Skipped(reason) => println!("    skipped: {reason}"),
            }
        }
        self.points.push(point);
    }

    /// Prints the end.
    pub(super) fn conclude(&self) {
        if self.json {
            let points: Vec<Value> = self.points.iter().map(Point::to_json).collect();
            let unseen: Vec<Value> =
                UNSEEN.iter().map(|(name, reason)| json!({ "name": name, "reason": reason })).collect();
            println!("{}", json!({ "version": env!("CARGO_PKG_VERSION"), "points": points, "unseen": unseen }));
            return;
        }
        for (name, reason) in UNSEEN {
            println!("{name}: cannot be seen from here\n    {reason}");
        }
        let count = |is: fn(&Outcome) -> bool| self.points.iter().filter(|point| is(&point.outcome)).count();
        println!(
            "\nnt35e: {} found, {} undecided, {} skipped; what matters: {}",
            count(|outcome| matches!(outcome, Outcome::Found(_))),
            count(|outcome| matches!(outcome, Outcome::Undecided(_))),
            count(|outcome| matches!(outcome, Outcome::Skipped(_))),
            self.troubles()
        );
    }

    fn troubles(&self) -> String {
        let names: Vec<&str> =
            self.points.iter().filter(|point| point.trouble().is_some()).map(|point| point.experiment.name).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    }
}

impl Point {
    fn trouble(&self) -> Option<&'static str> {
        match &self.outcome {
            Outcome::Found(word) => self.experiment.trouble(word),
            Outcome::Undecided(_) | Outcome::Skipped(_) => None,
        }
    }

    fn to_json(&self) -> Value {
        let Experiment { name, question, source, needs, method, assumes, .. } = self.experiment;
        let (state, finding, reason) = match &self.outcome {
            Outcome::Found(word) => ("found", Some(word), None),
            Outcome::Undecided(reason) => ("undecided", None, Some(reason)),
            Outcome::Skipped(reason) => ("skipped", None, Some(reason)),
        };
        json!({
            "name": name, "question": question, "source": source, "needs": needs.words(), "method": method,
            "state": state, "finding": finding, "reason": reason, "saw": self.saw,
            "assumes": assumes, "trouble": self.trouble(),
        })
    }
}

/// Names the experiments.
pub(super) fn list(experiments: &[&Experiment]) {
    for Experiment { name, question, source, needs, .. } in experiments {
        println!("{name:<22} {question} ({source}; {})", needs.words());
    }
    for (name, reason) in UNSEEN {
        println!("{name:<22} cannot be seen from here: {reason}");
    }
}
