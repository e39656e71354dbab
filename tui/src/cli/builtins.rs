//! Plugins that are linked into giqa.

use giqa_host::Builtin;

/// All of them.
pub fn all() -> Vec<Builtin> {
    vec![]
}
