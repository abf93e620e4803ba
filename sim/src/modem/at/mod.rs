//! The AT language without any command: lines and payloads in, commands and arguments, answers out.

mod answer;
mod arguments;
mod command;
mod reader;

pub(crate) use answer::{PROMPT, Refusal, Writer};
pub(crate) use arguments::Arguments;
pub(crate) use command::{Command, Form};
pub(crate) use reader::{Input, Reader};
