//! What the whole bring-up makes of an answer, and what it tells of it.

use crate::at::{Cause, Command, CommandError};
use crate::client::error::Failure;
use crate::client::plan::{Context, is_refusal};
use crate::client::progress::Progress;
use crate::command::{AddressKind, ContextQuery, DefineContext};
use crate::value::Apn;

/// The context of the default bearer on this family of chips (`protocol.md` §5.2).
pub(super) const CONTEXT: ContextQuery = ContextQuery { context: 0 };

/// What the modem has answered; none, and told so, if it does not know the command or its answer cannot be read.
pub(super) fn available<T>(
    show: &mut impl FnMut(Progress<'_>),
    answer: Result<T, CommandError>,
) -> Result<Option<T>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_unavailable(&error) => {
            show(Progress::Unavailable(error.name));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Tells what the modem has answered.
pub(super) fn tell<'r, T>(
    show: &mut impl FnMut(Progress<'_>),
    answer: Result<T, CommandError>,
    progress: impl FnOnce(T) -> Progress<'r>,
) -> Result<(), Failure> {
    if let Some(answer) = available(show, answer)? {
        show(progress(answer));
    }
    Ok(())
}

/// Whether the modem took a setting, and tells so.
pub(super) fn took<C>(
    show: &mut impl FnMut(Progress<'_>),
    context: &mut Context<'_, '_>,
    setting: &C,
) -> Result<bool, Failure>
where
    C: for<'r> Command<Response<'r> = ()>,
{
    let answer = available(show, context.finish(setting))?;
    if answer.is_some() {
        show(Progress::Accepted(C::SPEC.name()));
    }
    Ok(answer.is_some())
}

/// Whether the modem is there, but does not do what it was asked, or not so that it can be understood.
pub(super) fn is_unavailable(error: &CommandError) -> bool {
    is_refusal(error) || matches!(error.cause, Cause::Malformed | Cause::AnswerTooLong)
}

pub(super) const fn define(apn: Apn<'_>) -> DefineContext<'_> {
    DefineContext { context: CONTEXT.context, kind: AddressKind::V4, apn }
}

/// Whether the modem's access point is this one. Case means nothing, and the operator's identifier may follow
/// (3GPP TS 23.003 §9.1).
pub(super) fn is_same(apn: Apn<'_>, name: &[u8]) -> bool {
    let apn = apn.as_str().as_bytes();
    let Some((begin, rest)) = name.split_at_checked(apn.len()) else { return false };
    let suffix = rest.get(..4).unwrap_or(rest);
    begin.eq_ignore_ascii_case(apn) && (rest.is_empty() || suffix.eq_ignore_ascii_case(b".mnc"))
}

#[cfg(test)]
mod tests {
    use super::is_same;
    use crate::value::Apn;

    #[test]
    fn an_access_point_is_the_same_in_any_case_and_with_its_operator() {
        let is_same = |name: &str| is_same(Apn::new("cmnet").unwrap(), name.as_bytes());
        for name in ["cmnet", "CMNET", "cmnet.mnc000.mcc460.gprs", "CMNET.MNC000.MCC460.GPRS"] {
            assert!(is_same(name), "{name}");
        }
        for name in ["", "cmne", "cmnets", "cmnet.iot", "cmnb", "cmnet."] {
            assert!(!is_same(name), "{name}");
        }
    }
}
