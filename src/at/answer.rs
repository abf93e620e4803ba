//! The lines that answered one command.

use super::fields::{Fields, Malformed};

/// The lines that answered a command, in the order of their arrival, without the final `OK`.
///
/// Where a result URC ends the command, it is the only one, and without its name and key.
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
        self.lines().find_map(|line| Fields::after(line, name.as_bytes())).ok_or(Malformed)
    }

    /// Result and reason out of a result URC.
    ///
    /// # Errors
    /// [`Malformed`] if there are not one or two integers, or if the URC did not come.
    pub fn result(self) -> Result<(i32, Option<i32>), Malformed> {
        let [line @ .., b'\n'] = self.lines else { return Err(Malformed) };
        let mut fields = Fields::new(line);
        let result = fields.any_integer()?;
        let reason = fields.optional_integer()?;
        fields.end()?;
        Ok((result, reason))
    }

    /// Whether no line came.
    pub const fn is_empty(self) -> bool {
        self.lines.is_empty()
    }

    /// The first line.
    ///
    /// # Errors
    /// [`Malformed`] if there is none.
    pub fn first_line(self) -> Result<&'r [u8], Malformed> {
        self.lines().next().ok_or(Malformed)
    }
}
