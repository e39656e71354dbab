use super::*;
use Attribute::{Exposure, Noise, Sharpness};
use insta::assert_snapshot;

fn faulty() -> Evidence {
    with(vec![
        finding("sharpness", Sharpness, 0.7, Some("r1")),
        finding("exposure", Exposure, 0.5, Some("r2")),
        finding("noise", Noise, 0.3, None),
    ])
}

fn all(evidence: &Evidence, questions: &[&str]) -> String {
    questions.iter().map(|q| format!("{q}\n  {}\n", ask(evidence, q, &[]))).collect()
}

#[test]
fn yes_and_no() {
    let asked = [
        "Is the picture sharp?",
        "Is the image blurry?",
        "Isn't it out of focus?",
        "Is the subject not sharp?",
        "Is anything overexposed?",
        "Is the photo underexposed?",
        "Does it have good contrast?",
        "Are the colours vivid?",
        "Is there no noise?",
        "Is the picture free of noise and artefacts?",
        "Is the quality good?",
        "Is anything wrong with the picture?",
        "Is there motion blur?",
        "Is the image bright?",
        "Is the upper left dark?",
        "Is the right half of the photo sharp?",
        "Does the picture have a bluish tint?",
    ];
    assert_snapshot!(all(&faulty(), &asked), @r#"
    Is the picture sharp?
      No. The [subject](<126, 313>) is clearly soft.
    Is the image blurry?
      Yes. The [subject](<126, 313>) is clearly soft.
    Isn't it out of focus?
      Yes. The [subject](<126, 313>) is clearly soft.
    Is the subject not sharp?
      Yes. The [subject](<126, 313>) is clearly soft.
    Is anything overexposed?
      Yes. The [upper left area](<0, 126>) is visibly overexposed.
    Is the photo underexposed?
      No. The picture is not underexposed.
    Does it have good contrast?
      Yes. The picture is good in contrast.
    Are the colours vivid?
      No. The picture is not very colourful: its colourfulness is 42.0.
    Is there no noise?
      No. The whole picture is a little noisy.
    Is the picture free of noise and artefacts?
      No. The whole picture is a little noisy.
    Is the quality good?
      Yes. The quality is good (79 of 100). The [subject](<126, 313>) is clearly soft. The [upper left area](<0, 126>) is visibly overexposed. The whole picture is a little noisy.
    Is anything wrong with the picture?
      Yes. The quality is good (79 of 100). The [subject](<126, 313>) is clearly soft. The [upper left area](<0, 126>) is visibly overexposed. The whole picture is a little noisy.
    Is there motion blur?
      I cannot tell: nothing that was measured speaks of motion blur.
    Is the image bright?
      No. The median tone is 118 of 255. The [upper left area](<0, 126>) is visibly overexposed.
    Is the upper left dark?
      No. The median tone is 210 of 255.
    Is the right half of the photo sharp?
      Yes. The [right half](<10, 399>) is sharp.
    Does the picture have a bluish tint?
      No. The picture is not bluish.
    "#);
}

#[test]
fn about_boxes() {
    let asked = [
        "Is the texture of the [candles](<0, 107>, <120, 187>) clear?",
        "Is the [dark coat](<211, 339>) clear?",
        "Is the [sky](<0, 107>) blown out?",
        "How sharp is the [coat](<211, 339>)?",
        "How is the quality of the [coat](<211, 339>)?",
        "[coat](<211, 339>)",
        "Which is sharper, [the sky](<0, 107>) or [the coat](<211, 339>)?",
        "Is [the sky](<0, 107>) less noisy than [the coat](<211, 339>)?",
        "Which is darker: [sky](<0, 107>), [coat](<211, 339>)?",
        "Which is better, [sky](<0, 107>) or [coat](<211, 339>)?",
        "Why is [the sky](<0, 107>) blurred?",
    ];
    assert_snapshot!(all(&fine(), &asked), @r#"
    Is the texture of the [candles](<0, 107>, <120, 187>) clear?
      No. The [candles](<0, 107>, <120, 187>) are visibly blurred.
    Is the [dark coat](<211, 339>) clear?
      Yes. The [dark coat](<211, 339>) is sharp.
    Is the [sky](<0, 107>) blown out?
      Yes. The [sky](<0, 107>) is visibly overexposed.
    How sharp is the [coat](<211, 339>)?
      Excellent. The [coat](<211, 339>) is sharp: the sharpness is 0.62, where 0.50 is fine.
    How is the quality of the [coat](<211, 339>)?
      Excellent: about 96 of 100. The [coat](<211, 339>) is sharp, almost free of noise, well exposed, good in contrast and neutral in colour.
    [coat](<211, 339>)
      Excellent: about 96 of 100. The [coat](<211, 339>) is sharp, almost free of noise, well exposed, good in contrast and neutral in colour.
    Which is sharper, [the sky](<0, 107>) or [the coat](<211, 339>)?
      The [coat](<211, 339>) is sharper: a sharpness of 0.62 against 0.21.
    Is [the sky](<0, 107>) less noisy than [the coat](<211, 339>)?
      Yes. The [sky](<0, 107>) is less noisy: a noise of 1.40 against 2.80.
    Which is darker: [sky](<0, 107>), [coat](<211, 339>)?
      The [coat](<211, 339>) is darker: a median tone of 118 against 210.
    Which is better, [sky](<0, 107>) or [coat](<211, 339>)?
      The [coat](<211, 339>) is better: a quality of 96.5 against 37.1.
    Why is [the sky](<0, 107>) blurred?
      Because the [sky](<0, 107>) is visibly blurred (0.21 was measured, 0.50 would be fine). Whether focus or movement is the cause cannot be told from that.
    "#);
}

#[test]
fn open_questions() {
    let asked = [
        "What is overexposed in the image?",
        "Which part is blurry?",
        "Where is it underexposed?",
        "What is wrong with this picture?",
        "What is the noise level?",
        "How noisy is it?",
        "How good is the picture?",
        "How sharp is the picture?",
        "Why is the quality poor?",
        "Why is the image blurry?",
        "Why is it so sharp?",
        "Is the picture noisy or clean?",
        "Which area is the sharpest?",
        "What is well exposed?",
    ];
    assert_snapshot!(all(&faulty(), &asked), @r#"
    What is overexposed in the image?
      The [upper left area](<0, 126>) is visibly overexposed.
    Which part is blurry?
      The [subject](<126, 313>) is clearly soft.
    Where is it underexposed?
      Nothing in the picture is underexposed.
    What is wrong with this picture?
      The [subject](<126, 313>) is clearly soft. The [upper left area](<0, 126>) is visibly overexposed. The whole picture is a little noisy.
    What is the noise level?
      Good. The whole picture is a little noisy. The noise (standard deviation in 8-bit steps) is 0.31, where 0.50 is fine.
    How noisy is it?
      Good. The whole picture is a little noisy. The noise (standard deviation in 8-bit steps) is 0.31, where 0.50 is fine.
    How good is the picture?
      Good: about 79 of 100. The [subject](<126, 313>) is clearly soft. The [upper left area](<0, 126>) is visibly overexposed. The whole picture is a little noisy.
    How sharp is the picture?
      Poor. The [subject](<126, 313>) is clearly soft. Over the whole picture, the sharpness is 0.62, where 0.50 is fine.
    Why is the quality poor?
      Because the [subject](<126, 313>) is clearly soft, the [upper left area](<0, 126>) is visibly overexposed and the whole picture is a little noisy.
    Why is the image blurry?
      Because the [subject](<126, 313>) is clearly soft (0.31 was measured, 0.50 would be fine). Whether focus or movement is the cause cannot be told from that.
    Why is it so sharp?
      It isn't altogether: the [subject](<126, 313>) is clearly soft (0.31 was measured, 0.50 would be fine).
    Is the picture noisy or clean?
      Good. The whole picture is a little noisy. The noise (standard deviation in 8-bit steps) is 0.31, where 0.50 is fine.
    Which area is the sharpest?
      The [subject](<126, 313>) and the [right edge](<17, 399>) are about alike in sharpness: 0.62 and 0.62.
    What is well exposed?
      The [subject and right edge](<126, 313>, <17, 399>) are well exposed.
    "#);
}

#[test]
fn without_faults() {
    let asked = [
        "Is it sharp?",
        "What is overexposed?",
        "What disturbs?",
        "Why is the quality good?",
        "Why is it blurry?",
        "How noisy is it?",
        "How is the exposure?",
        "What is good about it?",
        "How colourful is it?",
    ];
    assert_snapshot!(all(&fine(), &asked), @r#"
    Is it sharp?
      Yes. The picture is sharp.
    What is overexposed?
      Nothing in the picture is overexposed.
    What disturbs?
      Nothing in the picture disturbs.
    Why is the quality good?
      Because it is sharp, almost free of noise, well exposed, good in contrast, neutral in colour and free of blocking.
    Why is it blurry?
      It isn't: the picture is sharp.
    How noisy is it?
      Excellent. The picture is almost free of noise: the noise (standard deviation in 8-bit steps) is 1.20, where 0.50 is fine.
    How is the exposure?
      Excellent. The picture is well exposed: the error of exposure is 0.04, where 0.50 is fine.
    What is good about it?
      The picture is sharp, almost free of noise, well exposed, good in contrast, neutral in colour and free of blocking.
    How colourful is it?
      The picture is moderately colourful: its colourfulness is 42.0.
    "#);
}

#[test]
fn what_cannot_be_told() {
    let asked = [
        "What colour is the car?",
        "Who is this?",
        "How many people are there?",
        "Is the car sharp?",
        "Is it a cat?",
        "Is there banding?",
        "Is the [dot](<0, 0>) sharp?",
        "",
    ];
    assert_snapshot!(all(&fine(), &asked), @r#"
    What colour is the car?
      I cannot tell: only the technical quality was measured, not what the picture shows.
    Who is this?
      I cannot tell: only the technical quality was measured, not what the picture shows.
    How many people are there?
      I cannot tell: only the technical quality was measured, not what the picture shows.
    Is the car sharp?
      I cannot tell for the car alone, whose place is not known; give a box. The picture as a whole is sharp.
    Is it a cat?
      I cannot tell: the question names no quality that was measured, such as sharpness, noise or exposure.
    Is there banding?
      I cannot tell: nothing that was measured speaks of banding.
    Is the [dot](<0, 0>) sharp?
      I cannot tell: nothing that was measured there speaks of sharpness.

      There is no question to answer.
    "#);
}

#[test]
fn boxes_beside_the_question() {
    assert_snapshot!(ask(&fine(), "Is this sharp?", &[UPPER_LEFT]), @"No. The [upper left area](<0, 126>) is visibly blurred.");
    assert_snapshot!(ask(&fine(), "Is it sharp here?", &[[0.5, 0.5, 0.6, 0.6]]), @"Yes. The [marked area](<210, 231>) is sharp.");
    assert_snapshot!(ask(&faulty(), "", &[SUBJECT]), @"Poor: about 37 of 100. The [subject](<126, 313>) is clearly soft.");
}

#[test]
fn things_by_their_names() {
    let mut evidence = fine();
    let named = [("sky", [0.0, 0.0, 0.3, 0.4]), ("foliage", [0.5, 0.0, 1.0, 0.4]), ("grass", [0.0, 0.6, 0.3, 1.0])];
    evidence.regions.extend(named.map(|(name, place)| region(name, name, place)));
    evidence.regions.push(region("more", "foliage", [0.5, 0.5, 1.0, 0.9]));
    evidence.regions.push(region("lamp", "highlights", [0.0, 0.4, 0.2, 0.6]));
    assert_snapshot!(ask(&evidence, "Is the sky noisy?", &[]), @"No. The [sky](<0, 145>) is almost free of noise.");
    assert_snapshot!(ask(&evidence, "Is the foliage sharp?", &[]), @"Yes. The [foliage areas](<10, 159>, <210, 359>) are sharp.");
    assert_snapshot!(ask(&evidence, "Is the lawn soft?", &[]), @"Yes. The [grass](<240, 385>) is noticeably blurred.");
    assert_snapshot!(ask(&evidence, "Is this sharp?", &[[0.0, 0.4, 0.2, 0.6]]), @"No. The [highlights](<160, 223>) are noticeably blurred.");
}

#[test]
fn other_requests() {
    let model = Measured::new(ModelSpec::default(), Box::new(left_is_soft));
    let evidence = fine();
    let complete = Request::Complete { prompt: "x".into() };
    let errors: Vec<String> = [&complete, &Request::Describe]
        .map(|request| ModelInput { image: None, request, evidence: &evidence })
        .map(|input| {
            model.generate(&Context::new(&CancelToken::new(), &Silent), &[input]).remove(0).unwrap_err().to_string()
        })
        .into();
    assert_snapshot!(errors.join("\n"), @r#"
    the measured model does not go on from a prompt (choose a language model as the profile's model)
    a description needs a picture, and there is none
    "#);
}
