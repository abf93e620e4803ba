//! `AT+CEREG?`: whether the network has taken the modem in.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::value::codes;

codes! {
    /// The registration of 3GPP TS 27.007 §10.1.22.
    Registration {
        0 NotSearching "0: not registered, and not looking for a network.",
        1 Home "1: registered in the home network.",
        2 Searching "2: not registered, looking for a network.",
        3 Denied "3: the network refuses.",
        4 Unknown "4: unknown, such as out of coverage.",
        5 Roaming "5: registered in another network.",
        6 MessagesOnlyHome "6: registered in the home network for short messages alone.",
        7 MessagesOnlyRoaming "7: registered in another network for short messages alone.",
        8 EmergencyOnly "8: attached for emergency calls alone.",
        9 DataPreferredHome "9: registered in the home network, and not for fallback to voice.",
        10 DataPreferredRoaming "10: registered in another network, and not for fallback to voice.",
        11 RestrictedLocalServices "11: attached for restricted local services alone.",
    }
}

impl Registration {
    /// Whether the network has taken the modem in, for data.
    pub const fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming | Self::DataPreferredHome | Self::DataPreferredRoaming)
    }

    /// Whether that network is another one than the home network.
    pub const fn is_roaming(self) -> bool {
        matches!(self, Self::Roaming | Self::MessagesOnlyRoaming | Self::DataPreferredRoaming)
    }
}

/// `AT+CEREG?`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RegistrationQuery;

impl Command for RegistrationQuery {
    const SPEC: Spec = Spec::named("+CEREG");
    type Response<'r> = Registration;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.raw(b"?");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Registration, Malformed> {
        // The URC of the same name has no mode before the state, so that its second field is absent or a text.
        let states = answer.lines().filter_map(|line| {
            let mut fields = crate::at::Fields::after(line, b"+CEREG")?;
            fields.integer().ok()?;
            fields.any_integer().ok()
        });
        states.last().map(Registration::from_number).ok_or(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::{Registration, RegistrationQuery};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use crate::value::check_codes;
    use std::vec::Vec;

    #[test]
    fn every_state_has_a_name() {
        check_codes!(Registration);
        let numbers = |is: fn(Registration) -> bool| {
            (-1..=12).filter(move |&number| is(Registration::from_number(number))).collect::<Vec<_>>()
        };
        assert_eq!(numbers(Registration::is_registered), [1, 5, 9, 10]);
        assert_eq!(numbers(Registration::is_roaming), [5, 7, 10]);
    }

    #[test]
    fn the_state_is_the_second_field() {
        assert_eq!(line(&RegistrationQuery), "AT+CEREG?");
        let answers: [(&[&str], _); 6] = [
            (&["+CEREG: 0,1"], Ok(Registration::Home)),
            (&["+CEREG:2,5,\"1A2B\",\"00C3D4E5\",7"], Ok(Registration::Roaming)),
            (&["+CEREG: 2", "+CEREG: 1,2"], Ok(Registration::Searching)),
            (&["+CEREG: 2"], Err(Malformed)),
            (&["+CEREG: 0,x"], Err(Malformed)),
            (&[], Err(Malformed)),
        ];
        for (lines, state) in answers {
            decoded(&RegistrationQuery, lines, |response| assert_eq!(response, state));
        }
    }
}
