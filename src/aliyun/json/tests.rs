//! Held against serde_json, which reads the same texts in its own way.

use super::{Value, pick};
use proptest::prelude::*;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

fn reads(text: &[u8]) -> Option<Value<'_>> {
    Value::of(text)
}

fn picked<'t>(object: &'t str, names: &[&str]) -> Option<Vec<Option<&'t str>>> {
    let mut values = vec![None; names.len()];
    pick(object.as_bytes(), names, &mut values)?;
    Some(values.into_iter().map(|value| value.map(|value| core::str::from_utf8(value.as_bytes()).unwrap())).collect())
}

#[test]
fn a_member_is_picked_as_it_stands() {
    let object = r#" { "id" : "1" ,"params":{"a":[1,{"id":2}],"b":"\"}"},"code":200}"#;
    assert_eq!(picked(object, &["code", "id", "none"]), Some(vec![Some("200"), Some("\"1\""), None]));
    assert_eq!(picked(object, &["params"]), Some(vec![Some(r#"{"a":[1,{"id":2}],"b":"\"}"}"#)]));
    assert_eq!(picked("{}", &["id"]), Some(vec![None]));
    assert_eq!(picked("{ }", &[]), Some(vec![]));
    assert_eq!(picked(r#"{"":null}"#, &[""]), Some(vec![Some("null")]));
}

#[test]
fn a_name_that_stands_there_twice_is_refused_where_it_is_wanted() {
    let object = r#"{"id":1,"id":2,"code":3}"#;
    assert_eq!(picked(object, &["id"]), None);
    assert_eq!(picked(object, &["code"]), Some(vec![Some("3")]));
    assert_eq!(picked(r#"{"id":1,"\u0069d":2}"#, &["id"]), None);
    assert_eq!(picked(r#"{"id":1,"\udade":2}"#, &["id"]), None);
}

#[test]
fn numbers_are_numbers_or_text() {
    let unsigned = |text: &'static str| Value::of(text.as_bytes())?.unsigned();
    assert_eq!(unsigned("0"), Some(0));
    assert_eq!(unsigned("\"18446744073709551615\""), Some(u64::MAX));
    for text in ["18446744073709551616", "\"\"", "\"01\"", "-1", "1.0", "1e3", "\" 1\"", "null", "[1]", "\"\\u0031\""] {
        assert_eq!(unsigned(text), None, "{text}");
    }
}

#[test]
fn brackets_may_be_31_deep() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
        assert!(reads(deep(31).as_bytes()).is_some());
        assert!(reads(deep(32).as_bytes()).is_none());
        assert!(reads(deep(100_000).as_bytes()).is_none());
    }
}

/// A text that is JSON, or nearly.
fn text() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
        "\"([ -!#-\\[\\]-~é时]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-cA-C]{4}){0,6}\"",
        Just(String::from("true")),
        Just(String::from("false")),
        Just(String::from("null")),
        "[0-9.eE+-]{0,5}",
        "\"[ -~\\\\\n]{0,4}\"",
    ];
    scalar.prop_recursive(5, 32, 4, |inner| {
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), "[ \n]?")
                .prop_map(|(values, space)| format!("[{space}{}{space}]", values.join(&format!("{space},")))),
            (prop::collection::vec(inner, 0..4), "[ \t]?").prop_map(|(values, space)| {
                let members: Vec<String> =
                    values.iter().enumerate().map(|(index, value)| format!("\"m{index}\"{space}:{value}")).collect();
                format!("{{{space}{}{space}}}", members.join(&format!("{space},")))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_serde_json_reads_is_read_and_nothing_else(text in text()) {
        let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text);
        let ours = reads(text.as_bytes());
        prop_assert_eq!(ours.is_some(), theirs.is_ok(), "{}: {:?}", text, theirs);
        if let (Some(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.as_bytes(), theirs.get().trim().as_bytes());
        }
    }

    #[test]
    fn a_changed_text_is_read_as_serde_json_reads_it(text in text(), at in any::<prop::sample::Index>(), to in "[ \\[\\]{}\",:0-9a-z\\\\]{0,2}") {
        let mut bytes = text.into_bytes();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes.splice(at..=at, to.into_bytes());
        }
        if let Ok(changed) = core::str::from_utf8(&bytes) {
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(changed);
            prop_assert_eq!(reads(&bytes).is_some(), theirs.is_ok(), "{}: {:?}", changed, theirs);
        }
    }

    #[test]
    fn no_text_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = reads(&bytes);
        let _ = pick(&bytes, &["id"], &mut [None]);
    }
}
