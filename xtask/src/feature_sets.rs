//! Combinations of the driver's features, as Cargo.toml names them: of up to two, and of all but one, but for those that
//! only add a method of signing, or updates.
//!
//! What one feature brings in, another may have forgotten to; that more than two of them need each other has not been seen.
//! All combinations would be twice as many with each new feature.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// The sets of features that differ in what they turn on; `default` is only a name for others.
pub(crate) fn combinations(root: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let manifest = fs::read_to_string(root.join("Cargo.toml"))
        .map_err(|error| Failure::new(format!("Cargo.toml cannot be read: {error}")))?;
    Ok(sets(&features(&manifest)))
}

/// What signs, or updates, shares nothing with the other features but the client: each alone is enough, where each with all of the others
/// would be nine times as many sets. All of them together are in `--all-features`, which other steps take.
fn is_tried_alone(name: &str) -> bool {
    name == "sign" || name.starts_with("sign-") || name.starts_with("ota")
}

fn sets(features: &[Feature<'_>]) -> Vec<Vec<String>> {
    let (alone, combined): (Vec<_>, Vec<_>) = features.iter().cloned().partition(|(name, _)| is_tried_alone(name));
    let mut sets = closed_subsets(&combined);
    sets.extend(alone.iter().map(|(name, _)| vec![(*name).to_owned()]));
    // With a front-end, which has something to sign in.
    sets.extend(alone.iter().map(|(name, _)| vec![(*name).to_owned(), "embedded-io".to_owned()]));
    sets
}

/// How many features are chosen at once, beside those that they turn on.
const MOST_CHOSEN: usize = 2;

/// A feature, and which others it turns on.
type Feature<'m> = (&'m str, Vec<&'m str>);

/// What stands in `[features]`, one line each.
fn features(manifest: &str) -> Vec<Feature<'_>> {
    let table = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let entries = table.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with('#'));
    let features = entries.filter_map(|line| {
        let (name, list) = line.split_once(" = ")?;
        let others = list.split('"').skip(1).step_by(2).filter(|other| !other.contains([':', '/', '?']));
        Some((name, others.collect()))
    });
    features.filter(|(name, _)| *name != "default").collect()
}

/// The small and the largest of those subsets in which no feature misses one that it turns on: any other set is one of
/// these in effect.
fn closed_subsets(features: &[Feature<'_>]) -> Vec<Vec<String>> {
    let mut subsets: Vec<Vec<&str>> = vec![vec![]];
    for (name, _) in features {
        let with_it: Vec<_> = subsets.iter().map(|subset| [&subset[..], &[*name]].concat()).collect();
        subsets.extend(with_it);
    }
    let turned_on = |subset: &[&str], name: &str| {
        let feature = features.iter().find(|(known, _)| *known == name);
        feature.is_none_or(|(_, others)| others.iter().all(|other| subset.contains(other)))
    };
    let is_turned_on = |subset: &[&str], name: &str| {
        features.iter().any(|(other, turns_on)| subset.contains(other) && turns_on.contains(&name))
    };
    let chosen = |subset: &[&str]| subset.iter().filter(|name| !is_turned_on(subset, name)).count();
    subsets.retain(|subset| subset.iter().all(|name| turned_on(subset, name)));
    subsets.retain(|subset| chosen(subset) <= MOST_CHOSEN || subset.len() + 1 >= features.len());
    subsets.into_iter().map(|subset| subset.into_iter().map(str::to_owned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"x\"\n[features]\ndefault = [\"a\"]\n## What it does.\na = [\"dep:z\"]\n\
        b-06 = [\"a\", \"dep:y\"]\n\n[x]\nc = 1";

    #[test]
    fn features_are_read_from_their_table_alone() {
        assert_eq!(features(MANIFEST), [("a", vec![]), ("b-06", vec!["a"])]);
    }

    #[test]
    fn what_signs_does_not_multiply_the_sets() {
        let features = [("a", vec![]), ("sign", vec![]), ("sign-x", vec!["sign"]), ("signal", vec![])];
        let sets: Vec<String> = sets(&features).iter().map(|set| set.join("+")).collect();
        let expected = ["", "a", "signal", "a+signal", "sign", "sign-x", "sign+embedded-io", "sign-x+embedded-io"];
        assert_eq!(sets, expected);
    }

    #[test]
    fn a_feature_never_misses_what_it_turns_on() {
        let subsets = closed_subsets(&features(MANIFEST));
        assert_eq!(subsets, [vec![], vec!["a".to_owned()], vec!["a".to_owned(), "b-06".to_owned()]]);
    }

    #[test]
    fn of_many_features_few_or_nearly_all_are_chosen() {
        let features = ["a", "b", "c", "d", "e", "f"].map(|name| (name, vec![])).to_vec();
        let sizes: Vec<usize> = closed_subsets(&features).iter().map(Vec::len).collect();
        let count = |size| sizes.iter().filter(|other| **other == size).count();
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(count), [1, 6, 15, 0, 0, 6, 1]);
        let features = [("a", vec![]), ("b", vec!["a"]), ("c", vec![]), ("d", vec![]), ("e", vec![]), ("f", vec![])];
        let sizes: Vec<usize> = closed_subsets(&features).iter().map(Vec::len).collect();
        assert_eq!(sizes.iter().filter(|size| **size == 3).count(), 4, "what is turned on is not chosen");
    }
}
