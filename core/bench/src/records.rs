//! From what was planted to records: descriptions, and as many questions to say yes to as to say no to.

use crate::draw::Draw;
use crate::fault::{Fault, degree};
use crate::places;
use crate::truth::{Asked, Record, Scope, Task, Truth, TruthBox, Turn, YesNo};
use giqa_core::NormBox;

/// What a place is called where nobody knows what is there.
pub const MARKED: &str = "marked area";
const WHOLE: &str = "whole picture";

const PROMPTS: [&str; 4] = [
    "Describe the quality of this picture and say where what is wrong.",
    "Assess the technical quality of the photograph. Mention positions.",
    "Explore the quality factors of the image. Mention positions.",
    "What is wrong with this photograph, and where?",
];

/// A picture that was made, before it is written about.
#[derive(Debug, Clone)]
pub struct Made {
    /// Path below the folder.
    pub image: String,
    /// What was planted, and how strong.
    pub fault: Option<(Fault, u8)>,
    /// Where; absent = everywhere (or nowhere, when nothing was planted).
    pub place: Option<TruthBox>,
    /// Whether it follows an outline.
    pub outlined: bool,
    /// By how much the pixels changed.
    pub rmse: f64,
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// The photograph.
    pub source: String,
    /// The seed of the run.
    pub seed: u64,
    /// Hash of the file.
    pub blake3: String,
}

impl Made {
    fn scope(&self) -> Scope {
        match (self.fault, &self.place) {
            (None, _) => Scope::Clean,
            (Some(_), None) => Scope::Global,
            (Some(_), Some(_)) => Scope::Local,
        }
    }

    fn record(&self, number: usize, task: Task, says: [String; 2], boxes: Vec<TruthBox>) -> Record {
        let name = self.image.rsplit('/').next().unwrap_or(&self.image);
        let stem = name.strip_suffix(".png").unwrap_or(name);
        let id = match task {
            Task::Des => format!("{stem}/des"),
            Task::Vqa => format!("{stem}/vqa{number}"),
        };
        let [human, gpt] = says;
        Record {
            id,
            image: self.image.clone(),
            conversations: vec![
                Turn { from: "human".into(), value: format!("<image>\n{human}") },
                Turn { from: "gpt".into(), value: gpt },
            ],
            giqa: Truth {
                task,
                fault: self.fault.map(|f| f.0),
                attribute: self.fault.map(|f| f.0.attribute()),
                severity: self.fault.map_or(0, |f| f.1),
                scope: self.scope(),
                boxes,
                outlined: self.outlined,
                rmse: (self.rmse * 1e3).round() / 1e3,
                width: self.size.0,
                height: self.size.1,
                source: self.source.clone(),
                seed: self.seed,
                blake3: self.blake3.clone(),
                asked: None,
                answer: None,
            },
        }
    }

    fn description(&self, draw: &mut Draw) -> Record {
        let prompt = PROMPTS[draw.below(PROMPTS.len())].to_owned();
        let whole = || TruthBox::new(WHOLE, NormBox::FULL);
        let (text, boxes) = match (self.fault, &self.place) {
            (None, _) => ("Nothing is wrong with this picture.".to_owned(), Vec::new()),
            (Some((fault, severity)), None) => {
                let text = format!("The {} is {} {}.", whole().grounded(), degree(severity), fault.adjective());
                (text, vec![whole()])
            }
            (Some((fault, severity)), Some(place)) => {
                let (where_, how) = (place.grounded(), degree(severity));
                let text =
                    format!("The {where_} is {how} {}. The rest of the picture is not affected.", fault.adjective());
                (text, vec![place.clone()])
            }
        };
        self.record(0, Task::Des, [prompt, text], boxes)
    }

    fn question(&self, number: usize, fault: Fault, place: Option<&TruthBox>, answer: YesNo) -> Record {
        let name = place.map_or_else(|| "the picture".to_owned(), |p| format!("the {}", p.grounded()));
        let said = match answer {
            YesNo::Yes => "Yes.",
            YesNo::No => "No.",
        };
        let boxes = place.cloned().into_iter().collect();
        let mut record = self.record(number, Task::Vqa, [fault.question(&name), said.to_owned()], boxes);
        record.giqa.asked = Some(Asked { fault, attribute: fault.attribute() });
        record.giqa.answer = Some(answer);
        record
    }
}

/// The records of all pictures made of one photograph; the first of them is the clean one. For each planted fault
/// there is one question to say yes to, and one to say no to: another fault at that place, the same fault elsewhere
/// in the picture, or the same fault at that place of the clean picture.
#[must_use]
pub fn records(all: &[Made], draw: &mut Draw) -> Vec<Record> {
    let mut out = Vec::new();
    let mut of_clean = Vec::new();
    for made in all {
        out.push(made.description(draw));
        let Some((fault, _)) = made.fault else { continue };
        let place = made.place.as_ref();
        out.push(made.question(1, fault, place, YesNo::Yes));
        let elsewhere = place.and_then(|p| places::apart(&p.xyxy_norm, draw)).map(|b| TruthBox::new(MARKED, b));
        let others: Vec<Fault> = Fault::ALL.into_iter().filter(|o| !fault.resembles(*o)).collect();
        let other = draw.pick(&others).copied();
        match (draw.below(3), elsewhere, other, all.first().filter(|m| m.fault.is_none())) {
            (0, Some(elsewhere), _, _) => out.push(made.question(2, fault, Some(&elsewhere), YesNo::No)),
            (0 | 1, _, _, Some(clean)) => {
                of_clean.push(clean.question(of_clean.len() + 1, fault, place, YesNo::No));
            }
            (_, _, Some(other), _) => out.push(made.question(2, other, place, YesNo::No)),
            // Every fault leaves others to ask about (a test says so).
            _ => {}
        }
    }
    out.extend(of_clean);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(fault: Option<(Fault, u8)>, place: Option<NormBox>) -> Made {
        Made {
            image: "images/a.png".into(),
            fault,
            place: place.map(|b| TruthBox::new("cat", b)),
            outlined: false,
            rmse: 1.0,
            size: (10, 10),
            source: "a.jpg".into(),
            seed: 1,
            blake3: String::new(),
        }
    }

    #[test]
    fn descriptions_name_the_fault_and_its_box() {
        let mut draw = Draw::new(1, "");
        let place = NormBox::new(0.0, 0.0, 0.5, 0.5).unwrap();
        let says = |m: &Made, draw: &mut Draw| m.description(draw).conversations[1].value.clone();
        assert_eq!(
            says(&made(Some((Fault::Blur, 4)), Some(place)), &mut draw),
            "The [cat](<0, 189>) is strongly blurry. The rest of the picture is not affected."
        );
        let global = made(Some((Fault::Noise, 1)), None);
        assert_eq!(says(&global, &mut draw), "The [whole picture](<0, 399>) is slightly noisy.");
        assert_eq!(says(&made(None, None), &mut draw), "Nothing is wrong with this picture.");
        let record = global.description(&mut draw);
        assert!(record.conversations[0].value.starts_with("<image>\n") && record.id == "a/des");
        let parsed = giqa_core::text::parse(&record.conversations[1].value, &giqa_core::text::ParseOptions::default());
        assert!(parsed.warnings.is_empty() && parsed.text.spans.len() == 1);
    }

    #[test]
    fn yes_and_no_are_equal() {
        let place = NormBox::new(0.1, 0.1, 0.4, 0.5).unwrap();
        for seed in 0..50 {
            let all = [
                made(None, None),
                made(Some((Fault::Over, 3)), Some(place)),
                made(Some((Fault::Jpeg, 2)), Some(place)),
                made(Some((Fault::Cast, 5)), None),
            ];
            let records = records(&all, &mut Draw::new(seed, ""));
            let count = |answer| records.iter().filter(|r| r.giqa.answer == Some(answer)).count();
            assert_eq!((count(YesNo::Yes), count(YesNo::No)), (3, 3));
            for record in records.iter().filter(|r| r.giqa.answer == Some(YesNo::No)) {
                let asked = record.giqa.asked.unwrap().fault;
                let same_place = record.giqa.boxes.first().is_none_or(|b| b.xyxy_norm == place);
                let planted = record.giqa.fault;
                assert!(planted.is_none_or(|p| !p.resembles(asked)) || !same_place, "{record:?}");
            }
        }
    }
}
