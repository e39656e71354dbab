//! JSON Schemas of what the engine writes; `cargo xtask schema` checks them in.

use crate::Answer;
use giqa_core::Report;
use serde_json::Value;

/// JSON Schema of a report, for `schema/report.schema.json`.
#[must_use]
pub fn report_schema() -> Value {
    schemars::schema_for!(Report).to_value()
}

/// JSON Schema of an answer, for `schema/answer.schema.json`.
#[must_use]
pub fn answer_schema() -> Value {
    schemars::schema_for!(Answer).to_value()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schemas_name_their_parts() {
        let report = super::report_schema();
        for key in ["schema", "image", "quality", "scores", "regions", "findings", "description", "provenance"] {
            assert!(report["properties"][key].is_object(), "{key}");
        }
        assert!(super::answer_schema()["properties"]["grounded"].is_object());
    }
}
