//! Plugins that are linked into giqa.

use giqa_host::Builtin;

/// All of them.
#[expect(unsafe_code, reason = "a table can only be promised to follow the border, not proved")]
pub fn all() -> Vec<Builtin> {
    // SAFETY: made by `giqa_sdk::export_plugin!`.
    vec![unsafe { Builtin::new("classic", &giqa_classic::GIQA_PLUGIN_V1) }]
}
