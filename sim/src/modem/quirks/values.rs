//! The values of the quirks.

use super::choice::choice;

choice! {
    /// Whether the firmware accepts something.
    pub enum Acceptance {
        /// It does.
        Accepted = "accepted",
        /// It answers with an error.
        Refused = "refused",
    }
}

choice! {
    /// Whether the firmware knows a command.
    pub enum Support {
        /// `ERROR`, as for any unknown command.
        Unknown = "unknown",
        /// It is accepted.
        Accepted = "accepted",
    }
}

choice! {
    /// How an error is told.
    pub enum ErrorStyle {
        /// `ERROR`.
        Plain = "plain",
        /// `+CME ERROR: 3`.
        Numeric = "numeric",
        /// `+CME ERROR: operation not allowed`.
        Text = "text",
    }
}

choice! {
    /// How many line ends stand before an answer line.
    pub enum BlankLines {
        /// CR LF before and after each line, which reads as one empty line before each.
        One = "one",
        /// CR LF only after each line.
        None = "none",
        /// One empty line more than usual.
        Two = "two",
    }
}

choice! {
    /// Where `+NAME:` is followed by a space.
    pub enum PrefixSpace {
        /// Everywhere.
        Always = "always",
        /// Not in answers to `AT+LMQTT…?`, as the ancestor does it.
        NotInReads = "not_in_reads",
        /// Nowhere in the MQTT commands.
        Never = "never",
    }
}

choice! {
    /// How a command's `OK` and its result URC follow each other.
    pub enum ResultOrder {
        /// `OK` at once, the result later.
        AfterOk = "after_ok",
        /// The result first, `OK` right behind it.
        BeforeOk = "before_ok",
        /// `OK` and the result in one piece, when the result is known.
        WithOk = "with_ok",
    }
}

choice! {
    /// What happens to a URC while the modem waits for a payload.
    pub enum UrcDuringPayload {
        /// It waits for the end of the payload.
        Held = "held",
        /// It is sent at once.
        Sent = "sent",
    }
}

choice! {
    /// What a line without `AT` gets.
    pub enum ForeignLine {
        /// Nothing.
        Ignored = "ignored",
        /// `ERROR`.
        Error = "error",
    }
}

choice! {
    /// The firmware's MQTT command set.
    pub enum Firmware {
        /// `AT+LMQTT*`.
        Lmqtt = "lmqtt",
        /// Only the ancestor's; `AT+LMQTT*` is unknown.
        Ecmt = "ecmt",
    }
}

choice! {
    /// What the modem calls itself.
    pub enum Product {
        /// NT35E.
        Nt35e = "nt35e",
        /// NT26-KCN.
        Nt26Kcn = "nt26_kcn",
        /// The Q series, which may have Quectel's commands.
        StandardQ = "standard_q",
    }
}

choice! {
    /// How the clock is written.
    pub enum ClockFormat {
        /// `"26/01/15,08:30:00+32"`, the zone in quarters of an hour.
        Quarters = "quarters",
        /// `"26/01/15,08:30:00GMT+8"`.
        Gmt = "gmt",
    }
}

choice! {
    /// Where the clock begins to count at power-on.
    pub enum ClockEpoch {
        /// 1970.
        Unix = "1970",
        /// 1980-01-06.
        Gps = "1980",
        /// 2000.
        Millennium = "2000",
    }
}

choice! {
    /// What `AT+CPIN?` gets while the SIM is being read.
    pub enum SimWhileRead {
        /// Code 14.
        Busy = "busy",
        /// Code 10, as without one.
        Absent = "absent",
        /// Code 13.
        Failed = "failed",
        /// `+CPIN: NOT READY`.
        NotReady = "not_ready",
    }
}

choice! {
    /// Whether the SIM asks for its PIN after the radio was off.
    pub enum PinAfterRadio {
        /// It does not.
        Kept = "kept",
        /// It does.
        Asked = "asked",
    }
}

choice! {
    /// How the lack of an address is told.
    pub enum NoAddress {
        /// By `OK` alone.
        NoLine = "no_line",
        /// By a line without an address.
        BareLine = "bare_line",
        /// By an address of zeros.
        Zeros = "zeros",
    }
}

choice! {
    /// What becomes of contexts in a restart.
    pub enum Contexts {
        /// They are stored.
        Kept = "kept",
        /// They are as they came from the factory.
        Lost = "lost",
    }
}

choice! {
    /// What echo is after a restart.
    pub enum EchoAfterRestart {
        /// On.
        On = "on",
        /// As it was.
        Kept = "kept",
    }
}

choice! {
    /// Whether a power-down is told.
    pub enum PowerDownNotice {
        /// `NORMAL POWER DOWN`.
        Printed = "printed",
        /// Nothing.
        Silent = "silent",
    }
}

choice! {
    /// What the modem does when its supply was away for a moment.
    pub enum ShortSupplyCut {
        /// It goes on: its capacitors have carried it.
        Unnoticed = "unnoticed",
        /// It hangs, until RESET or a longer cut.
        Hangs = "hangs",
    }
}

choice! {
    /// Whether result URCs appear before `"urc"` is set.
    pub enum UrcDefault {
        /// They do.
        Shown = "shown",
        /// They do not.
        Hidden = "hidden",
    }
}

choice! {
    /// Whether messages are cached before `"cache"` is set.
    pub enum CacheDefault {
        /// The URC carries the message.
        Direct = "direct",
        /// The URC carries the message id only.
        Cached = "cached",
    }
}

choice! {
    /// How opening an open connection fails.
    pub enum OpenInUse {
        /// `OK`, then `+LMQTTOPEN: 0,-1,2`.
        Result = "result",
        /// `+CME ERROR: 3`.
        Error = "error",
    }
}

choice! {
    /// How a refused sign-in is told.
    pub enum RefusedLogin {
        /// `+LMQTTCONN: 0,0,4`, then `+LMQTTURC: STATS,0,15,4`.
        ResultThenStats = "result_then_stats",
        /// The other way round.
        StatsThenResult = "stats_then_result",
        /// Only `+LMQTTCONN: 0,0,4`.
        ResultOnly = "result_only",
    }
}

choice! {
    /// The method that signs the credentials.
    pub enum AliauthSign {
        /// HMAC-SHA1.
        HmacSha1 = "hmacsha1",
        /// HMAC-SHA256.
        HmacSha256 = "hmacsha256",
        /// HMAC-MD5.
        HmacMd5 = "hmacmd5",
    }
}

choice! {
    /// The `securemode` that the modem signs with.
    pub enum AliauthSecureMode {
        /// 2 over TLS, else 3.
        OfTheLink = "of_the_link",
        /// Always 3.
        Plain = "plain",
    }
}

choice! {
    /// Whether a TLS context is there before anybody has prepared it.
    pub enum TlsContexts {
        /// It is.
        Ready = "ready",
        /// It is not, and the handshake fails.
        Unprepared = "unprepared",
    }
}

choice! {
    /// How long client id, user name and password may be.
    pub enum LoginLengths {
        /// 256 bytes each.
        Manual = "manual",
        /// 48, 48 and 96, as in the ancestor.
        Ancestor = "ancestor",
    }
}

choice! {
    /// The fourth field of `+LMQTTSUBUNSUB: 0,1,0,…`.
    pub enum SubscribedField {
        /// The quality of service that the broker granted, one for each topic.
        Granted = "granted",
        /// Always 1, "subscribed ok".
        One = "one",
        /// There is none.
        Absent = "absent",
    }
}

choice! {
    /// How a subscription refused by the broker is told.
    pub enum RefusedSubscription {
        /// `+LMQTTSUBUNSUB: 0,1,1`.
        Failed = "failed",
        /// `+LMQTTSUBUNSUB: 0,1,0,128`, as Quectel does it.
        Granted128 = "granted_128",
    }
}

choice! {
    /// How the result of unsubscribing is spelt.
    pub enum UnsubscribedName {
        /// `+LMQTTSUBUNSUB`.
        Correct = "correct",
        /// `+LMQTTUNSUNSUB`.
        Misspelt = "misspelt",
    }
}

choice! {
    /// Where the `OK` of a publish with prompt comes.
    pub enum PromptOk {
        /// After the payload.
        AfterData = "after_data",
        /// Before the prompt.
        BeforePrompt = "before_prompt",
        /// Both.
        Both = "both",
    }
}

choice! {
    /// What 0x1A means after a prompt.
    pub enum CtrlZ {
        /// A byte like any other.
        Payload = "payload",
        /// It must follow the payload.
        Needed = "needed",
    }
}

choice! {
    /// What 0x1B means after a prompt.
    pub enum Escape {
        /// A byte like any other.
        Payload = "payload",
        /// It gives the publish up, and `OK` follows.
        Cancels = "cancels",
    }
}

choice! {
    /// What an acknowledged publish prints.
    pub enum PublishedResult {
        /// `+LMQTTPUB: 0,5,0`.
        Zero = "zero",
        /// `+LMQTTPUB: 0,5,1`, although the message arrived.
        One = "one",
        /// `+LMQTTPUB: 0,5,1,6`, although the message arrived.
        OneWithExtend = "one_with_extend",
    }
}

choice! {
    /// What an unacknowledged publish prints.
    pub enum Unacknowledged {
        /// `+LMQTTPUB: 0,5,1`.
        One = "one",
        /// `+LMQTTPUB: 0,5,2`.
        Two = "two",
        /// Nothing.
        Silent = "silent",
    }
}

choice! {
    /// What pending commands print when the link is lost.
    pub enum ResultsAfterLoss {
        /// Nothing: only `STATS` comes.
        Silent = "silent",
        /// Their failure, before `STATS`.
        Failed = "failed",
    }
}

choice! {
    /// What the length counts in the hex format.
    pub enum HexLength {
        /// The bytes of the payload.
        Bytes = "bytes",
        /// The digits that follow.
        Digits = "digits",
    }
}

choice! {
    /// Whether disconnect and close print a result URC.
    pub enum TeardownResults {
        /// They do.
        Printed = "printed",
        /// Only `OK`.
        Absent = "absent",
    }
}

choice! {
    /// What the modem prints when it starts.
    pub enum BootBanner {
        /// The ROM's banner; the firmware's own, which begins on a new line.
        Separate = "separate",
        /// Both, glued to one line.
        Glued = "glued",
        /// Only the ROM's, so that the first answer is glued to it.
        RomOnly = "rom_only",
        /// Nothing.
        Silent = "silent",
    }
}
