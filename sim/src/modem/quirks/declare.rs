//! The struct of quirks and its table, both from one declaration.

/// Declares the struct with its defaults, its table and the access by name.
macro_rules! quirks {
    (
        $(#[$attributes:meta])*
        pub struct $quirks:ident {
            $($(#[doc = $meaning:literal])* $field:ident: $type:ty = $default:expr,)*
        }
    ) => {
        $(#[$attributes])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $quirks {
            $($(#[doc = $meaning])* pub $field: $type,)*
        }

        impl Default for $quirks {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $quirks {
            /// Every quirk with its values, its default and its meaning, in the order of the fields.
            pub fn all() -> Vec<QuirkEntry> {
                use $crate::modem::quirks::choice::Choice;
                vec![
                    $(QuirkEntry {
                        name: stringify!($field),
                        values: <$type>::VALUES,
                        default: <$type>::to_name($default),
                        meaning: concat!($($meaning),*).trim_start(),
                    },)*
                ]
            }

            /// Sets one quirk by its name.
            pub fn set(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
                use $crate::modem::quirks::choice::Choice;
                match name {
                    $(stringify!($field) => match <$type>::from_name(value) {
                        Some(value) => self.$field = value,
                        None => return Err(QuirkError::Value {
                            name: stringify!($field),
                            values: <$type>::VALUES,
                            given: value.to_owned(),
                        }),
                    },)*
                    _ => return Err(QuirkError::Name(name.to_owned())),
                }
                Ok(())
            }

            /// The value of one quirk, as [`set`](Self::set) takes it.
            pub fn get(&self, name: &str) -> Result<String, QuirkError> {
                use $crate::modem::quirks::choice::Choice;
                match name {
                    $(stringify!($field) => Ok(self.$field.to_name()),)*
                    _ => Err(QuirkError::Name(name.to_owned())),
                }
            }
        }
    };
}

pub(super) use quirks;
