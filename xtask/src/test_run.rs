//! `cargo xtask test`: one step after the other, and a few beside them, until the first that fails.

use core::time::Duration;
use std::time::Instant;

use crate::aside::Aside;
use crate::failure::Failure;
use crate::steps::{Place, STEPS, Step};
use crate::workspace::Workspace;

pub(crate) fn list() {
    let width = STEPS.iter().map(|step| step.name.len()).max().unwrap_or(0);
    for Step { name, purpose, .. } in STEPS {
        println!("{name:width$}  {purpose}");
    }
}

/// Runs the steps named one after the other, or every one where none is.
pub(crate) fn run(workspace: &Workspace, only: &[String]) -> Result<(), Failure> {
    let chosen = choose(only)?;
    let started = Instant::now();
    // Those that are named run in the order of their list, where their output can be watched.
    let runs_aside = |step: &Step| only.is_empty() && step.place == Place::Aside;
    let mut waiting = chosen.iter().copied().filter(|step| runs_aside(step)).collect::<Vec<_>>();
    let mut aside = None;
    let mut passed = 0;
    for (index, step) in chosen.iter().enumerate() {
        if runs_aside(step) {
            if !waiting.is_empty() {
                println!(
                    "\n==== beside the next steps: {}",
                    waiting.iter().map(|step| step.name).collect::<Vec<_>>().join(", ")
                );
                aside = Some((waiting.len(), Aside::start(workspace, &waiting)?));
                waiting.clear();
            }
            continue;
        }
        if step.place == Place::Alone
            && let Some((count, aside)) = aside.take()
        {
            println!("\n==== what ran beside them:");
            aside.join()?;
            passed += count;
        }
        println!("\n==== [{}/{}] {}: {}", index + 1, chosen.len(), step.name, step.purpose);
        let step_started = Instant::now();
        let outcome = (step.run)(workspace);
        let took = shown(step_started.elapsed());
        if let Err(failure) = outcome {
            return Err(report(step, &failure, &took, passed));
        }
        println!("---- {}: ok in {took}", step.name);
        passed += 1;
    }
    println!("\nAll of it took {}.", shown(started.elapsed()));
    println!("steps: {passed} passed, 0 failed");
    Ok(())
}

fn choose(only: &[String]) -> Result<Vec<&'static Step>, Failure> {
    if let Some(unknown) = only.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        return Err(Failure::new(format!("no such step: `{unknown}`; `cargo xtask test --list` lists them")));
    }
    Ok(STEPS.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

/// Says what failed and how to see it again, below the output of the step itself.
fn report(step: &Step, failure: &Failure, took: &str, passed: usize) -> Failure {
    println!("---- {}: FAILED after {took}: {failure}", step.name);
    if let Some(command) = failure.command() {
        println!("     the command alone:  {command}");
    }
    println!("     the whole step:     cargo xtask test --only {}", step.name);
    println!("steps: {passed} passed, 1 failed");
    Failure::new(format!("step `{}`: {failure}", step.name))
}

fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Result<Vec<&'static str>, String> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        let chosen = choose(&only).map_err(|failure| failure.to_string())?;
        Ok(chosen.iter().map(|step| step.name).collect())
    }

    #[test]
    fn without_a_choice_every_step_runs() {
        assert_eq!(names(&[]).expect("a choice").len(), STEPS.len());
    }

    #[test]
    fn whatever_runs_aside_is_waited_for() {
        let last = |place| STEPS.iter().rposition(|step| step.place == place);
        assert!(last(Place::Aside) < last(Place::Alone));
    }

    #[test]
    fn chosen_steps_keep_their_order() {
        assert_eq!(names(&["clippy", "fmt"]), Ok(vec!["fmt", "clippy"]));
    }

    #[test]
    fn an_unknown_step_is_refused() {
        let message = names(&["clipy"]).expect_err("there is no such step");
        assert!(message.starts_with("no such step: `clipy`"), "{message}");
    }

    #[test]
    fn durations_read_easily() {
        assert_eq!(shown(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(shown(Duration::from_secs(61)), "1 min 1 s");
    }
}
