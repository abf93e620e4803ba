//! Many lives, until enough faults have struck, or the first that fails.

use core::time::Duration;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use nt35e_sim::random::Random;
use nt35e_sim::transcript::Entry;

use crate::life;
use crate::options::Options;
use crate::plan::Plan;
use crate::report::Report;
use crate::shrink;

/// What all threads work on.
struct Course {
    seeds: Random,
    report: Report,
    failure: Option<(Plan, String)>,
}

/// Lives until enough faults have struck.
pub(crate) fn run(options: &Options) -> ExitCode {
    let started = Instant::now();
    let course = Course { seeds: Random::new(options.seed), report: Report::default(), failure: None };
    let course = Mutex::new(course);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(&course, options.faults));
        }
    });
    let Course { report, failure, .. } = course.into_inner().expect("no thread has panicked");
    println!("{report}");
    if let Some((plan, failure)) = failure {
        println!("\nlife {} failed: {failure}\n  on       {}", plan.seed, plan.setup);
        let _ = std::io::stdout().flush();
        let (plan, failure) = shrink::shrink(&plan, failure);
        println!("  shrunk   {} faults: {failure}", plan.schedule.incidents.len());
        println!("  again    cargo xtask soak --life {} --schedule \"{}\"", plan.seed, plan.schedule);
        println!("soak: failed: {failure}");
        return ExitCode::FAILURE;
    }
    let Report { faults, lives, .. } = report;
    let took = started.elapsed().as_secs_f64();
    println!("soak: ok: {faults} faults in {lives} lives, from seed {}, in {took:.1} s", options.seed);
    ExitCode::SUCCESS
}

/// Lives the one life of this seed.
pub(crate) fn replay(seed: u64, options: &Options) -> ExitCode {
    let mut plan = Plan::of_seed(seed);
    if let Some(schedule) = &options.schedule {
        plan = plan.with(schedule.clone());
    }
    println!("on         {}\nschedule   {}", plan.setup, plan.schedule);
    let outcome = life::live(&plan);
    if options.traffic {
        let line = |entry: &Entry| match entry {
            Entry::FromHost { at, .. } | Entry::FromModem { at, .. } => Some((*at, entry.to_string())),
            _ => None,
        };
        let told = |(at, text): &(Duration, String)| (*at, format!("  {}ms {text}", at.as_secs_f64() * 1_000.0));
        let mut lines: Vec<(Duration, String)> = outcome.traffic.iter().filter_map(line).collect();
        lines.extend(outcome.notes.iter().map(told));
        lines.sort_by_key(|(at, _)| *at);
        lines.iter().for_each(|(_, text)| println!("{text}"));
    }
    match outcome.result {
        Ok(report) => {
            println!("{report}\nsoak: ok: {} faults", report.faults);
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("soak: failed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn work(course: &Mutex<Course>, faults: u64) {
    loop {
        let seed = {
            let mut course = course.lock().expect("no thread has panicked");
            if course.failure.is_some() || course.report.faults >= faults {
                return;
            }
            // Short enough to be typed.
            course.seeds.next() >> 24
        };
        let plan = Plan::of_seed(seed);
        let result = life::live(&plan).result;
        let mut course = course.lock().expect("no thread has panicked");
        match result {
            Ok(report) => course.report.add(&report),
            Err(failure) => {
                course.failure.get_or_insert((plan, failure));
            }
        }
    }
}
