//! The mask: a secret in a stream of bytes becomes as many `*`, wherever the stream is cut.

/// Masks one secret in one stream.
#[derive(Clone)]
pub(crate) struct Mask {
    secret: Vec<u8>,
    /// The end of the stream so far, if it may be the beginning of the secret.
    held: Vec<u8>,
}

impl Mask {
    /// A mask for `secret`, which masks nothing if it is empty.
    pub(crate) fn new(secret: &str) -> Self {
        Self { secret: secret.into(), held: Vec::new() }
    }

    /// The next bytes of the stream as they may be shown. What may yet turn out to be the secret comes with a later call.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            self.held.push(byte);
            if self.held == self.secret {
                self.held.clear();
                shown.resize(shown.len() + self.secret.len(), b'*');
            }
            while !self.secret.starts_with(&self.held) {
                shown.push(self.held.remove(0));
            }
        }
        shown
    }

    /// A whole text as it may be shown.
    pub(crate) fn text(&self, text: &str) -> String {
        if self.secret.is_empty() {
            return text.to_owned();
        }
        let secret = String::from_utf8_lossy(&self.secret);
        text.replace(&*secret, &"*".repeat(self.secret.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "ababc";
    const LINE: &[u8] = b"x\"abababc\",ab,ababcababc\r\n";
    const MASKED: &[u8] = b"x\"ab*****\",ab,**********\r\n";

    #[test]
    fn the_secret_becomes_stars_wherever_the_stream_is_cut() {
        for size in 1..=LINE.len() {
            let mut mask = Mask::new(SECRET);
            let shown: Vec<u8> = LINE.chunks(size).flat_map(|chunk| mask.feed(chunk)).collect();
            assert_eq!(shown, MASKED, "in pieces of {size}");
        }
    }

    #[test]
    fn what_only_begins_like_the_secret_is_shown() {
        let mut mask = Mask::new(SECRET);
        assert_eq!(mask.feed(b"aba"), b"");
        assert_eq!(mask.feed(b"d"), b"abad");
    }

    #[test]
    fn without_a_secret_nothing_is_masked() {
        let mut mask = Mask::new("");
        assert_eq!(mask.feed(b"AT\r\n"), b"AT\r\n");
        assert_eq!(mask.text("AT"), "AT");
    }

    #[test]
    fn a_text_is_masked_as_a_whole() {
        assert_eq!(Mask::new(SECRET).text("ababc is not ababd"), "***** is not ababd");
    }
}
