//! Signing in: end what an earlier life of this host left, write every setting, open, sign in.
//!
//! ```text
//!  Teardown ──► Setting 0 ──► … ──► Setting n ──► Open ──► Connect ──accepted──► done
//!               (an optional one may be refused)             │ accepted, but an earlier sign-in
//!                                                            ▼ may still be answered
//!                                                          Verify ──connected──► done
//! ```

use super::teardown::{CONNECTION, Teardown};
use super::{Context, Next, Plan, is_refusal};
#[cfg(feature = "sign")]
use crate::aliyun::sign::{PiecewiseConnect, SecureMode, user_name};
use crate::at::{CommandError, MessageForm};
use crate::client::connection::Connection;
use crate::client::error::Failure;
use crate::command::{
    self, Aliyun, Cache, Cloud, Configure, ConnectFailure, ConnectionQuery, ConnectionState, Open, PayloadFormat,
    ProtocolVersion, Setting, Tls,
};
use crate::mqtt::{Identity, Platform, SignOn, Unnamed};
#[cfg(feature = "sign")]
use crate::value::{DeviceClientId, Triple};

#[derive(Clone, Copy)]
enum Step {
    Teardown,
    Setting(u8),
    Open,
    Connect,
    Verify,
}

/// How many settings [`Connect::setting`] knows.
const SETTINGS: u8 = 11;
const RECEIVE_MODE: u8 = 9;

pub(crate) struct Connect<'a> {
    sign_on: SignOn<'a>,
    teardown: Teardown,
    step: Step,
    connection: Connection,
}

impl<'a> Connect<'a> {
    pub(crate) const fn new(sign_on: SignOn<'a>) -> Self {
        Self { sign_on, teardown: Teardown::new(), step: Step::Teardown, connection: Connection::new() }
    }

    /// Setting number `index`, if this sign-in needs it, and whether it can do without.
    ///
    /// What has to be set before opening is set before opening (`protocol.md` §3.1), and that is true of all of them.
    fn setting(&self, index: u8) -> Option<(Setting<'a>, bool)> {
        let on = &self.sign_on;
        let (required, optional) = (false, true);
        let format = PayloadFormat::Text;
        Some(match index {
            0 => match on.identity {
                Identity::SignedByModem(_) => (Setting::cloud(Cloud::Aliyun(Aliyun::Json)), required),
                #[cfg(feature = "sign")]
                Identity::SignedByHost(..) => (Setting::cloud(PLAIN), optional),
                #[cfg(feature = "registration")]
                Identity::Token(..) | Identity::Registering(_) => (Setting::cloud(PLAIN), optional),
                _ => return None,
            },
            1 => match on.identity {
                Identity::SignedByModem(triple) => (Setting::aliyun_device(triple), required),
                _ => return None,
            },
            2 => (Setting::version(on.version), on.version == ProtocolVersion::V3_1_1),
            3 => (Setting::clean_session(on.clean_session), optional),
            4 => (Setting::keep_alive(on.keep_alive), optional),
            5 => (Setting::will(Some(on.will?)), required),
            6 => (Setting::tls(Some(on.tls).filter(|&tls| tls != Tls::Off)?), required),
            7 => (Setting::cache(Cache::Direct), optional),
            8 => (Setting::send_mode(format), optional),
            RECEIVE_MODE => (Setting::receive_mode(format, true), optional),
            10 => (Setting::result_urcs(true), optional),
            _ => return None,
        })
    }

    /// Submits the first setting from `index` on that this sign-in needs, or else opens.
    fn submit_setting(&mut self, index: u8, context: &mut Context<'_, '_>) -> Result<Next<Connection>, Failure> {
        for index in index..SETTINGS {
            if let Some((setting, _)) = self.setting(index) {
                self.step = Step::Setting(index);
                return context.submit(&configure(setting));
            }
        }
        self.step = Step::Open;
        context.submit(&self.open())
    }

    fn setting_answered(
        &mut self,
        index: u8,
        answer: Result<(), CommandError>,
        context: &mut Context<'_, '_>,
    ) -> Result<(), Failure> {
        let Some((setting, is_optional)) = self.setting(index) else { return Ok(()) };
        match answer {
            Ok(()) => {}
            Err(error) if is_optional && is_refusal(&error) => self.connection.refuse(&setting),
            Err(error) => return Err(error.into()),
        }
        if index == RECEIVE_MODE {
            let is_counted = self.connection.length_framed();
            context.engine.expect_messages(if is_counted { MessageForm::Counted } else { MessageForm::Bare });
        }
        Ok(())
    }

    const fn open(&self) -> Open<'a> {
        Open { connection: CONNECTION, host: self.sign_on.host, port: self.sign_on.port }
    }

    const fn connect(&self) -> command::Connect<'a> {
        let SignOn { client_id, identity, .. } = self.sign_on;
        let login = match identity {
            Identity::Login(login) => Some(login),
            _ => None,
        };
        command::Connect { connection: CONNECTION, client_id, login }
    }

    fn submit_connect(&self, context: &mut Context<'_, '_>) -> Result<Next<Connection>, Failure> {
        #[cfg(feature = "sign")]
        let client_id = DeviceClientId::of_checked(self.sign_on.client_id.as_str());
        match self.sign_on.identity {
            #[cfg(feature = "sign")]
            Identity::SignedByHost(triple, signing) => {
                let is_plain = self.sign_on.tls == Tls::Off;
                let secure_mode = if is_plain { SecureMode::Plain } else { SecureMode::Tls };
                let signature = signing.signature(triple, client_id);
                submit_pieces(&signing.client_id(client_id, secure_mode), triple, signature.expose(), context)
            }
            #[cfg(feature = "registration")]
            Identity::Token(triple, token) => {
                submit_pieces(&[client_id.as_str(), BY_TOKEN], triple, token.expose(), context)
            }
            #[cfg(feature = "registration")]
            Identity::Registering(registering) => {
                let names = registering.registrant.names();
                submit_pieces(&registering.client_id(client_id), names, registering.signature().expose(), context)
            }
            _ => context.submit(&self.connect()),
        }
    }

    fn connected(&self, context: &mut Context<'_, '_>) -> Next<Connection> {
        let platform = match self.sign_on.identity {
            Identity::Anonymous | Identity::Login(_) => Platform::Plain,
            _ => Platform::Aliyun,
        };
        context.session.connected(platform, context.engine);
        Next::Done(self.connection)
    }
}

/// Submits the sign-in of a device by credentials that the host has put together.
#[cfg(feature = "sign")]
fn submit_pieces(
    client_id: &[&str],
    names: Triple<'_>,
    password: &str,
    context: &mut Context<'_, '_>,
) -> Result<Next<Connection>, Failure> {
    let user_name = &user_name(names);
    context.submit(&PiecewiseConnect { connection: CONNECTION, client_id, user_name, password })
}

const fn configure(setting: Setting<'_>) -> Configure<'_> {
    Configure { connection: CONNECTION, setting }
}

impl Plan for Connect<'_> {
    type Output = Connection;

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Connection>, Failure> {
        match self.step {
            Step::Teardown => match self.teardown.advance(context)? {
                Next::Drive => Ok(Next::Drive),
                Next::Done(()) => self.submit_setting(0, context),
            },
            Step::Setting(index) => {
                let Some((setting, _)) = self.setting(index) else { return self.submit_setting(SETTINGS, context) };
                let answer = context.finish(&configure(setting));
                self.setting_answered(index, answer, context)?;
                self.submit_setting(index.saturating_add(1), context)
            }
            Step::Open => {
                context.finish(&self.open())?.map_err(Failure::Open)?;
                context.session.opened();
                self.step = Step::Connect;
                let next = self.submit_connect(context)?;
                context.session.begin(Unnamed::SignIn, context.engine);
                Ok(next)
            }
            Step::Connect => {
                // Whoever computed what it said, its answer reads the same.
                let outcome = context.finish(&self.connect());
                context.session.end();
                match outcome {
                    Ok(Ok(())) if context.session.in_doubt => {
                        self.step = Step::Verify;
                        context.submit(&QUERY)
                    }
                    Ok(Ok(())) => Ok(self.connected(context)),
                    Ok(Err(failure)) => Err(Failure::Connect(failure)),
                    Err(error) => {
                        context.session.in_doubt |= !is_refusal(&error);
                        Err(error.into())
                    }
                }
            }
            Step::Verify => match context.finish(&QUERY)? {
                Some(ConnectionState::Connected) => Ok(self.connected(context)),
                _ => Err(Failure::Connect(ConnectFailure::Unconfirmed)),
            },
        }
    }
}

/// What the modem is told where the host signs: a broker as any other, which also undoes what an earlier life of this host
/// said. By analogy with the ancestor, where that is the default (`protocol.md` §10).
#[cfg(feature = "sign")]
const PLAIN: Cloud = Cloud::Other { platform: 0, data_type: 1 };

/// The parameters of a sign-in by token, which names no method and no timestamp (`aliyun.md` §4a).
#[cfg(feature = "registration")]
const BY_TOKEN: &str = "|securemode=-2,authType=connwl|";

const QUERY: ConnectionQuery = ConnectionQuery { connection: CONNECTION };
