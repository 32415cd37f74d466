//! Numbers that look random and are the same on every run: for tests that try many inputs.

/// Numbers from a seed (the generator SplitMix64). Good for tests, and for no secret.
///
/// ```
/// let mut random = labkit::Random::new(1);
/// let damaged = random.mutated(b"GET /");
/// assert!(damaged.len() <= 6);
/// ```
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, of all that 64 bits hold.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when that is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        // What is left of 64 bits always fits.
        self.number().checked_rem(limit as u64).map_or(0, |number| number as usize)
    }

    /// Up to `most` bytes, each of any value.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.number().to_le_bytes()[0]).collect()
    }

    /// `bytes` with one byte changed, taken out, or put in; what is meant to be read, nearly.
    pub fn mutated(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut mutated = bytes.to_vec();
        let new = self.number().to_le_bytes()[0];
        let place = self.below(bytes.len());
        match self.below(3) {
            0 => mutated.insert(place, new),
            1 if !mutated.is_empty() => {
                mutated.remove(place);
            }
            _ if !mutated.is_empty() => mutated[place] = new,
            _ => {}
        }
        mutated
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_same_and_another_seed_others() {
        let of = |seed| Random::new(seed).bytes(1000);
        assert_eq!(of(7), of(7));
        assert_ne!(of(7), of(8));
    }

    #[test]
    fn limits_hold() {
        let mut random = Random::new(1);
        assert_eq!(random.below(0), 0);
        for _ in 0..1000 {
            assert!(random.below(3) < 3);
            assert!(random.bytes(5).len() <= 5);
            let mutated = random.mutated(b"abc");
            assert!((2..=4).contains(&mutated.len()));
        }
        assert!(random.mutated(b"").len() <= 1);
    }
}
