//! What is still to be done, ordered by time and, at the same time, by the order of asking.

use core::time::Duration;
use std::collections::BTreeMap;

/// Items with the time when each is due.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    items: BTreeMap<(Duration, u64), T>,
    next_number: u64,
}

impl<T> Agenda<T> {
    pub(crate) fn new() -> Self {
        Self { items: BTreeMap::new(), next_number: 0 }
    }

    pub(crate) fn add(&mut self, due: Duration, item: T) {
        self.items.insert((due, self.next_number), item);
        self.next_number += 1;
    }

    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.items.first_key_value().map(|((due, _), _)| *due)
    }

    /// Takes the first item, whatever the time is.
    pub(crate) fn take_first(&mut self) -> Option<T> {
        self.items.pop_first().map(|(_, item)| item)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.items.retain(|_, item| keep(item));
    }

    pub(crate) fn any(&self, is: impl FnMut(&T) -> bool) -> bool {
        self.items.values().any(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_equal_times_keep_their_order() {
        let mut agenda = Agenda::new();
        agenda.add(Duration::from_millis(5), "second");
        agenda.add(Duration::from_millis(9), "fourth");
        agenda.add(Duration::from_millis(5), "third");
        agenda.add(Duration::from_millis(1), "first");
        assert_eq!(agenda.next_due(), Some(Duration::from_millis(1)));
        let taken: Vec<_> = core::iter::from_fn(|| agenda.take_first()).collect();
        assert_eq!(taken, ["first", "second", "third", "fourth"]);
    }
}
