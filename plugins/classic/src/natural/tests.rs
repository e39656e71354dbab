//! Whole metrics against their originals and at the edges.
