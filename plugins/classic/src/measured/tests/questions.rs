use super::super::lexicon::{Aspect, Sense};
use super::super::question::{Form, read};

#[test]
fn polarity() {
    let at = |q: &str| read(q).topics.iter().map(|t| (t.aspect, t.sense)).collect::<Vec<_>>();
    let cases = [
        ("Is it sharp?", Aspect::Sharp, Sense::Good),
        ("Is it not sharp?", Aspect::Sharp, Sense::Bad),
        ("Isn't it sharp?", Aspect::Sharp, Sense::Good),
        ("It isn't sharp, is it?", Aspect::Sharp, Sense::Bad),
        ("Is it not out of focus?", Aspect::Sharp, Sense::Good),
        ("Is the contrast low?", Aspect::Contrast, Sense::Bad),
        ("Does it have low noise?", Aspect::Noise, Sense::Good),
        ("Is it poorly exposed?", Aspect::Exposure, Sense::Bad),
        ("Is it well exposed?", Aspect::Exposure, Sense::Good),
        ("Is the exposure right?", Aspect::Exposure, Sense::Good),
        ("Is the exposure of the right edge wrong?", Aspect::Exposure, Sense::Bad),
        ("Is it too dark?", Aspect::Under, Sense::Bad),
        ("Does it lack contrast?", Aspect::Contrast, Sense::Bad),
        ("Does the picture have a colour cast?", Aspect::Cast, Sense::Bad),
        ("Is the quality bad?", Aspect::Quality, Sense::Bad),
        ("Is it any good?", Aspect::Quality, Sense::Good),
        ("Isn\u{2019}t it BLURRY?", Aspect::Sharp, Sense::Bad),
        ("JPEG artefacts?", Aspect::Blocks, Sense::Bad),
    ];
    for (question, aspect, sense) in cases {
        assert_eq!(at(question), [(aspect, sense)], "{question}");
    }
}

#[test]
fn forms() {
    for (question, form) in [
        ("Is it sharp?", Form::YesNo),
        ("Can you tell me where it is blurry?", Form::Which),
        ("Please say how sharp it is", Form::How),
        ("Find the noise", Form::Which),
        ("So why is it soft?", Form::Why),
        ("How many cars are there?", Form::Content),
        ("What color is the car?", Form::Content),
        ("Who is this?", Form::Content),
        ("noise", Form::Open),
    ] {
        assert_eq!(read(question).form, form, "{question}");
    }
}

#[test]
fn objects() {
    let object = |q: &str| read(q).object;
    assert_eq!(object("Is the car sharp?").as_deref(), Some("car"));
    assert_eq!(object("Is the picture sharp?"), None);
    assert_eq!(object("Is the whole image sharp?"), None);
    assert_eq!(object("Is this sharp?"), None);
    assert_eq!(object("Is the upper left noisy?").as_deref(), Some("upper left"));
    assert_eq!(object("Is the right half of the photo sharp?").as_deref(), Some("right half"));
}
