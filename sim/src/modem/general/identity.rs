//! Who the modem and its SIM are.

use core::time::Duration;

use super::radio::RadioState;
use crate::modem::at::{Arguments, Command, Form, Refusal};
use crate::modem::board::Reply;
use crate::modem::quirks::{Product, Quirks, Support};
use crate::modem::settings::Identity;

/// What else than `ATI` tells who the modem is.
const IDENTITIES: [&str; 7] = ["+CGMM", "+CGMR", "+LGMR", "+CGSN", "+LGSN", "+LCCID", "+CIMI"];

/// Model, and the revision that `AT+LGMR` tells (`protocol.md` §5.2).
fn product(product: Product) -> (&'static str, &'static str) {
    match product {
        Product::Nt35e => ("NT35E", "NT35ECNA00NNA-L1020000"),
        Product::Nt26Kcn => ("NT26-KCN", "NT26KCNA00NNA-L1020000"),
        Product::StandardQ => ("NT26E-Q", "NT26EQNA00NNA-L2000000"),
    }
}

/// `None` if the command asks for something else.
pub(super) fn execute(
    identity: &Identity,
    radio: &RadioState,
    quirks: &Quirks,
    command: &Command<'_>,
    now: Duration,
) -> Option<Result<Reply, Refusal>> {
    if quirks.identities == Support::Unknown && IDENTITIES.contains(&command.name.as_str()) {
        return Some(Err(Refusal::Unknown));
    }
    let sim = match command.name.as_str() {
        "+LCCID" => radio.sim_readable(now),
        "+CIMI" => radio.sim_usable(now),
        _ => Ok(()),
    };
    if let Err(refusal) = sim {
        return Some(Err(refusal));
    }
    let (model, revision) = product(quirks.product);
    let quoted = |text: &str| {
        if quirks.quoted_identity { format!("\"{text}\"") } else { text.to_owned() }
    };
    let lines = match (command.name.as_str(), command.form) {
        ("I", Form::Execute) => {
            vec!["Lierda".to_owned(), model.to_owned(), "Revision: Lierda6180316".to_owned()]
        }
        ("+CGMM", Form::Execute) => vec![model.to_owned()],
        ("+CGMR", Form::Execute) => vec!["Lierda6180316".to_owned()],
        ("+LGMR", Form::Execute) => vec![revision.to_owned()],
        // A driver in the field copies the first line of this (`protocol.md` §5.2).
        ("+CGSN", Form::Execute) => vec![identity.imei.clone()],
        ("+CGSN", Form::Set(which)) => match Arguments::new(which).integer(0..=1) {
            Ok(0) => vec![format!("+CGSN: {}", quoted(&identity.serial_number))],
            Ok(_) => vec![format!("+CGSN: {}", quoted(&identity.imei))],
            Err(refusal) => return Some(Err(refusal)),
        },
        ("+LCCID", Form::Execute) => vec![format!("+LCCID: {}", identity.iccid)],
        ("+CIMI", Form::Execute) => vec![identity.imsi.clone()],
        ("+LGSN", Form::Set(b"1")) => vec![format!("+LGSN: {}", quoted(&identity.imei))],
        _ => return None,
    };
    Some(Ok(Reply::Done(lines.into_iter().map(String::into_bytes).collect())))
}
