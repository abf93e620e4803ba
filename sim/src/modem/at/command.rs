//! One command line: its name and what is asked of it.

/// A command line taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Command<'line> {
    /// Everything before `=` or `?`, in capitals, without `AT`: `+CSQ`, `E0`, or nothing for a bare `AT`.
    pub(crate) name: String,
    pub(crate) form: Form<'line>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form<'line> {
    /// `AT+NAME`
    Execute,
    /// `AT+NAME?`
    Read,
    /// `AT+NAME=?`
    Test,
    /// `AT+NAME=…`
    Set(&'line [u8]),
}

impl<'line> Command<'line> {
    /// `None` if the line does not begin with `AT`.
    pub(crate) fn parse(line: &'line [u8]) -> Option<Self> {
        let (prefix, rest) = line.split_at_checked(2)?;
        if !prefix.eq_ignore_ascii_case(b"AT") {
            return None;
        }
        let end = rest.iter().position(|byte| matches!(byte, b'=' | b'?')).unwrap_or(rest.len());
        let (name, tail) = rest.split_at(end);
        let form = match tail {
            [] => Form::Execute,
            b"?" => Form::Read,
            b"=?" => Form::Test,
            [b'=', arguments @ ..] => Form::Set(arguments),
            // `AT+NAME?x` is no form at all; a name that no command has says so.
            _ => {
                return Some(Self { name: String::from_utf8_lossy(rest).into_owned(), form: Form::Execute });
            }
        };
        Some(Self { name: String::from_utf8_lossy(name).to_ascii_uppercase(), form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<(String, Form<'_>)> {
        Command::parse(line.as_bytes()).map(|command| (command.name, command.form))
    }

    #[test]
    fn the_four_forms() {
        assert_eq!(parse("AT"), Some((String::new(), Form::Execute)));
        assert_eq!(parse("ate0"), Some(("E0".to_owned(), Form::Execute)));
        assert_eq!(parse("AT+cereg?"), Some(("+CEREG".to_owned(), Form::Read)));
        assert_eq!(parse("AT+LMQTTCFG=?"), Some(("+LMQTTCFG".to_owned(), Form::Test)));
        assert_eq!(parse("AT+X=a=?b"), Some(("+X".to_owned(), Form::Set(b"a=?b"))));
    }

    #[test]
    fn other_lines_are_no_commands() {
        assert_eq!(parse("A"), None);
        assert_eq!(parse("hello AT"), None);
        assert_eq!(parse("AT+CSQ?x"), Some(("+CSQ?x".to_owned(), Form::Execute)));
    }
}
