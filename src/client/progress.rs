//! What there is to show while the modem is brought up.

use crate::command::{NetworkTime, Registration, Signal, SimStatus};

/// Something that bringing the modem up has found out. Texts are bytes, since nothing promises that the modem sends text.
///
/// They come in this order, and again and again while something is waited for: about once a second. Each can be asked for
/// at any other time by a command of its own: [`Model`](crate::command::Model),
/// [`FirmwareVersion`](crate::command::FirmwareVersion), [`Imei`](crate::command::Imei),
/// [`ContextQuery`](crate::command::ContextQuery), [`SimQuery`](crate::command::SimQuery),
/// [`SimNumber`](crate::command::SimNumber), [`Subscriber`](crate::command::Subscriber),
/// [`RegistrationQuery`](crate::command::RegistrationQuery), [`AttachmentQuery`](crate::command::AttachmentQuery),
/// [`AddressQuery`](crate::command::AddressQuery), [`SignalQuery`](crate::command::SignalQuery),
/// [`ClockQuery`](crate::command::ClockQuery).
///
/// ```
/// # #[cfg(feature = "embedded-io")]
/// # mod example {
/// use embedded_io::{Read, ReadReady, Write};
/// use nt35e::blocking::Client;
/// use nt35e::command::{ClockQuery, SignalQuery};
/// use nt35e::{Clock, Error};
///
/// /// Strength in dBm, and seconds since 1970, as far as the modem knows them.
/// fn look<U: Read + ReadReady + Write, C: Clock>(
///     client: &mut Client<'_, U, C>,
/// ) -> Result<(Option<i16>, Option<u64>), Error<U::Error>> {
///     let strength = client.execute(&SignalQuery)?.dbm();
///     let time = client.execute(&ClockQuery)?.unix_seconds();
///     Ok((strength, time))
/// }
/// # }
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// The modem has not answered yet.
    NoAnswer,
    /// The modem answers, and driver and modem are in step.
    InStep,
    /// Its model.
    Model(&'a [u8]),
    /// Its firmware.
    Firmware(&'a [u8]),
    /// Its IMEI.
    Imei(&'a [u8]),
    /// The access point that the modem has; none if it has no such context.
    AccessPoint(Option<&'a [u8]>),
    /// The state of the SIM.
    Sim(SimStatus),
    /// The number of the SIM.
    SimNumber(&'a [u8]),
    /// The number of the subscriber.
    Subscriber(&'a [u8]),
    /// Whether the network has taken the modem in.
    Registration(Registration),
    /// Whether it carries packets.
    Attached(bool),
    /// The modem's address; none as long as it has none.
    Address(Option<&'a [u8]>),
    /// How strong the signal is.
    Signal(Signal),
    /// The network's time.
    Clock(NetworkTime),
    /// The modem took a setting: the name of the command.
    Accepted(&'static str),
    /// The modem refused a command that can be done without, or gave an answer that cannot be read: the name of the command.
    Unavailable(&'static str),
}

impl core::fmt::Debug for Progress<'_> {
    /// Prints bytes as text, with those that do not print escaped.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoAnswer => formatter.write_str("NoAnswer"),
            Self::InStep => formatter.write_str("InStep"),
            Self::Model(text) => write!(formatter, "Model(\"{}\")", text.escape_ascii()),
            Self::Firmware(text) => write!(formatter, "Firmware(\"{}\")", text.escape_ascii()),
            Self::Imei(text) => write!(formatter, "Imei(\"{}\")", text.escape_ascii()),
            Self::AccessPoint(Some(text)) => write!(formatter, "AccessPoint(\"{}\")", text.escape_ascii()),
            Self::AccessPoint(None) => formatter.write_str("AccessPoint(None)"),
            Self::Sim(status) => write!(formatter, "Sim({status:?})"),
            Self::SimNumber(text) => write!(formatter, "SimNumber(\"{}\")", text.escape_ascii()),
            Self::Subscriber(text) => write!(formatter, "Subscriber(\"{}\")", text.escape_ascii()),
            Self::Registration(registration) => write!(formatter, "Registration({registration:?})"),
            Self::Attached(attached) => write!(formatter, "Attached({attached})"),
            Self::Address(Some(text)) => write!(formatter, "Address(\"{}\")", text.escape_ascii()),
            Self::Address(None) => formatter.write_str("Address(None)"),
            Self::Signal(signal) => write!(formatter, "Signal({signal:?})"),
            Self::Clock(time) => write!(formatter, "Clock({time:?})"),
            Self::Accepted(name) => write!(formatter, "Accepted({name:?})"),
            Self::Unavailable(name) => write!(formatter, "Unavailable({name:?})"),
        }
    }
}

impl core::fmt::Display for Progress<'_> {
    /// A line for whoever stands before the device, such as `signal: -55 dBm`.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoAnswer => formatter.write_str("no answer yet"),
            Self::InStep => formatter.write_str("the modem answers"),
            Self::Model(text) => write!(formatter, "model: {}", text.escape_ascii()),
            Self::Firmware(text) => write!(formatter, "firmware: {}", text.escape_ascii()),
            Self::Imei(text) => write!(formatter, "IMEI: {}", text.escape_ascii()),
            Self::AccessPoint(None | Some([])) => formatter.write_str("access point: the network's"),
            Self::AccessPoint(Some(text)) => write!(formatter, "access point: {}", text.escape_ascii()),
            Self::Sim(status) => write!(formatter, "SIM: {status:?}"),
            Self::SimNumber(text) => write!(formatter, "SIM number: {}", text.escape_ascii()),
            Self::Subscriber(text) => write!(formatter, "subscriber: {}", text.escape_ascii()),
            Self::Registration(registration) => write!(formatter, "registration: {registration:?}"),
            Self::Attached(true) => formatter.write_str("the network carries packets"),
            Self::Attached(false) => formatter.write_str("the network carries no packets yet"),
            Self::Address(Some(text)) => write!(formatter, "address: {}", text.escape_ascii()),
            Self::Address(None) => formatter.write_str("no address yet"),
            Self::Signal(signal) => write!(formatter, "signal: {signal}"),
            Self::Clock(time) if time.is_set() => write!(formatter, "clock: {time}"),
            Self::Clock(_) => formatter.write_str("clock: not set"),
            Self::Accepted(name) => write!(formatter, "set: AT{name}"),
            Self::Unavailable(name) => write!(formatter, "not available: AT{name}"),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Progress<'_> {
    #[allow(clippy::match_same_arms, reason = "the texts differ, but not for clippy, which sees what is left of them")]
    fn format(&self, formatter: defmt::Formatter<'_>) {
        match self {
            Self::NoAnswer => defmt::write!(formatter, "NoAnswer"),
            Self::InStep => defmt::write!(formatter, "InStep"),
            Self::Model(text) => defmt::write!(formatter, "Model({=[u8]:a})", text),
            Self::Firmware(text) => defmt::write!(formatter, "Firmware({=[u8]:a})", text),
            Self::Imei(text) => defmt::write!(formatter, "Imei({=[u8]:a})", text),
            Self::AccessPoint(Some(text)) => defmt::write!(formatter, "AccessPoint({=[u8]:a})", text),
            Self::AccessPoint(None) => defmt::write!(formatter, "AccessPoint(None)"),
            Self::Sim(status) => defmt::write!(formatter, "Sim({})", status),
            Self::SimNumber(text) => defmt::write!(formatter, "SimNumber({=[u8]:a})", text),
            Self::Subscriber(text) => defmt::write!(formatter, "Subscriber({=[u8]:a})", text),
            Self::Registration(registration) => defmt::write!(formatter, "Registration({})", registration),
            Self::Attached(attached) => defmt::write!(formatter, "Attached({=bool})", attached),
            Self::Address(Some(text)) => defmt::write!(formatter, "Address({=[u8]:a})", text),
            Self::Address(None) => defmt::write!(formatter, "Address(None)"),
            Self::Signal(signal) => defmt::write!(formatter, "Signal({})", signal),
            Self::Clock(time) => defmt::write!(formatter, "Clock({})", time),
            Self::Accepted(name) => defmt::write!(formatter, "Accepted({=str})", name),
            Self::Unavailable(name) => defmt::write!(formatter, "Unavailable({=str})", name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::command::{Registration, SimStatus};
    use std::format;

    #[test]
    fn progress_is_shown_as_a_line_whatever_bytes_are_in_it() {
        for (progress, shown) in [
            (Progress::InStep, "the modem answers"),
            (Progress::Model(b"NT35E\xff\r"), "model: NT35E\\xff\\r"),
            (Progress::AccessPoint(Some(b"")), "access point: the network's"),
            (Progress::AccessPoint(None), "access point: the network's"),
            (Progress::AccessPoint(Some(b"cmnet")), "access point: cmnet"),
            (Progress::Sim(SimStatus::PinNeeded), "SIM: PinNeeded"),
            (Progress::Registration(Registration::Roaming), "registration: Roaming"),
            (Progress::Attached(false), "the network carries no packets yet"),
            (Progress::Address(Some(b"10.0.0.17")), "address: 10.0.0.17"),
            (Progress::Unavailable("+COPS"), "not available: AT+COPS"),
        ] {
            assert_eq!(format!("{progress}"), shown);
        }
    }
}
