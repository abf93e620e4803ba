//! The steps of the whole bring-up.

/// The steps in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Start,
    Model,
    Firmware,
    Imei,
    AccessPoint,
    SetAccessPoint,
    RadioOff,
    RadioOn,
    Sim,
    SimNumber,
    Subscriber,
    PowerSaving,
    ExtendedReception,
    Operator,
    Registration,
    Attachment,
    Address,
    Signal,
    Clock,
    Done,
}

impl Step {
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Start => Self::Model,
            Self::Model => Self::Firmware,
            Self::Firmware => Self::Imei,
            Self::Imei => Self::AccessPoint,
            Self::AccessPoint => Self::SetAccessPoint,
            Self::SetAccessPoint => Self::RadioOff,
            Self::RadioOff => Self::RadioOn,
            Self::RadioOn => Self::Sim,
            Self::Sim => Self::SimNumber,
            Self::SimNumber => Self::Subscriber,
            Self::Subscriber => Self::PowerSaving,
            Self::PowerSaving => Self::ExtendedReception,
            Self::ExtendedReception => Self::Operator,
            Self::Operator => Self::Registration,
            Self::Registration => Self::Attachment,
            Self::Attachment => Self::Address,
            Self::Address => Self::Signal,
            Self::Signal => Self::Clock,
            Self::Clock | Self::Done => Self::Done,
        }
    }
}
