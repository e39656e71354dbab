//! All about one photo.

use crate::app::query::Place;
use giqa_core::Report;
use giqa_engine::marks::Mark;
use giqa_watch::store::HandVerdict;
use std::sync::Arc;

/// All about one photo.
#[derive(Debug, Clone)]
pub struct Details {
    /// Its report.
    pub report: Arc<Report>,
    /// Numbered places of the report.
    pub marks: Arc<[Mark]>,
    /// What the camera says, name and value.
    pub camera: Vec<(String, String)>,
    /// Earlier runs, newest first.
    pub past: Vec<Past>,
    /// Verdicts by hand, newest first.
    pub verdicts: Vec<HandVerdict>,
    /// What rules did, newest first.
    pub actions: Vec<String>,
    /// What waits to be confirmed.
    pub proposals: Vec<String>,
    /// Where its scores lie in its folder.
    pub places: Vec<Place>,
}

/// An earlier run on the photo.
#[derive(Debug, Clone)]
pub struct Past {
    /// When, milliseconds since 1970.
    pub at: i64,
    /// Its report.
    pub report: Arc<Report>,
    /// The file had other content then.
    pub other_content: bool,
}
