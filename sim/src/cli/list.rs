//! What `--list-quirks` prints.

use std::io::{self, Write};

use anstyle::Style;
use nt35e_sim::aliyun::CloudSettings;
use nt35e_sim::fault;
use nt35e_sim::modem::{Delays, Noise, Quirks};

const WIDTH: usize = 100;

/// Lists every quirk, delay, noise and fault.
pub(super) fn print_all(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Quirks, for --quirk NAME=VALUE; the default is marked with *.")?;
    for entry in Quirks::all() {
        let values = entry.values.split('|').map(|value| match value {
            "NUMBER" => format!("NUMBER *{}", entry.default),
            value if value == entry.default => format!("*{value}"),
            value => value.to_owned(),
        });
        let values: Vec<String> = values.collect();
        print_entry(out, entry.name, &values.join(" | "), &entry.meaning.replace('`', "'"))?;
    }
    writeln!(out, "\nSettings of the built-in cloud, for --cloud NAME=VALUE; the default is marked with *.")?;
    for setting in CloudSettings::NAMED {
        print_entry(out, setting.name, &setting.values.join(" | "), setting.meaning)?;
    }
    writeln!(out, "\nDelays, for --delay NAME=MILLISECONDS.")?;
    for (name, meaning) in Delays::NAMES {
        print_entry(out, name, "", meaning)?;
    }
    writeln!(out, "\nNoise on the line to the host, for --noise NAME=NUMBER.")?;
    for (name, meaning) in Noise::NAMES {
        print_entry(out, name, "", meaning)?;
    }
    writeln!(out, "\nFaults, for --faults 'TIME [PLACE] FAULT; ..' and to be typed while it runs.")?;
    for fault in fault::LIST {
        print_entry(out, fault.name, fault.arguments, fault.meaning)?;
    }
    Ok(())
}

fn print_entry(out: &mut impl Write, name: &str, values: &str, meaning: &str) -> io::Result<()> {
    let bold = Style::new().bold();
    writeln!(out, "\n  {bold}{name}{bold:#}  {values}")?;
    let mut line = String::new();
    for word in meaning.split(' ') {
        if line.len() + word.len() + 7 > WIDTH {
            writeln!(out, "     {line}")?;
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(out, "     {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_listed_in_lines_that_fit() {
        let mut out = Vec::new();
        print_all(&mut out).unwrap();
        let text = anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string();
        for entry in Quirks::all() {
            assert!(text.contains(&format!("\n  {}  ", entry.name)), "{}", entry.name);
        }
        assert!(text.contains("  urc_default  *shown | hidden\n"), "{text}");
        assert!(text.contains("  registration_on_plain  *no | yes\n"), "{text}");
        assert!(text.contains("  inline_limit  NUMBER *1024\n"), "{text}");
        assert!(text.contains("\n  power-down  [TIME]\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= WIDTH + 5), "{text}");
    }
}
