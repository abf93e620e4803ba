//! The main job: sign in, stay as long as is wanted, sign off; and if it fails, the likely cause.

mod cause;
mod options;

use nt35e::{Duration, Event, Progress, QoS};

use crate::check::{self, Memory, Modem};
use crate::progress::Spinner;
use crate::report::Report;
use crate::tap::Log;
use crate::{events, mask};

pub(crate) use cause::explain;
pub(crate) use options::SignInOptions;

/// Signs the device in and off again.
pub(crate) fn run(options: &SignInOptions, log: &Log) -> Result<(), String> {
    let secrets = if log.playback().is_some() { options.stand_ins() } else { options.secrets()? };
    mask::pieces(secrets.device_secret.as_bytes()).iter().for_each(|piece| log.conceal(piece));
    if let Some(pin) = &secrets.pin {
        log.conceal(pin.as_bytes());
    }
    let sign_in = options.sign_in(&secrets)?;
    let bring_up = options.bring_up(&secrets)?;

    let tap = check::reach(&options.modem, log, &mut Report::new(false).noted_in(log))
        .ok_or_else(|| "the modem was not reached".to_owned())?;
    let mut memory = Memory::new();
    let mut modem = memory.driver(tap);
    let spinner = Spinner::start("bringing the modem up");
    modem
        .bring_up_with(&bring_up, |progress| show(progress, log, &spinner))
        .map_err(|error| format!("{}; `nt35e check` says what to do", explain(&error)))?;

    spinner.say(log, &format!("signing in as {} of {}", options.device_name, options.product_key));
    spinner.wait("signing in");
    let connection = modem.connect_aliyun(sign_in).map_err(|error| explain(&error))?;
    spinner.say(log, "signed in");
    let refused: Vec<_> = connection.refused().collect();
    if !refused.is_empty() {
        let names = refused.join(", ");
        spinner.say(log, &format!("the modem refused the settings {names}; the driver does without"));
    }
    for filter in &options.subscribe {
        modem.subscribe(filter, QoS::AtLeastOnce).map_err(|error| format!("{filter}: {}", explain(&error)))?;
        spinner.say(log, &format!("subscribed to {filter}"));
    }
    spinner.wait("signed in, and waiting for events");
    stay(&mut modem, options.stay, &spinner, log)?;
    if !modem.is_connected() {
        return Err("the session ended before its time".to_owned());
    }
    modem.disconnect().map_err(|error| format!("signed in, but not off again: {error}"))?;
    spinner.say(log, "signed off");
    Ok(())
}

/// Prints what comes, until the time is over or the session is.
fn stay(modem: &mut Modem<'_>, seconds: u32, spinner: &Spinner, log: &Log) -> Result<(), String> {
    use nt35e::Clock as _;
    let mut clock = log.clock();
    let until = clock.now() + Duration::from_secs(seconds);
    loop {
        let now = clock.now();
        if now >= until {
            return Ok(());
        }
        match modem.next_event(until - now).map_err(|error| error.to_string())? {
            Some(event) => {
                spinner.say(log, &events::shown(&event));
                if matches!(event, Event::Disconnected(_) | Event::Restarted(_)) {
                    return Ok(());
                }
            }
            None => return Ok(()),
        }
    }
}

/// Shows what there is to show on the way, but for what stands for somebody.
fn show(progress: Progress<'_>, log: &Log, spinner: &Spinner) {
    match progress {
        Progress::Imei(number) | Progress::SimNumber(number) | Progress::Subscriber(number) => log.conceal(number),
        Progress::Model(name) => log.name_module(&check::text(name)),
        Progress::Firmware(name) => log.name_firmware(&check::text(name)),
        _ => spinner.say(log, &progress.to_string()),
    }
}
