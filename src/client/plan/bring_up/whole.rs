//! The whole of bringing the modem up, which tells what it finds.

use super::answers::{CONTEXT, available, define, is_same, is_unavailable, tell, took};
use super::step::Step;
use super::{ASK_EVERY, BringUp as Beginning, Step as BeginningStep, errors_answered};
use crate::at::{Cause, CommandError, Stage};
use crate::client::error::{BringUpFailure, Failure};
use crate::client::plan::{Context, Next, Plan};
use crate::client::progress::Progress;
use crate::command::{
    AddressQuery, AttachmentQuery, ClockQuery, EnterPin, FirmwareVersion, Imei, Model, Radio, Registration,
    RegistrationQuery, SelectOperator, SetExtendedReception, SetPowerSaving, SignalQuery, SimNumber, SimQuery,
    SimStatus, Subscriber,
};
use crate::mqtt::Unnamed;
use crate::network::BringUp;
use crate::time::{Duration, Instant};

/// What an answer means for the step.
enum Verdict {
    /// It is done.
    Done,
    /// It goes on at once.
    GoOn,
    /// It has to wait.
    Wait,
}

pub(crate) struct WholeBringUp<'a, S> {
    settings: BringUp<'a>,
    show: S,
    beginning: Beginning,
    step: Step,
    limit: Instant,
    /// What the UART had received at the start.
    received_before: u32,
    is_pausing: bool,
    access_point_differs: bool,
    /// The radio has to be switched off and on.
    radio_is_due: bool,
    /// The PIN is in flight.
    is_unlocking: bool,
    /// The PIN was sent.
    is_unlocked: bool,
    sim: SimStatus,
    registration: Option<Registration>,
}

impl<'a, S: FnMut(Progress<'_>)> WholeBringUp<'a, S> {
    pub(crate) const fn new(settings: BringUp<'a>, show: S) -> Self {
        Self {
            settings,
            show,
            beginning: Beginning::new(settings.network),
            step: Step::Start,
            limit: Instant::from_millis(0),
            received_before: 0,
            is_pausing: false,
            access_point_differs: false,
            radio_is_due: false,
            is_unlocking: false,
            is_unlocked: false,
            sim: SimStatus::Busy,
            registration: None,
        }
    }

    fn get_in_step(&mut self, context: &mut Context<'_, '_>) -> Result<Next<()>, Failure> {
        let received = context.engine.counters().bytes.received;
        let before = self.beginning.step;
        match before {
            BeginningStep::Start => self.received_before = received,
            BeginningStep::Errors => {
                errors_answered(context)?;
                (self.show)(Progress::InStep);
                return Ok(Next::Done(()));
            }
            _ => {}
        }
        match self.beginning.advance(context) {
            Err(Failure::Command(CommandError { cause, .. })) if before == BeginningStep::Attention => {
                Err(BringUpFailure::NoAnswer { received: received.wrapping_sub(self.received_before), cause }.into())
            }
            Err(failure) => Err(failure),
            Ok(_) => {
                if before == BeginningStep::Attention && self.beginning.step == before {
                    (self.show)(Progress::NoAnswer);
                }
                Ok(Next::Drive)
            }
        }
    }

    /// Takes the answer to what [`Self::submit`] asked.
    fn answered(&mut self, context: &mut Context<'_, '_>) -> Result<Verdict, Failure> {
        let Self { settings, show, .. } = self;
        match self.step {
            Step::Start | Step::Done => {}
            Step::Model => tell(show, context.finish(&Model), Progress::Model)?,
            Step::Firmware => tell(show, context.finish(&FirmwareVersion), Progress::Firmware)?,
            Step::Imei => tell(show, context.finish(&Imei), Progress::Imei)?,
            Step::AccessPoint => {
                let access_point = available(show, context.finish(&CONTEXT))?;
                if let Some(access_point) = access_point {
                    show(Progress::AccessPoint(access_point));
                }
                self.access_point_differs =
                    settings.apn.is_some_and(|apn| !access_point.flatten().is_some_and(|name| is_same(apn, name)));
            }
            Step::SetAccessPoint => {
                if let Some(apn) = settings.apn {
                    self.radio_is_due = took(show, context, &define(apn))?;
                }
            }
            Step::RadioOff => self.radio_is_due = took(show, context, &Radio(false))?,
            Step::RadioOn => _ = took(show, context, &Radio(true))?,
            Step::Sim if self.is_unlocking => return self.unlocked(context),
            Step::Sim => return self.sim_answered(context),
            Step::SimNumber => tell(show, context.finish(&SimNumber), Progress::SimNumber)?,
            Step::Subscriber => tell(show, context.finish(&Subscriber), Progress::Subscriber)?,
            Step::PowerSaving => {
                if let Some(power_saving) = settings.power_saving {
                    took(show, context, &SetPowerSaving(power_saving))?;
                }
            }
            Step::ExtendedReception => {
                if let Some(reception) = settings.extended_reception {
                    took(show, context, &SetExtendedReception(reception))?;
                }
            }
            Step::Operator => {
                if let Some(operator) = settings.operator {
                    took(show, context, &SelectOperator(operator))?;
                }
            }
            Step::Registration => {
                if let Some(state) = available(show, context.finish(&RegistrationQuery))? {
                    self.registration = Some(state);
                    show(Progress::Registration(state));
                    if settings.network.accepts(state) {
                        return Ok(Verdict::Done);
                    }
                }
                return Ok(Verdict::Wait);
            }
            Step::Attachment => {
                if let Some(is_attached) = available(show, context.finish(&AttachmentQuery))? {
                    show(Progress::Attached(is_attached));
                    if !is_attached {
                        return Ok(Verdict::Wait);
                    }
                }
            }
            Step::Address => {
                if let Some(address) = available(show, context.finish(&AddressQuery))? {
                    show(Progress::Address(address));
                    if address.is_none() {
                        return Ok(Verdict::Wait);
                    }
                }
            }
            Step::Signal => tell(show, context.finish(&SignalQuery), Progress::Signal)?,
            Step::Clock => tell(show, context.finish(&ClockQuery), Progress::Clock)?,
        }
        Ok(Verdict::Done)
    }

    fn sim_answered(&mut self, context: &mut Context<'_, '_>) -> Result<Verdict, Failure> {
        self.sim = match context.finish(&SimQuery) {
            Ok(status) => status,
            Err(CommandError { cause: Cause::Refused(refusal), .. }) => SimStatus::from_refusal(refusal),
            Err(error) if is_unavailable(&error) => SimStatus::Other,
            Err(error) => return Err(error.into()),
        };
        (self.show)(Progress::Sim(self.sim));
        match self.sim {
            SimStatus::Ready => {
                context.session.refused_pin = None;
                Ok(Verdict::Done)
            }
            SimStatus::PinNeeded if !self.is_unlocked => match self.settings.sim_pin {
                None => Err(BringUpFailure::Sim(self.sim).into()),
                Some(pin) if context.session.refused_pin == Some(pin.fingerprint()) => {
                    Err(BringUpFailure::SimPin(None).into())
                }
                Some(_) => {
                    self.is_unlocking = true;
                    Ok(Verdict::GoOn)
                }
            },
            SimStatus::PukNeeded => Err(BringUpFailure::Sim(self.sim).into()),
            _ => Ok(Verdict::Wait),
        }
    }

    /// Three wrong PINs lock the SIM, so that one that was sent, and not accepted, counts as refused.
    fn unlocked(&mut self, context: &mut Context<'_, '_>) -> Result<Verdict, Failure> {
        let Some(pin) = self.settings.sim_pin else { return Ok(Verdict::Done) };
        let answer = context.finish(&EnterPin(pin));
        context.session.end();
        self.is_unlocking = false;
        self.is_unlocked = true;
        if let Err(error) = answer {
            if !matches!(error.stage, Stage::Resync | Stage::Send) {
                context.session.refused_pin = Some(pin.fingerprint());
            }
            return Err(match error.cause {
                Cause::Refused(refusal) => BringUpFailure::SimPin(Some(refusal)).into(),
                _ => error.into(),
            });
        }
        (self.show)(Progress::Accepted("+CPIN"));
        Ok(Verdict::GoOn)
    }

    /// Asks or sets what the step is about, or the first one behind it that has something to ask or to set.
    fn submit(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Registration>, Failure> {
        loop {
            let settings = &self.settings;
            match self.step {
                Step::Model => return context.submit(&Model),
                Step::Firmware => return context.submit(&FirmwareVersion),
                Step::Imei => return context.submit(&Imei),
                Step::AccessPoint => return context.submit(&CONTEXT),
                Step::SetAccessPoint => {
                    if let Some(apn) = settings.apn.filter(|_| self.access_point_differs) {
                        return context.submit(&define(apn));
                    }
                }
                Step::RadioOff if self.radio_is_due => return context.submit(&Radio(false)),
                Step::RadioOn if self.radio_is_due => return context.submit(&Radio(true)),
                Step::Sim => {
                    let Some(pin) = settings.sim_pin.filter(|_| self.is_unlocking) else {
                        return context.submit(&SimQuery);
                    };
                    let next = context.submit(&EnterPin(pin))?;
                    context.session.begin(Unnamed::Pin(pin.fingerprint()), context.engine);
                    return Ok(next);
                }
                Step::SimNumber => return context.submit(&SimNumber),
                Step::Subscriber => return context.submit(&Subscriber),
                Step::PowerSaving => {
                    if let Some(power_saving) = settings.power_saving {
                        return context.submit(&SetPowerSaving(power_saving));
                    }
                }
                Step::ExtendedReception => {
                    if let Some(reception) = settings.extended_reception {
                        return context.submit(&SetExtendedReception(reception));
                    }
                }
                Step::Operator => {
                    if let Some(operator) = settings.operator {
                        return context.submit(&SelectOperator(operator));
                    }
                }
                Step::Registration => return context.submit(&RegistrationQuery),
                Step::Attachment => return context.submit(&AttachmentQuery),
                Step::Address => return context.submit(&AddressQuery),
                Step::Signal => return context.submit(&SignalQuery),
                Step::Clock => return context.submit(&ClockQuery),
                Step::Done => return self.registration.map(Next::Done).ok_or(Failure::NotRegistered(None)),
                Step::Start | Step::RadioOff | Step::RadioOn => {}
            }
            self.go_on(context.now);
        }
    }

    fn go_on(&mut self, now: Instant) {
        self.step = self.step.next();
        let limit = match self.step {
            Step::Sim => self.settings.sim_within,
            Step::Registration => self.settings.network.registered_within,
            Step::Attachment | Step::Address => self.settings.attached_within,
            _ => Duration::from_millis(0),
        };
        self.limit = now + limit;
    }

    fn too_late(&self) -> Failure {
        match self.step {
            Step::Registration => Failure::NotRegistered(self.registration),
            Step::Sim => BringUpFailure::Sim(self.sim).into(),
            Step::Attachment => BringUpFailure::NotAttached.into(),
            _ => BringUpFailure::NoAddress.into(),
        }
    }
}

impl<S: FnMut(Progress<'_>)> Plan for WholeBringUp<'_, S> {
    type Output = Registration;

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Registration>, Failure> {
        if self.step == Step::Start {
            if let Next::Drive = self.get_in_step(context)? {
                return Ok(Next::Drive);
            }
            self.go_on(context.now);
        } else if !core::mem::take(&mut self.is_pausing) {
            match self.answered(context)? {
                Verdict::Done => self.go_on(context.now),
                Verdict::GoOn => {}
                Verdict::Wait if context.now >= self.limit => return Err(self.too_late()),
                Verdict::Wait => {
                    self.is_pausing = true;
                    return context.pause(ASK_EVERY);
                }
            }
        }
        self.submit(context)
    }
}
