//! Chance without a generator: a hash of the device's identity and a count, so that a device repeats itself and no two
//! devices do the same.

use crate::mqtt::{Identity, SignOn};
use crate::time::Duration;

/// Throws that depend on a seed and on how many came before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice {
    seed: u32,
    throws: u32,
}

impl Dice {
    pub(super) const fn new(seed: u32) -> Self {
        Self { seed, throws: 0 }
    }

    /// A span from nothing up to `most`, each as likely.
    pub(super) fn up_to(&mut self, most: Duration) -> Duration {
        self.throws = self.throws.wrapping_add(1);
        let random = mix(self.seed ^ self.throws.wrapping_mul(0x9E37_79B9));
        let choices = u64::from(most.as_millis()).wrapping_add(1);
        Duration::from_millis((u64::from(random).wrapping_mul(choices) >> 32) as u32)
    }
}

/// What makes a device differ from all others: where it signs in, and as whom. Secrets are left out.
pub(super) fn identity(sign_on: &SignOn<'_>) -> u32 {
    let mut hash = 0x811C_9DC5;
    let device = sign_on.identity.device().map(|triple| [triple.product_key(), triple.device_name()]);
    let user_name = match &sign_on.identity {
        Identity::Login(login) => login.user_name.as_str(),
        _ => "",
    };
    let texts = sign_on.host.pieces().iter().chain(device.iter().flatten());
    for text in texts.chain(&[sign_on.client_id.as_str(), user_name]) {
        for byte in text.bytes() {
            // FNV-1a.
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

/// The last step of MurmurHash3: each bit of the result depends on each bit of `number`.
const fn mix(mut number: u32) -> u32 {
    number = (number ^ (number >> 16)).wrapping_mul(0x85EB_CA6B);
    number = (number ^ (number >> 13)).wrapping_mul(0xC2B2_AE35);
    number ^ (number >> 16)
}

#[cfg(test)]
mod tests {
    use super::{Dice, identity};
    use crate::aliyun::SignIn;
    use crate::mqtt::Broker;
    use crate::time::Duration;
    use crate::value::Triple;

    #[test]
    fn throws_are_spread_evenly_and_never_beyond_the_most() {
        let mut counts = [0_u32; 10];
        for seed in 0..100 {
            let mut dice = Dice::new(seed);
            for _ in 0..100 {
                let throw = dice.up_to(Duration::from_millis(9)).as_millis();
                counts[throw as usize] += 1;
            }
        }
        assert!(counts.iter().all(|count| (900..1_100).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_first_throws_of_neighbouring_devices_are_spread_too() {
        let mut counts = [0_u32; 10];
        for number in 0..1_000 {
            let name = std::format!("meter-{number:04}");
            let sign_on = Broker::new("mqtt.example.com", &name).unwrap().into();
            let throw = Dice::new(identity(&sign_on)).up_to(Duration::from_millis(9)).as_millis();
            counts[throw as usize] += 1;
        }
        assert!(counts.iter().all(|count| (65..140).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_extremes_are_reached_and_nothing_overflows() {
        let mut dice = Dice::new(7);
        dice.throws = u32::MAX - 1;
        for _ in 0..3 {
            assert_eq!(dice.up_to(Duration::from_millis(0)), Duration::from_millis(0));
        }
        let longest = Duration::from_millis(u32::MAX);
        assert!((0..100).any(|_| dice.up_to(longest) > Duration::from_millis(u32::MAX / 10 * 9)));
    }

    #[test]
    fn an_identity_is_that_of_the_device_and_not_of_its_secret() {
        let of = |name, secret| identity(&SignIn::new(Triple::new("a1JszCpjS61", name, secret).unwrap()).into());
        assert_eq!(of("NT35E_06011", "0123456789abcdef"), of("NT35E_06011", "fedcba9876543210"));
        assert_ne!(of("NT35E_06011", "0123456789abcdef"), of("NT35E_06012", "0123456789abcdef"));
        let broker = |user| identity(&Broker::new("h", "c").unwrap().login(user, "p").unwrap().into());
        assert_ne!(broker("u"), broker("v"));
    }
}
