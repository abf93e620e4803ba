//! Faults at work in the modem: those that strike now, those that wait for a byte, and what they leave for a while.

use core::time::Duration;

use super::Modem;
use super::board::Ticket;
use super::run::Phase;
use super::settings::Registration;
use crate::fault::{Direction, Fault, ModemFault, Place};

/// What unsolicited lines look like: short ones, and one that is longer than many a buffer.
const STORM: [&str; 6] = [
    "+CEREG: 1",
    "+CGEV: ME PDN ACT 1",
    "^MODE: 17,17",
    "+LMQTTURC: STATS,0,0",
    "+LCELL: 460,00,1A2B,00C3D4E5,117,-71,1300,-98,-11,14,460,00,1A2B,00C3D4E6,118,-75,1300,-101,-12,11,460,00,1A2B,00C3D4E7,\
     119,-79,1300,-104,-13,8,460,00,1A2B,00C3D4E8,120,-83,1300,-107,-14,5,460,00,1A2B,00C3D4E9,121,-87,1300,-110,-15,2,460,00,\
     1A2B,00C3D4EA,122,-91,1300,-113,-16,0",
    "RDY",
];

/// What is wrong, or will be.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// Faults that wait for a byte, with its number on that line.
    armed: Vec<(Direction, u64, Fault)>,
    /// Faults whose byte has come, and that are not the modem's own.
    tripped: Vec<Fault>,
    power_on_at: Option<Duration>,
    sim_back_at: Option<Duration>,
    /// When the network knows the modem again, and as what.
    registered_at: Option<(Duration, Registration)>,
    lost_answers: u32,
    lost_oks: u32,
    lost_results: u32,
    /// Of commands whose whole answer is lost.
    unanswered: Vec<Ticket>,
    /// How many faults have struck here, and when the longest of them is over.
    struck: u64,
    ends_at: Duration,
}

/// How many bytes that are still on the two lines have arrived.
#[derive(Clone, Copy, Debug)]
struct Past {
    from_host: usize,
    to_host: usize,
}

impl Trouble {
    /// Whether nothing goes on before somebody else has acted.
    pub(super) fn waits_for_others(&self) -> bool {
        !self.tripped.is_empty()
    }

    fn next_due(&self) -> Option<Duration> {
        let registered_at = self.registered_at.map(|(at, _)| at);
        [self.power_on_at, self.sim_back_at, registered_at].into_iter().flatten().min()
    }

    /// Whether the present command gets no answer at all.
    pub(super) fn loses_answer(&mut self) -> bool {
        count_down(&mut self.lost_answers)
    }

    /// Whether a command that was accepted gets no `OK`.
    pub(super) fn loses_ok(&mut self) -> bool {
        count_down(&mut self.lost_oks)
    }

    /// Whether an accepted command gets no result.
    pub(super) fn loses_result(&mut self, ticket: Ticket) -> bool {
        let unanswered = self.unanswered.iter().position(|lost| *lost == ticket);
        unanswered.map(|index| self.unanswered.swap_remove(index)).is_some() || count_down(&mut self.lost_results)
    }

    /// The result of this command is lost as well.
    pub(super) fn lose_result_of(&mut self, ticket: Ticket) {
        self.unanswered.push(ticket);
    }
}

fn count_down(count: &mut u32) -> bool {
    let was = *count;
    *count = count.saturating_sub(1);
    was > 0
}

impl Modem {
    /// Lets a fault strike now.
    pub fn strike(&mut self, fault: ModemFault, now: Duration) {
        self.run(now);
        let past = Past { from_host: self.from_host.arrived(now), to_host: self.to_host.arrived(now) };
        self.suffer(fault, past, now);
        self.run(now);
    }

    /// Lets a fault strike at a place among the bytes that arrive from now on. One that is not the modem's own is given
    /// by [`tripped`](Self::tripped) then.
    pub fn strike_at(&mut self, place: Place, fault: Fault, now: Duration) {
        self.run(now);
        let Place { direction, behind } = place;
        let line = match direction {
            Direction::FromHost => &self.from_host,
            Direction::FromModem => &self.to_host,
        };
        let number = line.taken() + line.arrived(now) as u64 + u64::from(behind);
        self.trouble.armed.push((direction, number, fault));
    }

    /// How many faults wait for their place.
    pub fn armed(&self) -> usize {
        self.trouble.armed.len()
    }

    /// How many faults of its own have struck, and when the longest of them is over.
    pub(crate) fn struck(&self) -> (u64, Duration) {
        (self.trouble.struck, self.trouble.ends_at)
    }

    /// Ends what has no time of its own: faults that wait for their place, harm to bytes, answers that are still to be lost.
    pub fn calm(&mut self, now: Duration) {
        self.run(now);
        let trouble = &mut self.trouble;
        trouble.armed.clear();
        (trouble.lost_answers, trouble.lost_oks, trouble.lost_results) = (0, 0, 0);
        self.from_host.calm();
        self.to_host.calm();
    }

    /// The faults whose place has come, and that somebody else has to let strike. Until they are taken, the modem stands
    /// still.
    pub fn tripped(&mut self) -> Vec<Fault> {
        core::mem::take(&mut self.trouble.tripped)
    }

    /// When the next fault strikes, or the next one is over.
    pub(super) fn trouble_due(&self) -> Option<Duration> {
        [self.next_arrival().map(|(due, ..)| due), self.trouble.next_due()].into_iter().flatten().min()
    }

    /// Does what is due by now.
    pub(super) fn suffer_what_is_due(&mut self, now: Duration) {
        if let Some((due, index, past)) = self.next_arrival()
            && due <= now
        {
            let (_, _, fault) = self.trouble.armed.remove(index);
            let past = Past { from_host: self.from_host.arrived(now), to_host: past };
            self.trip(fault, past, now);
            return;
        }
        let trouble = &mut self.trouble;
        let is_over = |at: &mut Duration| *at <= now;
        if trouble.power_on_at.take_if(is_over).is_some() {
            self.restart(now);
        } else if trouble.sim_back_at.take_if(is_over).is_some() {
            self.insert_sim(true, now);
        } else if let Some((_, registration)) = trouble.registered_at.take_if(|(at, _)| is_over(at)) {
            self.device.radio.set_registration(&mut self.board, registration, now);
        }
    }

    /// A byte from the host has been taken.
    pub(super) fn trip_at_byte_from_host(&mut self, now: Duration) {
        let taken = self.from_host.taken();
        let is_here =
            |(direction, number, _): &(Direction, u64, Fault)| *direction == Direction::FromHost && *number == taken;
        while let Some(index) = self.trouble.armed.iter().position(is_here) {
            let (_, _, fault) = self.trouble.armed.remove(index);
            self.trip(fault, Past { from_host: 0, to_host: self.to_host.arrived(now) }, now);
        }
    }

    /// The modem has power again.
    pub(super) fn power_is_back(&mut self) {
        self.trouble.power_on_at = None;
    }

    /// The next byte for the host that a fault waits for: when it arrives, which fault, and its place on the line.
    fn next_arrival(&self) -> Option<(Duration, usize, usize)> {
        let arrivals = self.trouble.armed.iter().enumerate().filter_map(|(index, (direction, number, _))| {
            let (due, past) = self.to_host.arrival(*number).filter(|_| *direction == Direction::FromModem)?;
            Some((due, index, past))
        });
        arrivals.min_by_key(|(due, _, past)| (*due, *past))
    }

    fn insert_sim(&mut self, is_in: bool, now: Duration) {
        let is_running = !matches!(self.phase, Phase::Off | Phase::Hung | Phase::Booting);
        self.device.radio.insert_sim(&mut self.board, is_in, is_running, now);
        self.notice_radio(now);
    }

    fn trip(&mut self, fault: Fault, past: Past, now: Duration) {
        match fault {
            Fault::Modem(fault) => self.suffer(fault, past, now),
            Fault::Network(_) | Fault::Cloud(_) => self.trouble.tripped.push(fault),
        }
    }

    fn suffer(&mut self, fault: ModemFault, past: Past, now: Duration) {
        let Past { from_host, to_host } = past;
        self.trouble.struck += 1;
        self.trouble.ends_at = self.trouble.ends_at.max(now + fault.lasts());
        match fault {
            ModemFault::Bytes { direction: Direction::FromHost, count, harm } => {
                self.from_host.strike(from_host, count, harm);
            }
            ModemFault::Bytes { direction: Direction::FromModem, count, harm } => {
                self.to_host.strike(to_host, count, harm);
            }
            ModemFault::Hold { direction: Direction::FromHost, time } => self.from_host.hold(from_host, now + time),
            ModemFault::Hold { direction: Direction::FromModem, time } => self.to_host.hold(to_host, now + time),
            ModemFault::WrongBaud(time) => {
                self.from_host.garble(from_host, now + time);
                self.to_host.garble(to_host, now + time);
            }
            ModemFault::Silence(time) => {
                self.from_host.silence(from_host, now + time);
                self.to_host.silence(to_host, now + time);
            }
            ModemFault::Storm { count, gap } => {
                for (number, line) in (0..count).zip(STORM.iter().cycle()) {
                    self.board.urc(*line, now + gap * number);
                }
            }
            ModemFault::LoseAnswers(count) => self.trouble.lost_answers = count,
            ModemFault::LoseOks(count) => self.trouble.lost_oks = count,
            ModemFault::LoseResults(count) => self.trouble.lost_results = count,
            ModemFault::Restart => {
                self.to_host.cut(to_host, now);
                self.restart(now);
            }
            ModemFault::PowerDown(time) => {
                self.to_host.cut(to_host, now);
                self.switch_off(now);
                self.trouble.power_on_at = time.map(|time| now + time);
            }
            ModemFault::PullSim(time) => {
                self.trouble.sim_back_at = self.trouble.sim_back_at.max(Some(now + time));
                self.insert_sim(false, now);
            }
            ModemFault::Deregister(time) => {
                let before = self.device.radio.settings.registration;
                let (at, registration) = self.trouble.registered_at.unwrap_or((now, before));
                self.trouble.registered_at = Some((at.max(now + time), registration));
                self.device.radio.set_registration(&mut self.board, Registration::Never, now);
                self.notice_radio(now);
            }
        }
    }
}
