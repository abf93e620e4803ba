//! What stands in place of a secret wherever something is printed.

/// Prints as `<redacted>`.
pub(crate) struct Redacted;

impl core::fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("<redacted>")
    }
}
