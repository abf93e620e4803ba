//! The lines that answered one command.

use super::fields::{Fields, Malformed};

/// The lines that answered a command, in the order of their arrival, without the final `OK`.
///
/// They are bytes, since nothing promises that the modem sends text.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Answer<'r> {
    lines: &'r [u8],
}

impl<'r> Answer<'r> {
    /// `lines` holds each line with a line feed behind it.
    pub(crate) const fn new(lines: &'r [u8]) -> Self {
        Self { lines }
    }

    /// The lines.
    pub fn lines(self) -> impl Iterator<Item = &'r [u8]> {
        // A line never holds a line feed, because the framer ends it there.
        self.lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
    }

    /// The arguments of the first line that begins with `name:`.
    ///
    /// # Errors
    /// [`Malformed`] if there is no such line.
    pub fn fields(self, name: &str) -> Result<Fields<'r>, Malformed> {
        self.optional_fields(name).ok_or(Malformed)
    }

    /// The arguments of the first line that begins with `name:`, if there is one.
    pub fn optional_fields(self, name: &str) -> Option<Fields<'r>> {
        self.lines().find_map(|line| Fields::after(line, name.as_bytes()))
    }

    /// Result and reason in the first line with one of these `names`, behind `keys` integers.
    pub(crate) fn result(self, names: &[&str], keys: u8) -> Result<(i32, Option<i32>), Malformed> {
        let mut fields = names.iter().find_map(|name| self.optional_fields(name)).ok_or(Malformed)?;
        for _ in 0..keys {
            fields.integer()?;
        }
        let result = fields.any_integer()?;
        let reason = fields.optional_integer()?;
        fields.end()?;
        Ok((result, reason))
    }

    /// The first line.
    ///
    /// # Errors
    /// [`Malformed`] if there is none.
    pub fn first_line(self) -> Result<&'r [u8], Malformed> {
        self.lines().next().ok_or(Malformed)
    }
}
