//! How the lines of the MQTT commands begin.

use core::fmt::Display;

use crate::modem::quirks::{PrefixSpace, Quirks};

/// A result URC or another line that answers no read form.
pub(super) fn line(quirks: &Quirks, name: &str, text: impl Display) -> Vec<u8> {
    let space = if quirks.prefix_space == PrefixSpace::Never { "" } else { " " };
    format!("+{name}:{space}{text}").into_bytes()
}

/// A line that answers a read form.
pub(super) fn read_answer(quirks: &Quirks, name: &str, text: impl Display) -> Vec<u8> {
    let space = if quirks.prefix_space == PrefixSpace::Always { " " } else { "" };
    format!("+{name}:{space}{text}").into_bytes()
}
