//! The few words of a modem's language that decide how its bytes are cut: given by the layer that knows them.

/// What the `at` layer has to know of one family of modems.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dialect {
    /// Name and first word of the URC that carries a message, such as `+URC:` and `RECV`.
    pub message: [&'static [u8]; 2],
    /// The first bytes of what the boot ROM prints, without a line end, at every reset. They begin with `^`, which does not
    /// come again in them: the framer looks for nothing else. Empty if there is no such banner.
    pub banner: &'static [u8],
    /// A word in any unexpected line that says that the modem has booted; empty if there is none.
    pub booted: &'static [u8],
    /// The line that says that the modem switches itself off.
    pub powered_down: &'static [u8],
    /// A query without side effect, as it is sent, but for its end; its answer begins with what follows `AT`. It is what
    /// brings driver and modem back in step.
    pub marker: &'static [u8],
}
