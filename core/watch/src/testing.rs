//! Reports and journals for tests.

use crate::actions::{ActionError, Intent, Journal, Outcome, Subject};
use giqa_core::Report;
use std::path::Path;

/// A picture with a soft subject and noise everywhere.
pub fn report() -> Report {
    serde_json::from_value(serde_json::json!({
        "schema": "giqa.report/1",
        "image": {"path": "a.jpg", "blake3": "00ff", "width": 640, "height": 480, "format": "JPEG", "orientation": 1, "bytes": 3},
        "quality": {"score": 47.0, "level": "fair"},
        "scores": [{"metric": "classic.niqe", "value": 4.5, "range": [0.0, null], "better": "lower"}],
        "regions": [{"id": "r1", "name": "subject", "box": [0.1, 0.1, 0.5, 0.5], "cells": [0, 5], "score": 0.9, "source": "x"}],
        "findings": [
            {"attribute": "sharpness", "severity": 0.7, "level": "poor", "region": "r1",
             "evidence": {"metric": "classic.sharpness", "value": 0.2, "expected": 0.6}},
            {"attribute": "noise", "severity": 0.3, "level": "fair",
             "evidence": {"metric": "classic.noise", "value": 9.0, "expected": 2.0}}
        ],
        "description": {"text": "The <subject> is soft.", "grounded": "The subject is soft.", "spans": []},
        "verdict": {"decision": "reject", "rules": ["soft subject"]},
        "provenance": {"giqa": "0", "profile": "p", "components": []}, "warnings": [], "timing_ms": {}
    }))
    .unwrap()
}

pub fn subject(root: &Path, name: &str) -> Subject {
    Subject { photo: 1, root: root.to_owned(), path: root.join(name), report: report() }
}

/// A journal in memory; may refuse to write after so many lines, as a crash would.
#[derive(Default)]
pub struct Lines {
    pub begun: Vec<Intent>,
    pub finished: Vec<(Intent, Outcome)>,
    pub broken: bool,
}

impl Journal for Lines {
    fn begin(&mut self, intent: &Intent) -> Result<(), ActionError> {
        self.begun.push(intent.clone());
        Ok(())
    }

    fn finish(&mut self, intent: &Intent, outcome: &Outcome) -> Result<(), ActionError> {
        if self.broken {
            let path = "store".into();
            return Err(ActionError::journal(&crate::store::StoreError::Full { path }));
        }
        self.finished.push((intent.clone(), outcome.clone()));
        Ok(())
    }
}
