//! Trees that judge boxes: what their cues say of each fault.
//!
//! `params/faults.json` holds, per fault, regression trees (gradient boosting) for the overlap that a box has with a
//! place of that fault (0 where there is none), the fault's severity there, and its severity in
//! the picture as a whole. `params/fit_faults.py` makes it
//! from planted faults and tells how.

use super::cues::{self, CUES};
use giqa_core::{Attribute, ComponentError, ErrorKind};
use serde::Deserialize;

const PARAMS: &str = include_str!("../../params/faults.json");

/// A sum of regression trees.
#[derive(Debug, Clone, Deserialize)]
pub struct Trees {
    base: f32,
    trees: Vec<Tree>,
}

/// One tree. A child from 0 on is a node, below 0 it is the leaf `-1 - child`.
#[derive(Debug, Clone, Deserialize)]
struct Tree {
    cue: Vec<u16>,
    at_most: Vec<f32>,
    yes: Vec<i32>,
    no: Vec<i32>,
    /// Whether an unknown cue counts as yes.
    unknown: Vec<u8>,
    leaf: Vec<f32>,
}

/// A fault and how it is told.
#[derive(Debug, Clone, Deserialize)]
pub struct Kind {
    /// What it spoils.
    pub attribute: Attribute,
    /// Least overlap foretold with which a box is proposed.
    pub least: f32,
    overlap: Trees,
    severity: Trees,
    whole: Trees,
}

#[derive(Deserialize)]
struct Params {
    cues: Vec<String>,
    kinds: Vec<Kind>,
}

/// The faults, as they were fitted.
///
/// # Errors
/// When the parameters are not those of this version's cues.
pub fn kinds() -> Result<Vec<Kind>, ComponentError> {
    let broken =
        |why: String| ComponentError::new(ErrorKind::Failed, format!("plugin 'classic': params/faults.json: {why}"));
    let params: Params = serde_json::from_str(PARAMS).map_err(|e| broken(e.to_string()))?;
    if params.cues != cues::names() {
        return Err(broken("it was fitted to other cues; run params/fit_faults.py".into()));
    }
    if params.kinds.iter().any(|k| ![&k.overlap, &k.severity, &k.whole].iter().all(|t| t.is_sound())) {
        return Err(broken("a tree leads nowhere".into()));
    }
    Ok(params.kinds)
}

impl Kind {
    /// Overlap with a place of this fault that the cues of a box foretell, about `0..=1`.
    #[must_use]
    pub fn overlap(&self, cues: &[f32; CUES]) -> f32 {
        self.overlap.sum(cues)
    }

    /// How bad this fault is in a box that holds it, `0..=1`.
    #[must_use]
    pub fn severity(&self, cues: &[f32; CUES]) -> f64 {
        f64::from(self.severity.sum(cues)).clamp(0.0, 1.0)
    }
}

impl Kind {
    /// How bad this fault is in the picture as a whole, `0..=1`, by the cues of its full box; 0 where there is none.
    #[must_use]
    pub fn whole(&self, cues: &[f32; CUES]) -> f64 {
        f64::from(self.whole.sum(cues)).clamp(0.0, 1.0)
    }
}

impl Trees {
    fn sum(&self, cues: &[f32; CUES]) -> f32 {
        self.base + self.trees.iter().map(|t| t.value(cues)).sum::<f32>()
    }

    fn is_sound(&self) -> bool {
        self.trees.iter().all(Tree::is_sound)
    }
}

impl Tree {
    fn value(&self, cues: &[f32; CUES]) -> f32 {
        let mut at = if self.cue.is_empty() { -1 } else { 0 };
        while let Ok(node) = usize::try_from(at) {
            let cue = cues[usize::from(self.cue[node])];
            let yes = if cue.is_nan() { self.unknown[node] == 1 } else { cue <= self.at_most[node] };
            at = if yes { self.yes[node] } else { self.no[node] };
        }
        self.leaf[(-1 - at) as usize]
    }

    /// Whether every way ends at a leaf: children come after their node.
    fn is_sound(&self) -> bool {
        let nodes = self.cue.len();
        let ends = |(i, &child): (usize, &i32)| match usize::try_from(child) {
            Ok(child) => child > i && child < nodes,
            Err(_) => ((-1 - child) as usize) < self.leaf.len(),
        };
        let lengths = [self.at_most.len(), self.yes.len(), self.no.len(), self.unknown.len()];
        !self.leaf.is_empty()
            && lengths.iter().all(|&l| l == nodes)
            && self.cue.iter().all(|&c| usize::from(c) < CUES)
            && self.yes.iter().enumerate().all(ends)
            && self.no.iter().enumerate().all(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_fitted_can_be_used() {
        let kinds = kinds().unwrap();
        assert_eq!(kinds.len(), 9);
        let unknown = [f32::NAN; CUES];
        for kind in kinds {
            assert!(kind.overlap(&unknown).is_finite() && (0.0..=1.0).contains(&kind.severity(&unknown)));
        }
    }

    #[test]
    fn trees_go_by_their_cues() {
        let json = r#"{"cue": [1], "at_most": [2.0], "yes": [-1], "no": [-2], "unknown": [0], "leaf": [5.0, 7.0]}"#;
        let tree: Tree = serde_json::from_str(json).unwrap();
        let mut cues = [0.0; CUES];
        assert_eq!(tree.value(&cues), 5.0);
        cues[1] = 3.0;
        assert_eq!(tree.value(&cues), 7.0);
        cues[1] = f32::NAN;
        assert_eq!(tree.value(&cues), 7.0);
        let circle = json.replace("[-1]", "[0]");
        assert!(tree.is_sound() && !serde_json::from_str::<Tree>(&circle).unwrap().is_sound());
    }
}
