//! # giqa-sdk
//!
//! What the author of a giqa plugin depends on. A plugin is an ordinary type:
//!
//! ```
//! use giqa_sdk::core::{ComponentError, Context, Measurement, Metric, MetricInput, MetricSpec};
//! use giqa_sdk::{Instance, Plugin, Services};
//!
//! struct Brightness(MetricSpec);
//!
//! impl Metric for Brightness {
//!     fn spec(&self) -> &MetricSpec {
//!         &self.0
//!     }
//!
//!     fn measure(&self, _: &Context<'_>, items: &[MetricInput<'_>]) -> Vec<Result<Measurement, ComponentError>> {
//!         let mean = |item: &MetricInput<'_>| {
//!             let (sum, n) = item.image.rows().flatten().fold((0.0, 0.0), |(s, n), &v| (s + f64::from(v), n + 1.0));
//!             Ok(Measurement::value(sum / n))
//!         };
//!         items.iter().map(mean).collect()
//!     }
//! }
//!
//! pub struct Example;
//!
//! impl Plugin for Example {
//!     const MANIFEST: &'static str = r#"{
//!         "schema": "giqa.manifest/1", "id": "org.example.brightness", "name": "example", "version": "1.0.0",
//!         "components": [{ "name": "brightness", "kind": "metric", "range": [0, 255], "better": "neither" }]
//!     }"#;
//!
//!     fn create(_: &Services, name: &str, _: &serde_json::Value) -> Result<Instance, ComponentError> {
//!         let spec = giqa_sdk::metric_spec::<Self>(name)?;
//!         Ok(Instance::Metric(Box::new(Brightness(spec))))
//!     }
//! }
//!
//! giqa_sdk::export_plugin!(Example);
//! ```
//!
//! Built as a `cdylib`, that is a plugin; used as a plain Rust type, it is its own *static twin*, for unit tests,
//! Miri and programs that link it in. Panics are caught at the border and cost one item. The border itself
//! (`unsafe`) is in [`mod@border`]; nothing else here needs it.

pub use giqa_abi as abi;
pub use giqa_core as core;

pub mod border;
mod calls;
mod guard;
mod host_call;
mod items;
mod log;
mod plugin;
pub mod testkit;

pub use plugin::{Instance, Plugin, Services, manifest, metric_spec, model_spec, proposer_spec};

#[cfg(all(panic = "abort", not(doc)))]
compile_error!(
    "giqa plugins must be built with panic = \"unwind\": with \"abort\", one panic would end the host as well. \
     Remove `panic = \"abort\"` from the profile in Cargo.toml."
);

/// Exports a [`Plugin`] as `GIQA_PLUGIN_V1`, with its manifest in a section of the library where it can be read
/// without running anything. Use it once, at the top level of a crate of type `cdylib`.
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ty) => {
        const _: () = {
            const TEXT: &str = <$plugin as $crate::Plugin>::MANIFEST;

            // `used`: nothing refers to the section, and the linker would drop it.
            #[used]
            #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__giqa_manifest"))]
            #[cfg_attr(windows, unsafe(link_section = ".giqam"))]
            #[cfg_attr(not(any(target_os = "macos", windows)), unsafe(link_section = ".giqa.manifest"))]
            static SECTION: [u8; TEXT.len()] = $crate::border::manifest_bytes(TEXT);
        };

        /// The plugin's entry table.
        #[unsafe(no_mangle)]
        pub static GIQA_PLUGIN_V1: $crate::abi::GiqaPluginV1 = $crate::border::table::<$plugin>();
    };
}
