//! Probabilities of possible answers, from the alternatives that a server gives for each token.

use crate::prompt::LEVELS;
use crate::reply::Token;
use giqa_core::{Choices, OptionProbability};

/// A judge's points.
pub(crate) const POINTS: [&str; 5] = ["0", "1", "2", "3", "4"];

/// The probability of each option, among the options: at the first token that the model chose as one. Empty where the
/// server gave no probabilities, or the model answered something else.
pub(crate) fn of_tokens(tokens: &[Token], options: &[&str]) -> Vec<OptionProbability> {
    for token in tokens {
        if meant(&token.text, options).is_none() {
            continue;
        }
        let mut mass = vec![0.0; options.len()];
        let itself = (!token.top.iter().any(|(text, _)| *text == token.text)).then_some((&token.text, token.logprob));
        for (text, logprob) in token.top.iter().map(|(t, p)| (t, *p)).chain(itself) {
            if let Some(slot) = meant(text, options).and_then(|n| mass.get_mut(n)) {
                *slot += logprob.exp();
            }
        }
        let sum: f64 = mass.iter().sum();
        if !(sum.is_finite() && sum > 0.0) {
            return Vec::new();
        }
        let one = |(option, m): (&&str, f64)| OptionProbability { option: (*option).to_owned(), probability: m / sum };
        return options.iter().zip(mass).map(one).collect();
    }
    Vec::new()
}

/// The same of a question's answers, by their names.
pub(crate) fn of_choices(tokens: &[Token], choices: &Choices) -> Vec<OptionProbability> {
    let spoken: Vec<String> = choices.spoken.iter().map(|s| s.to_lowercase()).collect();
    let spoken: Vec<&str> = spoken.iter().map(String::as_str).collect();
    // A letter is an answer where it comes first; later on, "a" is a word.
    let lettered = spoken.iter().all(|s| s.len() == 1);
    let first = tokens.iter().position(|t| !t.text.trim().is_empty()).map_or(0, |n| n + 1);
    let tokens = if lettered { tokens.get(..first).unwrap_or_default() } else { tokens };
    let odds = of_tokens(tokens, &spoken).into_iter().zip(&choices.names);
    odds.map(|(odds, name)| OptionProbability { option: name.clone(), ..odds }).collect()
}

/// Quality `0..=100` by the expected level, the worst being 0.
pub(crate) fn score_of_levels(levels: &[OptionProbability]) -> Option<f64> {
    let step = 100.0 / (LEVELS.len() - 1) as f64;
    let place =
        |o: &OptionProbability| LEVELS.iter().position(|l| *l == o.option).map(|n| n as f64 * step * o.probability);
    let scores: Option<Vec<f64>> = levels.iter().map(place).collect();
    scores.filter(|s| !s.is_empty()).map(|s| s.iter().sum::<f64>().clamp(0.0, 100.0))
}

/// The first option that a text names.
pub(crate) fn named<'a>(text: &str, options: &[&'a str]) -> Option<&'a str> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.into_iter().find_map(|word| options.iter().find(|o| **o == word).copied())
}

/// Which option a token stands for: the word itself, or a beginning of at least two letters that no other has.
fn meant(token: &str, options: &[&str]) -> Option<usize> {
    // Tokenisers that don't decode leave their marks for a space.
    let word = token.trim_matches(|c: char| !c.is_alphanumeric() || c == 'Ġ').to_lowercase();
    if let Some(exact) = options.iter().position(|o| *o == word) {
        return Some(exact);
    }
    let mut beginnings = options.iter().enumerate().filter(|(_, o)| word.len() >= 2 && o.starts_with(&word));
    match (beginnings.next(), beginnings.next()) {
        (Some((n, _)), None) => Some(n),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES_NO: [&str; 2] = ["yes", "no"];

    fn token(text: &str, top: &[(&str, f64)]) -> Token {
        let top: Vec<_> = top.iter().map(|(t, p)| ((*t).to_owned(), f64::ln(*p))).collect();
        let logprob = top.iter().find(|(t, _)| t == text).map_or(-0.1, |(_, p)| *p);
        Token { text: text.to_owned(), logprob, top }
    }

    #[test]
    fn variants_of_a_word_add_up() {
        let tokens = [token("\n", &[]), token(" Yes", &[(" Yes", 0.5), ("yes", 0.1), ("No", 0.2), ("Maybe", 0.2)])];
        let odds = of_tokens(&tokens, &YES_NO);
        assert_eq!(odds.iter().map(|o| o.option.as_str()).collect::<Vec<_>>(), ["yes", "no"]);
        assert!((odds[0].probability - 0.75).abs() < 1e-9 && (odds[1].probability - 0.25).abs() < 1e-9, "{odds:?}");
    }

    #[test]
    fn choices_are_told_by_name() {
        let choices = Choices::of("Which is blurred? A. the sky B. the tree").unwrap();
        let odds = of_choices(&[token("\n", &[]), token("B", &[("B", 0.6), (" a", 0.2)])], &choices);
        let told: Vec<_> = odds.iter().map(|o| (o.option.as_str(), (o.probability * 100.0).round())).collect();
        assert_eq!(told, [("the sky", 25.0), ("the tree", 75.0)]);
        let prose = [token("Clearly", &[]), token(" a", &[(" a", 0.9)]), token(" tree", &[])];
        assert!(of_choices(&prose, &choices).is_empty());
        let choices = Choices::of("Is it sharp or blurry?").unwrap();
        let sentence = [token("It", &[]), token(" is", &[]), token(" blurry", &[(" blurry", 0.9), (" sharp", 0.1)])];
        assert_eq!(of_choices(&sentence, &choices)[1].option, "blurry");
    }

    #[test]
    fn levels_make_a_score() {
        let odds = of_tokens(&[token("go", &[("go", 0.5), ("fair", 0.5)])], &LEVELS);
        assert!((score_of_levels(&odds).unwrap() - 62.5).abs() < 1e-9, "{odds:?}");
        assert_eq!(score_of_levels(&[]), None);
        assert_eq!(of_tokens(&[token("3", &[("3", 1.0)])], &POINTS)[3].probability, 1.0);
    }

    #[test]
    fn other_answers_have_no_odds() {
        assert!(of_tokens(&[token("Perhaps", &[("Perhaps", 0.9), ("yes", 0.1)])], &YES_NO).is_empty());
        assert!(of_tokens(&[], &YES_NO).is_empty());
        let wild = Token { text: "yes".into(), logprob: f64::INFINITY, top: vec![("no".into(), f64::NAN)] };
        assert!(of_tokens(&[wild], &YES_NO).is_empty());
        assert_eq!(named("It is GOOD.", &LEVELS), Some("good"));
        assert_eq!(named("goodness", &LEVELS), None);
    }
}
