//! What a reply says: the platform's codes, and those that a device may give (`aliyun.md` §7).

/// The code of a reply: 200 is success.
///
/// A device answers with [`SUCCESS`](Self::SUCCESS), [`REFUSED`](Self::REFUSED), [`BAD_PARAMETERS`](Self::BAD_PARAMETERS), [`BUSY`](Self::BUSY), or a
/// number of its own from 100 000 to 110 000.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Code(
    /// The number.
    pub u32,
);

/// The constants, and what each is in words.
macro_rules! codes {
    ($($name:ident = $number:literal, $words:literal;)*) => {
        impl Code {
            $(
                #[doc = concat!(stringify!($number), ": ", $words, ".")]
                pub const $name: Self = Self($number);
            )*

            /// What it means, if that is known.
            const fn words(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($words),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    SUCCESS = 200, "success";
    REFUSED = 400, "refused, or an error within";
    BUSY = 429, "too many requests";
    BAD_PARAMETERS = 460, "parameters that are wrong";
    PLATFORM_ERROR = 500, "an error of the platform";
    NO_PRODUCT = 5005, "there is no such product";
    NO_DEVICE = 6100, "there is no such device";
    TOO_MANY_PROPERTIES = 6106, "more than 200 properties";
    SCRIPT_FAILED = 6200, "the product's script failed";
    TOPIC_UNREADABLE = 6203, "the topic cannot be read";
    DEVICE_DISABLED = 6204, "the device is disabled";
    NOT_JSON = 6207, "not JSON";
    PRODUCT_GONE = 6250, "the product is gone";
    METHOD_MISSING = 6300, "there is no method";
    PARAMETER_MISSING = 6302, "a parameter is missing";
    BAD_INTEGER = 6306, "an integer against the model";
    BAD_FLOAT = 6307, "a float against the model";
    BAD_BOOL = 6308, "a bool against the model";
    BAD_ENUM = 6309, "an enum against the model";
    BAD_TEXT = 6310, "a text against the model";
    BAD_DATE = 6311, "a date against the model";
    BAD_STRUCT = 6312, "a struct against the model";
    MODEL_UNAVAILABLE = 6313, "the platform cannot reach the model";
    UNKNOWN_PROPERTY = 6320, "the model has no such property";
    BAD_DOUBLE = 6322, "a double against the model";
    BAD_ARRAY = 6324, "an array against the model";
    NO_METHOD = 6450, "the platform has no such method";
    NO_CONFIG = 6710, "there is no configuration";
    CONFIG_OFF = 6713, "the configuration service is off";
}

impl Code {
    /// Whether it is [`SUCCESS`](Self::SUCCESS).
    pub const fn is_success(self) -> bool {
        self.0 == Self::SUCCESS.0
    }
}

impl core::fmt::Display for Code {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.words() {
            Some(words) => write!(formatter, "{}: {words}", self.0),
            None => write!(formatter, "{}", self.0),
        }
    }
}
