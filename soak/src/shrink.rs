//! Makes a schedule that fails as short as it can be.

use nt35e_sim::fault::{Incident, Schedule};

use crate::life;
use crate::plan::Plan;

/// How many lives are spent on it.
const ATTEMPTS: u32 = 400;

/// A plan that still fails, with as few faults as could be found, and how it fails.
pub(crate) fn shrink(plan: &Plan, failure: String) -> (Plan, String) {
    let mut last = failure;
    let fails = |incidents: &[Incident]| {
        life::live(&plan.with(Schedule::from(incidents.to_vec()))).result.err().inspect(|failure| {
            last.clone_from(failure);
        })
    };
    let incidents = fewest(plan.schedule.incidents.clone(), fails);
    (plan.with(Schedule::from(incidents)), last)
}

/// Leaves out halves, quarters and so on down to single ones, for as long as what is left fails.
fn fewest(mut incidents: Vec<Incident>, mut fails: impl FnMut(&[Incident]) -> Option<String>) -> Vec<Incident> {
    let mut attempts = 0;
    let mut size = incidents.len().div_ceil(2);
    while size > 0 {
        let mut begin = 0;
        let mut is_shorter = false;
        while begin < incidents.len() && attempts < ATTEMPTS {
            let end = (begin + size).min(incidents.len());
            let rest = [&incidents[..begin], &incidents[end..]].concat();
            attempts += 1;
            if fails(&rest).is_some() {
                incidents = rest;
                is_shorter = true;
            } else {
                begin = end;
            }
        }
        // A second round, now that others are gone.
        size = if size == 1 && is_shorter && attempts < ATTEMPTS { 1 } else { size / 2 };
    }
    incidents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_left() {
        let text = "1s cut; 2s kick; 3s restart; 4s cut; 5s <9 cut; 6s kick; 7s storm 9 1s; 8s power-down 5s";
        let schedule: Schedule = text.parse().unwrap();
        let needed = [schedule.incidents[2], schedule.incidents[6]];
        let fails = |incidents: &[Incident]| {
            needed.iter().all(|incident| incidents.contains(incident)).then(|| "still".to_owned())
        };
        assert_eq!(fewest(schedule.incidents.clone(), fails), needed);
        assert_eq!(fewest(schedule.incidents, |_| Some(String::new())), []);
    }
}
