//! The answers that a question itself gives to choose from.

use crate::text::{Dialect, ParseOptions, parse};

/// Answers to weigh against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// What they are called.
    pub names: Vec<String>,
    /// What a model would begin its answer with, in the same order.
    pub spoken: Vec<String>,
}

impl Choices {
    /// What a question lets choose from: lettered answers (`A. sky B. tree`), the words around its last "or" (`sharp or
    /// blurry?`), or yes and no. `None` for questions that are answered freely. Boxes in the question are passed over.
    #[must_use]
    pub fn of(question: &str) -> Option<Self> {
        let options = ParseOptions { dialect: Dialect::Giqa, ..ParseOptions::default() };
        let plain = parse(question, &options).text.text;
        lettered(&plain).or_else(|| alternatives(&plain)).or_else(|| yes_no(&plain))
    }

    /// Whether yes or no is the answer.
    #[must_use]
    pub fn is_yes_no(&self) -> bool {
        self.names == YES_NO
    }
}

const YES_NO: [&str; 2] = ["yes", "no"];

/// `A. one B. two`, `(A) one (B) two`, or with `A)` or `A:`, in one line or several. The letters are weighed: they are equally
/// long.
fn lettered(question: &str) -> Option<Choices> {
    // The marks in order: where each begins and where its answer does.
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let mut letters = 'A'..='Z';
    let mut next = letters.next();
    let starts = question.char_indices().map(|c| c.0);
    for at in starts.filter(|at| *at == 0 || question[..*at].ends_with(char::is_whitespace)) {
        let word = question[at..].split_whitespace().next().unwrap_or_default();
        let bare = word.trim_start_matches('(').trim_end_matches(['.', ')', ':']);
        if bare.len() < word.len() && bare.chars().next() == next && bare.len() == 1 {
            marks.push((at, at + word.len()));
            next = letters.next();
        }
    }
    let ends = marks.iter().skip(1).map(|mark| mark.0).chain([question.len()]);
    // An instruction may follow the last answer, in a line of its own.
    let answer = |(mark, end): (&(usize, usize), usize)| {
        question[mark.1..end].trim().lines().next().map(|line| line.trim_end_matches([',', ';', '.', '?']).to_owned())
    };
    let names: Vec<String> = marks.iter().zip(ends).filter_map(answer).filter(|name| !name.is_empty()).collect();
    let spoken = ('A'..='Z').take(names.len()).map(String::from).collect();
    (names.len() >= 2 && names.len() == marks.len()).then_some(Choices { names, spoken })
}

/// `sharp or blurry?`, `sharp, soft or blurry?`: single words at the end of the question.
fn alternatives(question: &str) -> Option<Choices> {
    let (before, last) = question.trim().strip_suffix('?')?.rsplit_once(" or ")?;
    let before = before.trim_end_matches(',');
    let mut names = vec![word(last)?];
    for (n, part) in before.rsplit(", ").enumerate() {
        // The first of them ends the words before it: "Is it sharp".
        let single = part.rsplit(' ').next().and_then(word)?;
        names.push(single);
        if part.contains(' ') || n == 8 {
            break;
        }
    }
    names.reverse();
    (names.last().is_some_and(|last| last != "not")).then(|| Choices { spoken: capitalised(&names), names })
}

fn word(text: &str) -> Option<String> {
    let text = text.trim();
    let good = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-');
    good.then(|| text.to_lowercase())
}

/// By the first word of the question.
fn yes_no(question: &str) -> Option<Choices> {
    const VERBS: [&str; 22] = [
        "is", "are", "was", "were", "am", "do", "does", "did", "can", "could", "has", "have", "had", "will", "would",
        "should", "may", "might", "must", "isn't", "aren't", "doesn't",
    ];
    let words: Vec<String> = question.split_whitespace().map(str::to_lowercase).collect();
    let asked = words.first().is_some_and(|first| VERBS.contains(&first.as_str()));
    // "Is the sky or the sea too dark?" is answered by one of its words.
    let other = words.windows(2).any(|pair| pair[0] == "or" && !pair[1].starts_with("not"));
    let names = YES_NO.map(str::to_owned).to_vec();
    (asked && !other).then(|| Choices { spoken: capitalised(&names), names })
}

/// As an answer begins.
fn capitalised(words: &[String]) -> Vec<String> {
    let one = |word: &String| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    };
    words.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(question: &str) -> Vec<String> {
        Choices::of(question).map(|c| c.names).unwrap_or_default()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_question(question in "([A-C][.)]|\\(A\\)| or |[?,; \n]|is |é|[a-zA-Z]){0,12}") {
            if let Some(Choices { names, spoken }) = Choices::of(&question) {
                prop_assert!(names.len() >= 2 && names.len() == spoken.len());
                prop_assert!(names.iter().chain(&spoken).all(|text| !text.trim().is_empty()), "{:?} {:?}", names, spoken);
            }
        }
    }

    #[test]
    fn yes_or_no() {
        for question in ["Is the sky clear?", "is it sharp or not?", "Does the [dog](<0, 139>) look sharp?"] {
            assert_eq!(names(question), ["yes", "no"], "{question}");
        }
        for free in ["What is it?", "Is the sky or the sea too dark?", "", "Why?", "Is it too dark or too bright?"] {
            assert_eq!(Choices::of(free), None, "{free}");
        }
        let sharp = Choices::of("Is it sharp?").unwrap();
        assert!(sharp.is_yes_no() && sharp.spoken == ["Yes", "No"]);
    }

    #[test]
    fn words_around_or() {
        assert_eq!(names("Is it sharp or blurry?"), ["sharp", "blurry"]);
        assert!(!Choices::of("Is it sharp or blurry?").unwrap().is_yes_no());
        assert_eq!(names("Is it dark, well-lit, or Bright?"), ["dark", "well-lit", "bright"]);
        assert_eq!(Choices::of("Is it sharp or blurry?").unwrap().spoken, ["Sharp", "Blurry"]);
    }

    #[test]
    fn letters() {
        let lines = "Which is blurred?\nA. the sky\nB. the [tree](<1, 22>)\nC. none\nAnswer with the option's letter.";
        assert_eq!(names(lines), ["the sky", "the tree", "none"]);
        assert_eq!(Choices::of(lines).unwrap().spoken, ["A", "B", "C"]);
        assert_eq!(names("Which? (A) sky (B) tree"), ["sky", "tree"]);
        assert_eq!(names("How is it: A) sharp, B) blurred?"), ["sharp", "blurred"]);
        for none in ["A. one", "Is A. Smith in it?", "What? A. B.", "B. one A. two"] {
            assert!(Choices::of(none).is_none_or(|c| c.spoken[0] != "A"), "{none}");
        }
    }
}
