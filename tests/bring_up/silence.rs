//! A modem that is silent, not understood, booting, or gone.

use nt35e::at::{Cause, CommandError};
use nt35e::command::Registration;
use nt35e::{BringUpFailure, Error};
use nt35e_sim::modem::{BootBanner, Delays, ModemSettings, Noise, Quirks};
use nt35e_sim::world::World;

use crate::attempt::{PIN, SECOND, attempt, attempt_during, every_setting, limits, on_modem, with_radio};
use crate::front_end::{self, FrontEnd};
use crate::rig::{self, Bench, Memory};

front_end::each_front_end!(
    a_modem_that_is_off_is_told_from_one_that_cannot_be_understood,
    a_modem_that_boots_amid_garbage_is_brought_in_step,
    a_modem_that_restarts_is_brought_up_by_the_next_call,
    the_modem_goes_silent_at_every_command,
);

fn a_modem_that_is_off_is_told_from_one_that_cannot_be_understood(front_end: FrontEnd) {
    let off = ModemSettings { off: true, ..ModemSettings::instant() };
    let silent = on_modem(front_end, off, &limits());
    let failure = BringUpFailure::NoAnswer { received: 0, cause: Cause::Timeout };
    silent.fails_after(20 * SECOND, Error::BringUp(failure));
    assert!(silent.shows("NoAnswer") && silent.shown.iter().all(|shown| shown == "NoAnswer"), "{:?}", silent.shown);

    let wrong_baud_rate = Noise { corrupt: 1, ..Noise::default() };
    let modem = ModemSettings { noise: wrong_baud_rate, ..ModemSettings::instant() };
    let foreign = on_modem(front_end, modem, &limits());
    assert!(
        matches!(
            foreign.result,
            Err(Error::BringUp(BringUpFailure::NoAnswer { received: 100.., cause: Cause::Timeout }))
        ),
        "{:?}",
        foreign.result
    );
}

fn a_modem_that_boots_amid_garbage_is_brought_in_step(front_end: FrontEnd) {
    let mut quirks = Quirks { power_on_noise: true, boot_lines: true, first_line_lost: true, ..Quirks::default() };
    for boot_banner in [BootBanner::Separate, BootBanner::Glued, BootBanner::RomOnly, BootBanner::Silent] {
        quirks.boot_banner = boot_banner;
        let delays = Delays { boot: 10 * SECOND, ..Delays::default() };
        let modem = ModemSettings { quirks: quirks.clone(), delays, ..ModemSettings::default() };
        let bench = Bench::new(front_end, modem, rig::cloud());
        // Half an echo of an earlier life of the host, an answer that it did not take, and noise.
        let garbage = b"AT+LMQTTPUB=0,1,1,0,\"/a\r\nOK\r\n\xff\x00\x80+CME ERR\r\n> \r\nERROR\r\nATATE0\r";
        bench.with(|world| world.inject(garbage));
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let attempt = attempt(&bench, &mut client, &limits());
        assert_eq!(attempt.result, Ok(Registration::Home), "{boot_banner:?}: {:?}", attempt.shown);
        assert!(attempt.shows("NoAnswer"), "{boot_banner:?}: {:?}", attempt.shown);
        assert!(attempt.took >= 10 * SECOND && attempt.took < 20 * SECOND, "{:?}", attempt.took);
    }
}

fn a_modem_that_restarts_is_brought_up_by_the_next_call(front_end: FrontEnd) {
    let told = on_modem(front_end, with_radio(|radio| radio.pin = Some(PIN.into())), &every_setting()).shown;
    for at in told.iter().skip(1) {
        let modem = with_radio(|radio| radio.pin = Some(PIN.into()));
        let bench = Bench::new(front_end, modem, rig::cloud());
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let (at, restarted) = (at.clone(), bench.clone());
        let first = attempt_during(&bench, &mut client, &every_setting(), move |shown| {
            if shown == at {
                restarted.with(World::restart_modem);
            }
        });
        let is_noticed =
            matches!(first.result, Ok(_) | Err(Error::Command(CommandError { cause: Cause::Restarted, .. })));
        assert!(is_noticed, "{:?}: {:?}", first.shown.last(), first.result);
        let second = attempt(&bench, &mut client, &every_setting());
        assert_eq!(second.result, Ok(Registration::Home), "{:?}: {:?}", first.shown.last(), second.shown);
    }
}

fn the_modem_goes_silent_at_every_command(front_end: FrontEnd) {
    let told = on_modem(front_end, with_radio(|radio| radio.pin = Some(PIN.into())), &every_setting()).shown;
    for (number, at) in told.iter().enumerate() {
        let modem = with_radio(|radio| radio.pin = Some(PIN.into()));
        let bench = Bench::new(front_end, modem, rig::cloud());
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let (at, muted) = (at.clone(), bench.clone());
        let first = attempt_during(&bench, &mut client, &every_setting(), move |shown| {
            if shown == at {
                muted.with(|world| world.mute(3_600 * SECOND));
            }
        });
        let is_last = number + 1 == told.len();
        let is_noticed = matches!(first.result, Err(Error::Command(CommandError { cause: Cause::Timeout, .. })));
        assert!(is_noticed || is_last, "{:?}: {:?}", first.shown.last(), first.result);
        assert!(first.took < 200 * SECOND, "{:?}", first.took);
    }
}
