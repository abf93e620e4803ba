//! Numeric codes of the manual as named variants; a number that has no name is kept.

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($number:literal $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = $text] $variant,)*
            /// A number that the manual does not name.
            Other(i32),
        }

        impl $name {
            /// The variant for a number from the wire.
            pub const fn from_number(number: i32) -> Self {
                match number {
                    $($number => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $number,)*
                    Self::Other(number) => number,
                }
            }
        }

        #[cfg(test)]
        impl $name {
            /// Every number with a name, to check a test against.
            pub(crate) const NAMED: &'static [i32] = &[$($number),*];
        }
    };
}

pub(crate) use codes;

/// Checks that each named number goes to its own variant and back, and that another number is kept.
#[cfg(test)]
macro_rules! check_codes {
    ($name:ident) => {
        for &number in $name::NAMED {
            assert_ne!($name::from_number(number), $name::Other(number));
            assert_eq!($name::from_number(number).number(), number);
        }
        assert_eq!($name::from_number(4_711), $name::Other(4_711));
        assert_eq!($name::Other(-9).number(), -9);
    };
}

#[cfg(test)]
pub(crate) use check_codes;
