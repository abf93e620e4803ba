//! The handbook names every error, event and counter that there is, in both languages, and draws what it says it draws.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const HANDBOOKS: [&str; 2] = ["docs/handbook.md", "docs/handbook.zh-CN.md"];
const GUIDES: [&str; 2] = ["docs/aliyun-guide.md", "docs/aliyun-guide.zh-CN.md"];

/// What a user may see, and where it is written down. Of a struct each field counts, of an enum each variant.
const SEEN: [(&str, &str); 32] = [
    ("src/client/error.rs", "Error"),
    ("src/client/counters.rs", "Counters"),
    ("src/at/error.rs", "Stage"),
    ("src/at/error.rs", "Cause"),
    ("src/at/code.rs", "Refusal"),
    ("src/at/code.rs", "CmeError"),
    ("src/at/event.rs", "Restart"),
    ("src/at/counters.rs", "Bytes"),
    ("src/at/counters.rs", "Counters"),
    ("src/aliyun/registration/failure.rs", "RegistrationFailure"),
    ("src/client/register.rs", "RegisterError"),
    ("src/urc.rs", "Event"),
    ("src/urc.rs", "ConnectionStatus"),
    ("src/command/open.rs", "OpenFailure"),
    ("src/command/connect.rs", "ConnectFailure"),
    ("src/command/connect.rs", "ReturnCode"),
    ("src/command/subscribe.rs", "SubscribeFailure"),
    ("src/command/publish.rs", "SendFailure"),
    ("src/command/registration.rs", "Registration"),
    ("src/client/plan/operation.rs", "Outcome"),
    ("src/at/inbox.rs", "Loss"),
    ("src/client/error.rs", "BringUpFailure"),
    ("src/command/sim.rs", "SimStatus"),
    ("src/power/outcome.rs", "Failure"),
    ("src/aliyun/ota/outcome.rs", "Received"),
    ("src/aliyun/ota/outcome.rs", "Refusal"),
    ("src/aliyun/ota/outcome.rs", "Failure"),
    ("src/supervisor/problem.rs", "Problem"),
    ("src/supervisor/event.rs", "Event"),
    ("src/supervisor/event.rs", "PublishError"),
    ("src/aliyun/thing_model/error.rs", "ReadError"),
    ("src/aliyun/thing_model/error.rs", "WriteError"),
];

/// What is no sign of anything that could be looked up: what an operation is called that went well, and parts of numbers.
const PLAIN: [&str; 14] = [
    "Ready",
    "BroughtUp",
    "Connected",
    "Subscribed",
    "Unsubscribed",
    "Published",
    "Disconnected",
    "line",
    "frames",
    "bytes",
    "Number",
    "Modem",
    "SignedIn",
    "Online",
];

#[test]
fn every_error_event_and_counter_is_in_both_handbooks() {
    for handbook in HANDBOOKS {
        let text = read(handbook);
        let named = names_in_code(&text);
        let mut missing = Vec::new();
        for (file, name) in SEEN {
            let members = members(&read(file), name);
            assert!(!members.is_empty(), "{name} is not in {file}");
            missing.extend(
                members.into_iter().filter(|member| !named.contains(member) && !PLAIN.contains(&member.as_str())),
            );
        }
        assert!(missing.is_empty(), "{handbook} does not name {missing:?}");
    }
}

#[test]
fn both_languages_have_the_same_rows() {
    let rows = |handbook: &str| -> Vec<usize> {
        let text = read(handbook);
        text.split("\n## ").map(|part| part.lines().filter(|line| line.starts_with('|')).count()).collect()
    };
    assert_eq!(rows(HANDBOOKS[0]), rows(HANDBOOKS[1]));
    assert_eq!(rows(GUIDES[0]), rows(GUIDES[1]));
}

#[test]
fn what_the_handbooks_point_to_is_there() {
    for handbook in HANDBOOKS.into_iter().chain(GUIDES) {
        let text = read(handbook);
        let mut links = 0;
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { handbook.to_string() } else { format!("docs/{file}") };
            let linked = read(&file);
            if !anchor.is_empty() {
                assert!(linked.lines().any(|line| slug(line) == anchor), "{handbook}: {target} is nowhere");
            }
            links += 1;
        }
        assert!(links > if GUIDES.contains(&handbook) { 4 } else { 10 }, "only {links} links were found in {handbook}");
    }
}

#[test]
fn members_are_found() {
    let source =
        "pub enum One {\n    /// A.\n    First,\n    Second {\n        field: u8,\n    },\n    Third(u8),\n}\n";
    assert_eq!(members(source, "One"), ["First", "Second", "Third"]);
    let source = "codes! {\n    /// C.\n    Two {\n        0 Ok \"0: ok.\",\n        1 No \"1: no.\",\n    }\n}\n";
    assert_eq!(members(source, "Two"), ["Ok", "No"]);
    assert_eq!(members("pub struct Three {\n    /// A.\n    pub field: u8,\n}\n", "Three"), ["field"]);
    assert_eq!(members("impl CmeError {\n    /// A.\n    pub const NAME: Self = Self(3);\n}\n", "CmeError"), ["NAME"]);
}

/// The variants, fields or constants of what is called `name`.
fn members(source: &str, name: &str) -> Vec<String> {
    let opens = |line: &str| {
        let declared = line.trim().strip_suffix('{').unwrap_or_default().trim_end();
        let declared = declared.split('<').next().unwrap_or_default();
        let words: Vec<&str> = declared.split(' ').collect();
        words.last() == Some(&name) && (words.len() == 1 || words.contains(&"enum") || words.contains(&"struct"))
            || declared == format!("impl {name}")
    };
    let mut lines = source.lines().skip_while(|line| !opens(line));
    let Some(first) = lines.next() else { return Vec::new() };
    let indent = first.len() - first.trim_start().len();
    let inside = lines.take_while(|line| line.trim_start() != "}" || line.len() - 1 != indent);
    let members = inside.filter(|line| line.len() - line.trim_start().len() == indent + 4).filter_map(member);
    members.map(String::from).collect()
}

fn member(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.trim_start_matches(|letter: char| letter.is_ascii_digit()).trim_start();
    let line = line.strip_prefix("pub const ").or_else(|| line.strip_prefix("pub ")).unwrap_or(line);
    let end = line.find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let (name, rest) = line.split_at(end);
    (!name.is_empty()
        && !name.contains("fn")
        && (rest.starts_with([',', '(', ':']) || rest.starts_with(" {") || rest.starts_with(" \"")))
    .then_some(name)
}

/// Every word in a code span.
fn names_in_code(text: &str) -> BTreeSet<String> {
    let spans = text.split('`').skip(1).step_by(2);
    spans
        .flat_map(|span| span.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
        .map(String::from)
        .collect()
}

/// What a heading is linked by.
fn slug(line: &str) -> String {
    let Some(heading) = line.strip_prefix("## ") else { return String::new() };
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn read(file: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}
