//! Messages that were captured, what only looks like one, and the types against serde_json.

mod incoming;
mod outgoing;
mod properties;

use super::Thing;
use crate::value::Triple;

fn thing() -> Thing<'static> {
    Thing::new(Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef").unwrap())
}
