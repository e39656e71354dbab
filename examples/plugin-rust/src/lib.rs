//! An example plugin: a metric and a proposer. Build it with `cargo build -p giqa-example-plugin`, then
//! `giqa plugins check target/debug/libgiqa_example.so`.

mod brightest;
mod brightness;

use giqa_sdk::core::{ComponentError, ErrorKind};
use giqa_sdk::{Instance, Plugin, Services};

/// The plugin.
pub struct Example;

impl Plugin for Example {
    const MANIFEST: &'static str = include_str!("../manifest.json");

    fn create(_: &Services, component: &str, config: &serde_json::Value) -> Result<Instance, ComponentError> {
        match component {
            "brightness" => Ok(Instance::Metric(Box::new(brightness::Brightness::new()?))),
            "brightest" => Ok(Instance::Proposer(Box::new(brightest::Brightest::new(config)?))),
            other => {
                Err(ComponentError::new(ErrorKind::BadRequest, format!("plugin 'example' has no component '{other}'")))
            }
        }
    }
}

giqa_sdk::export_plugin!(Example);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_static_twin_passes_the_test_kit() {
        assert_eq!(giqa_sdk::testkit::check::<Example>().unwrap(), Vec::<String>::new());
    }
}
