//! What happens without being asked for, in words.

use nt35e::{Event, StatusReport};
use nt35e_sim::transcript::escape;

use crate::meaning;

/// An event as a line for people.
pub(crate) fn shown(event: &Event<'_>) -> String {
    match event {
        Event::Message { topic, payload, .. } => {
            format!("message on {}, {} bytes: {}", escape(topic.as_bytes()), payload.len(), escape(payload))
        }
        Event::LargeMessage { topic, length, .. } => {
            format!("message on {}, {length} bytes: too large to be shown here", escape(topic.as_bytes()))
        }
        Event::Disconnected(report) => format!("the session has ended: {}", status(*report)),
        Event::Status(report) => format!("state of the connection: {}", status(*report)),
        Event::Restarted(restart) => {
            format!("the modem has restarted ({restart:?}); nothing is set or connected any more")
        }
        Event::Lost(loss) => format!("something was lost: {loss:?}"),
        Event::Line(line) => match meaning::of(line) {
            Some(meaning) => format!("line: {}   ({meaning})", escape(line)),
            None => format!("line: {}", escape(line)),
        },
        other => format!("{other:?}"),
    }
}

fn status(report: StatusReport) -> String {
    match report.return_code() {
        Some(code) => format!("{:?}, {code:?}", report.status),
        None => format!("{:?}", report.status),
    }
}
