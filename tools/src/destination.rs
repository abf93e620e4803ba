//! Where a device signs in, and with what, as the command line takes it.

use std::fs;
use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use nt35e::aliyun::Region;
use nt35e::{Field, InvalidField};

/// Takes the identifier of a region.
pub fn region_parser() -> impl TypedValueParser<Value = Region> {
    let named = |id: String| REGIONS.into_iter().find(|region| region.id() == id).unwrap_or_default();
    PossibleValuesParser::new(REGIONS.map(Region::id)).map(named)
}

/// Takes `HOST:PORT`.
///
/// # Errors
/// What is wrong with it.
pub fn host_and_port(text: &str) -> Result<(String, u16), &'static str> {
    let (host, port) = text.rsplit_once(':').ok_or("a colon and a port must follow the host")?;
    match port.parse() {
        Ok(port) if port > 0 && !host.is_empty() => Ok((host.to_owned(), port)),
        Ok(_) if host.is_empty() => Err("there is no host before the colon"),
        _ => Err("the port must be a number from 1 to 65535"),
    }
}

/// The secret in a file that holds nothing else.
///
/// # Errors
/// What is wrong, with the option that names the file.
pub fn read_secret(option: &str, path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{option} {}: {error}", path.display()))?;
    // An editor ends the line.
    Ok(text.trim().to_owned())
}

/// The option whose value is wrong.
pub const fn option_of(invalid: InvalidField) -> &'static str {
    match invalid.field {
        Field::ProductKey => "--product-key",
        Field::DeviceName => "--device-name",
        _ => "--device-secret-file",
    }
}

const REGIONS: [Region; 8] = [
    Region::Shanghai,
    Region::Beijing,
    Region::Shenzhen,
    Region::Singapore,
    Region::Tokyo,
    Region::SiliconValley,
    Region::Virginia,
    Region::Frankfurt,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_can_be_named() {
        let command = clap::Command::new("x").arg(clap::Arg::new("region").value_parser(region_parser()));
        for region in REGIONS {
            let matches = command.clone().try_get_matches_from(["x", region.id()]).unwrap();
            assert_eq!(matches.get_one::<Region>("region"), Some(&region));
        }
        assert!(command.try_get_matches_from(["x", "moon"]).is_err());
    }

    #[test]
    fn a_host_has_a_port() {
        assert_eq!(host_and_port("iot-x.mqtt.iothub.aliyuncs.com:1883").unwrap().1, 1883);
        for wrong in ["host", "host:", "host:x", "host:0", "host:65536", ":1883"] {
            assert!(host_and_port(wrong).is_err(), "{wrong}");
        }
    }
}
