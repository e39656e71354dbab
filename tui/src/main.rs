//! The giqa binary.
fn main() {}
