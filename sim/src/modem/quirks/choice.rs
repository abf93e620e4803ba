//! What a quirk's value can be, and how its name is written.

/// A type that a quirk can have.
pub(super) trait Choice: Copy {
    /// The names, separated by `|`.
    const VALUES: &'static str;

    /// The value with this name.
    fn from_name(name: &str) -> Option<Self>;

    /// The value's name.
    fn to_name(self) -> String;
}

impl Choice for bool {
    const VALUES: &'static str = "no|yes";

    fn from_name(name: &str) -> Option<Self> {
        match name {
            "no" => Some(false),
            "yes" => Some(true),
            _ => None,
        }
    }

    fn to_name(self) -> String {
        if self { "yes" } else { "no" }.to_owned()
    }
}

impl Choice for u32 {
    const VALUES: &'static str = "NUMBER";

    fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    fn to_name(self) -> String {
        self.to_string()
    }
}

/// Declares an enum whose variants have names for the command line.
macro_rules! choice {
    (
        $(#[$attributes:meta])*
        pub enum $type:ident {
            $(#[$first_attributes:meta])*
            $first:ident = $first_name:literal
            $(, $(#[$variant_attributes:meta])* $variant:ident = $name:literal)* $(,)?
        }
    ) => {
        $(#[$attributes])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $type {
            $(#[$first_attributes])* $first,
            $($(#[$variant_attributes])* $variant,)*
        }

        impl $crate::modem::quirks::choice::Choice for $type {
            const VALUES: &'static str = concat!($first_name $(, "|", $name)*);

            fn from_name(name: &str) -> Option<Self> {
                match name {
                    $first_name => Some(Self::$first),
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn to_name(self) -> String {
                match self {
                    Self::$first => $first_name,
                    $(Self::$variant => $name,)*
                }
                .to_owned()
            }
        }
    };
}

pub(super) use choice;
