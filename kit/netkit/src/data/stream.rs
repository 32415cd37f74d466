//! The random stream of a session: bytes that say where they stand.

/// A stream of pseudo-random bytes, fixed by a seed, readable from any offset.
///
/// Each eight bytes are their own position, sent through a mixing function that can be
/// undone. So one look at received bytes tells which part of the stream they are, and
/// a transcript can say *what* was lost, doubled or swapped, not only that something was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    seed: u64,
}

const BLOCK: usize = 8;

impl Stream {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed: mix(seed) }
    }

    /// The number that every position is combined with before it is mixed: what another
    /// program needs to make the same bytes.
    pub fn key(&self) -> u64 {
        self.seed
    }

    /// The bytes from `offset` on.
    pub fn bytes(&self, offset: u64, size: usize) -> Vec<u8> {
        let skip = (offset % BLOCK as u64) as usize;
        let first = offset / BLOCK as u64;
        let blocks = (skip + size).div_ceil(BLOCK) as u64;
        let mut bytes: Vec<u8> =
            (first..first + blocks).flat_map(|k| mix(self.seed ^ k).to_le_bytes()).collect();
        bytes.drain(..skip);
        bytes.truncate(size);
        bytes
    }

    /// So many letters from `a` to `p`, made of the first bytes of the stream.
    pub fn letters(&self, size: usize) -> Vec<u8> {
        self.bytes(0, size).into_iter().map(|byte| b'a' + byte % 16).collect()
    }

    /// Which part of the stream `data` starts with: its offset and length. At least 16
    /// bytes must agree, so that other data is taken for a part only once in 2^60.
    pub fn find(&self, data: &[u8], limit: u64) -> Option<(u64, usize)> {
        const ENOUGH: usize = 16;
        if data.len() < ENOUGH {
            return None;
        }
        let offset = (0..BLOCK).find_map(|skip| {
            let block: [u8; BLOCK] = data.get(skip..skip + BLOCK)?.try_into().ok()?;
            let k = unmix(u64::from_le_bytes(block)) ^ self.seed;
            let offset = k.checked_mul(BLOCK as u64)?.checked_sub(skip as u64)?;
            (offset < limit && self.bytes(offset, ENOUGH) == data[..ENOUGH]).then_some(offset)
        })?;
        Some((offset, self.agreement(data, offset)))
    }

    /// How many bytes of `data` are the stream's from `offset` on.
    fn agreement(&self, data: &[u8], offset: u64) -> usize {
        const STEP: usize = 64 << 10;
        let mut done = 0;
        for part in data.chunks(STEP) {
            let expected = self.bytes(offset + done as u64, part.len());
            let same = part.iter().zip(&expected).take_while(|(a, b)| a == b).count();
            done += same;
            if same < part.len() {
                break;
            }
        }
        done
    }
}

// The finishing steps of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
// number generators", 2014). Each step is a bijection, hence so is the whole.

/// Scatters a number over all 64 bits.
pub(super) fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Undoes [`mix`]: the factors are the inverses modulo 2^64.
fn unmix(mut z: u64) -> u64 {
    z = z ^ (z >> 31) ^ (z >> 62);
    z = z.wrapping_mul(0x3196_42b2_d24d_8ec3);
    z = z ^ (z >> 27) ^ (z >> 54);
    z = z.wrapping_mul(0x96de_1b17_3f11_9089);
    z = z ^ (z >> 30) ^ (z >> 60);
    z.wrapping_sub(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_can_be_undone() {
        for z in [0, 1, 2, 0x0123_4567_89ab_cdef, u64::MAX] {
            assert_eq!(unmix(mix(z)), z);
        }
    }

    #[test]
    fn every_part_says_where_it_stands() {
        let stream = Stream::new(7);
        let whole = stream.bytes(0, 1000);
        for start in [0, 1, 7, 8, 9, 500] {
            assert_eq!(stream.bytes(start as u64, 100), whole[start..start + 100]);
            assert_eq!(
                stream.find(&whole[start..start + 100], 1 << 20),
                Some((start as u64, 100)),
                "{start}"
            );
        }
        let mut broken = whole.clone();
        broken[300] ^= 1;
        assert_eq!(stream.find(&broken, 1 << 20), Some((0, 300)));
        assert_eq!(stream.find(&whole[..15], 1 << 20), None);
        assert_eq!(Stream::new(8).find(&whole, 1 << 20), None);
        assert_eq!(stream.find(&stream.bytes(1 << 30, 64), 1 << 20), None);
    }

    #[test]
    fn long_parts_agree_across_steps() {
        let stream = Stream::new(1);
        let data = stream.bytes(5, 200_000);
        assert_eq!(stream.find(&data, 1 << 20), Some((5, 200_000)));
    }
}
