//! What a product's thing model says of its properties, and how well a value fits.

use core::ops::RangeInclusive;
use std::collections::BTreeMap;

use serde_json::Value;

/// The properties of a product, by identifier.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductModel(pub BTreeMap<String, DataType>);

impl ProductModel {
    /// A model from identifiers and types.
    pub fn new<const N: usize>(properties: [(&str, DataType); N]) -> Self {
        Self(properties.map(|(name, kind)| (name.to_owned(), kind)).into())
    }

    /// The code that a property deserves: 6320 for one that the product does not have, one of its type's otherwise. `[D]`
    pub(super) fn check(&self, name: &str, value: &Value) -> Result<(), u32> {
        self.0.get(name).ok_or(6320_u32)?.check(value)
    }
}

/// The type of a property, with its limits.
#[derive(Clone, Debug, PartialEq)]
pub enum DataType {
    /// A whole number: code 6306 otherwise.
    Int(RangeInclusive<i64>),
    /// A number: 6307.
    Float(RangeInclusive<f64>),
    /// A number: 6322.
    Double(RangeInclusive<f64>),
    /// 0 or 1: 6308.
    Bool,
    /// One of these numbers: 6309.
    Enum(Vec<i64>),
    /// Text of at most so many bytes: 6310.
    Text(usize),
    /// Milliseconds since 1970, as text: 6311.
    Date,
    /// An object: 6312.
    Struct,
    /// A list of at most so many elements: 6324.
    Array(usize),
}

impl DataType {
    fn check(&self, value: &Value) -> Result<(), u32> {
        let (fits, code) = match self {
            Self::Int(range) => (value.as_i64().is_some_and(|number| range.contains(&number)), 6306),
            Self::Float(range) => (value.as_f64().is_some_and(|number| range.contains(&number)), 6307),
            Self::Double(range) => (value.as_f64().is_some_and(|number| range.contains(&number)), 6322),
            Self::Bool => (matches!(value.as_i64(), Some(0 | 1)), 6308),
            Self::Enum(numbers) => (value.as_i64().is_some_and(|number| numbers.contains(&number)), 6309),
            Self::Text(longest) => (value.as_str().is_some_and(|text| text.len() <= *longest), 6310),
            Self::Date => (value.as_str().is_some_and(|text| text.parse::<u64>().is_ok()), 6311),
            Self::Struct => (value.is_object(), 6312),
            Self::Array(longest) => (value.as_array().is_some_and(|elements| elements.len() <= *longest), 6324),
        };
        if fits { Ok(()) } else { Err(code) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_type_has_its_limits_and_its_code() {
        for (kind, fitting, unfit, code) in [
            (DataType::Int(0..=9), vec![json!(0), json!(9)], vec![json!(10), json!(-1), json!(1.5), json!("1")], 6306),
            (DataType::Float(0.0..=1.5), vec![json!(1.5), json!(1)], vec![json!(1.6), json!("1")], 6307),
            (DataType::Double(0.0..=1.5), vec![json!(0)], vec![json!(-0.1), json!(null)], 6322),
            (DataType::Bool, vec![json!(0), json!(1)], vec![json!(2), json!(true)], 6308),
            (DataType::Enum(vec![3, 5]), vec![json!(3), json!(5)], vec![json!(4)], 6309),
            (DataType::Text(3), vec![json!(""), json!("abc")], vec![json!("abcd"), json!(1)], 6310),
            (DataType::Date, vec![json!("1524448722000")], vec![json!(1_524_448_722_000_u64), json!("today")], 6311),
            (DataType::Struct, vec![json!({})], vec![json!([])], 6312),
            (DataType::Array(1), vec![json!([]), json!([1])], vec![json!([1, 2]), json!({})], 6324),
        ] {
            let model = ProductModel::new([("p", kind)]);
            for value in fitting {
                assert_eq!(model.check("p", &value), Ok(()), "{model:?} {value}");
            }
            for value in unfit {
                assert_eq!(model.check("p", &value), Err(code), "{model:?} {value}");
            }
        }
        assert_eq!(ProductModel::default().check("p", &json!(1)), Err(6320));
    }
}
