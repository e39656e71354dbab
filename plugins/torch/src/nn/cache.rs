//! Keys and values of what was read already. All memory is taken at once: a cache that grows by concatenation would
//! copy itself for every token.

use crate::config::TextConfig;
use crate::error::{Result, TorchError};
use tch::{Device, Kind, Tensor};

/// One pair of tensors `[batch, kv_heads, capacity, head_dim]` for each layer.
pub struct KvCache {
    layers: Vec<(Tensor, Tensor)>,
    len: i64,
    capacity: i64,
    fixed: Option<Tensor>,
}

impl KvCache {
    /// Room for `capacity` positions.
    ///
    /// # Errors
    /// Memory.
    pub fn new(config: &TextConfig, batch: i64, capacity: i64, device: Device, kind: Kind) -> Result<Self> {
        let shape = [batch, config.kv_heads, capacity, config.head_dim];
        let one = || -> Result<Tensor> { Ok(Tensor::f_zeros(shape, (kind, device))?) };
        let layers: Result<Vec<_>> = (0..config.layers).map(|_| Ok((one()?, one()?))).collect();
        let layers = layers.map_err(|error| match error {
            TorchError::OutOfMemory(what) => {
                let numbers = 2.0 * shape.iter().map(|n| *n as f64).product::<f64>() * config.layers as f64;
                let megabytes = numbers * kind.elt_size_in_bytes() as f64 / 1e6;
                TorchError::OutOfMemory(format!(
                    "keys and values of {batch} x {capacity} positions take {megabytes:.0} MB ({what})"
                ))
            }
            other => other,
        })?;
        Ok(Self { layers, len: 0, capacity, fixed: None })
    }

    /// Positions that are filled.
    #[must_use]
    pub fn len(&self) -> i64 {
        self.len
    }

    /// Whether nothing has been read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Positions that there is room for.
    #[must_use]
    pub fn capacity(&self) -> i64 {
        self.capacity
    }

    /// Forgets all positions from `len` on: what follows is read anew, what is before is kept.
    pub fn truncate(&mut self, len: i64) {
        self.len = self.len.min(len.max(0));
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of = |t: &Tensor| t.numel() * t.kind().elt_size_in_bytes();
        self.layers.iter().map(|(k, v)| of(k) + of(v)).sum()
    }

    /// Makes each row begin as the single row of another cache does, with its first `n` positions, and holds nothing else.
    ///
    /// # Errors
    /// Fewer positions than `n` in either.
    pub fn begin_as(&mut self, one: &KvCache, n: i64) -> Result<()> {
        for ((k, v), (k1, v1)) in self.layers.iter().zip(&one.layers) {
            k.f_narrow(2, 0, n)?.f_copy_(&k1.f_narrow(2, 0, n)?)?;
            v.f_narrow(2, 0, n)?.f_copy_(&v1.f_narrow(2, 0, n)?)?;
        }
        self.len = n;
        Ok(())
    }

    /// Counts `n` positions as filled, when all layers have been written.
    pub(crate) fn advance(&mut self, n: i64) {
        self.len += n;
    }

    /// Has keys and values written at columns `[n]` on the device, and all columns given, until it is told `None`.
    pub(crate) fn fix(&mut self, at: Option<Tensor>) {
        self.fixed = at;
    }

    /// Writes a layer's keys and values behind the filled positions; gives all of them, with the new ones.
    pub(super) fn write(&mut self, layer: usize, keys: &Tensor, values: &Tensor) -> Result<(Tensor, Tensor)> {
        if let (Some(at), Some((k, v))) = (&self.fixed, self.layers.get_mut(layer)) {
            let _ = (k.f_index_copy_(2, at, keys)?, v.f_index_copy_(2, at, values)?);
            return Ok((k.shallow_clone(), v.shallow_clone()));
        }
        let n = keys.size4()?.2;
        let needed = self.len + n;
        if needed > self.capacity {
            return Err(TorchError::TooLong { needed: needed as usize, limit: self.capacity as usize });
        }
        let (k, v) = &mut self.layers[layer];
        k.f_narrow(2, self.len, n)?.f_copy_(keys)?;
        v.f_narrow(2, self.len, n)?.f_copy_(values)?;
        Ok((k.f_narrow(2, 0, needed)?, v.f_narrow(2, 0, needed)?))
    }
}
