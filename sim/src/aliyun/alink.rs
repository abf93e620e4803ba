//! The envelope of Alink JSON: what a request must have, and the form of a reply.

use serde_json::{Value, json};

/// A request of a device, taken apart.
pub(super) struct Request {
    /// As it came, string or number: so it goes back. `[S]`
    pub(super) id: Value,
    /// The parameters, or the code that the request deserves before anybody looks at them.
    pub(super) params: Result<Value, u32>,
    /// False with `sys.ack` 0. `[D]`
    pub(super) wants_reply: bool,
}

impl Request {
    /// Takes a payload apart. That a request without an `id` gets 460 is `[U]`.
    pub(super) fn parse(payload: &[u8], method_required: bool) -> Self {
        let Ok(Value::Object(mut request)) = serde_json::from_slice(payload) else {
            return Self { id: json!(""), params: Err(6207), wants_reply: true };
        };
        let wants_reply = request.get("sys").and_then(|sys| sys.get("ack")).is_none_or(|ack| ack != 0);
        let id = request.remove("id");
        let params = match (&id, request.remove("params")) {
            (Some(Value::String(_) | Value::Number(_)), _) if method_required && !request.contains_key("method") => {
                Err(6300)
            }
            (Some(Value::String(_) | Value::Number(_)), Some(params)) => Ok(params),
            (Some(Value::String(_) | Value::Number(_)), None) => Err(6302),
            _ => Err(460),
        };
        Self { id: id.unwrap_or_else(|| json!("")), params, wants_reply }
    }
}

/// A reply in the form of a capture. `[C]`
pub(super) fn reply(id: &Value, code: u32, data: &Value, method: &str) -> String {
    json!({ "code": code, "data": data, "id": id, "message": message(code), "method": method, "version": "1.0" })
        .to_string()
}

fn message(code: u32) -> &'static str {
    match code {
        200 => "success",
        460 => "request parameter error",
        6106 => "the number of properties exceeds the limit",
        6207 => "the data is not a JSON object",
        6300 => "the method is missing",
        6302 => "a parameter is missing",
        6306..=6312 | 6322 | 6324 => "a value is out of its specification",
        6320 => "no such property",
        6710 => "no such configuration",
        6713 => "the configuration is switched off",
        _ => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(payload: &str, method_required: bool) -> Result<Value, u32> {
        Request::parse(payload.as_bytes(), method_required).params
    }

    #[test]
    fn what_is_missing_has_its_code() {
        for (payload, method_required, code) in [
            ("{params:{temp:10}}", false, 6207),
            ("[]", false, 6207),
            (r#"{"params":{}}"#, false, 460),
            (r#"{"id":{},"params":{}}"#, false, 460),
            (r#"{"id":"1"}"#, false, 6302),
            (r#"{"id":"1","params":{}}"#, true, 6300),
        ] {
            assert_eq!(judged(payload, method_required), Err(code), "{payload}");
        }
        assert_eq!(judged(r#"{"id":1,"params":[]}"#, false), Ok(json!([])));
        assert_eq!(judged(r#"{"id":"1","params":{},"method":"m"}"#, true), Ok(json!({})));
    }

    #[test]
    fn a_reply_is_wanted_unless_ack_is_0() {
        let wants = |payload: &str| Request::parse(payload.as_bytes(), false).wants_reply;
        assert!(!wants(r#"{"id":"1","params":{},"sys":{"ack":0}}"#));
        assert!(wants(r#"{"id":"1","params":{},"sys":{"ack":1}}"#));
        assert!(wants(r#"{"id":"1","params":{}}"#));
        assert!(wants("junk"));
    }

    #[test]
    fn an_id_comes_back_as_it_came() {
        for id in [r#""1|exp-topic|/sys/x""#, "7", r#""4294967295""#] {
            let request = Request::parse(format!(r#"{{"id":{id},"params":{{}}}}"#).as_bytes(), false);
            assert_eq!(request.id.to_string(), id);
        }
    }
}
