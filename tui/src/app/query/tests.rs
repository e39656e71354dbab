use super::*;
use crate::app::fixtures::{FOLDER, bare, batch, faulty, row, rows};
use crate::app::model::rows::{Rows, Table};
use giqa_core::{Attribute, Decision, Level};
use giqa_watch::store::{Row, State};
use proptest::prelude::*;
use std::collections::HashSet;
use std::path::Path;

const NONE: [i64; 0] = [];

fn table(rows: Vec<Row>) -> Rows {
    let mut table = Table::default();
    table.take(batch(rows));
    table.rows
}

fn listed(rows: &Rows, typed: &str, sort: Sort, reversed: bool) -> Vec<i64> {
    let request = Request { rows: rows.clone(), query: Query::parse(typed), sort, reversed, bursts: None };
    ids(rows, &run(&request))
}

fn ids(rows: &Rows, entries: &[Entry]) -> Vec<i64> {
    entries.iter().map(|e| rows.get(e.row).unwrap().id).collect()
}

fn found(typed: &str) -> Vec<i64> {
    listed(&table(rows()), typed, Sort::Time, false)
}

#[test]
fn every_term_is_understood() {
    let more = |value| Bound { more: true, value };
    let less = |value| Bound { more: false, value };
    for (typed, term) in [
        ("level:Poor", Term::Level(Level::Poor)),
        ("verdict:reject", Term::Verdict(Some(Decision::Reject))),
        ("verdict:none", Term::Verdict(None)),
        ("by:hand", Term::ByHand(true)),
        ("by:rules", Term::ByHand(false)),
        ("state:failed", Term::State(State::Failed)),
        ("is:gone", Term::Gone(true)),
        ("is:there", Term::Gone(false)),
        ("is:pending", Term::Pending),
        ("fault:noise", Term::Fault(Attribute::Noise, more(0.25))),
        ("fault:noise>0.5", Term::Fault(Attribute::Noise, more(0.5))),
        ("noise<=.5", Term::Fault(Attribute::Noise, less(0.5))),
        ("score<40", Term::Score(less(40.0))),
        ("score>=40", Term::Score(more(40.0))),
        ("classic.noise>-1e1", Term::Metric("classic.noise".into(), more(-10.0))),
        ("plugin:NN", Term::Plugin("nn".into())),
        ("path:Trip/2", Term::Path("trip/2".into())),
    ] {
        assert_eq!(Query::parse(typed), Query { terms: vec![term], ..Query::default() }, "{typed}");
    }
}

#[test]
fn mistakes_are_told_with_the_nearest_word_and_the_rest_holds() {
    let typed = "level:por verdict:maybe by:feet state:dnoe is:here fault:nose fault:nois>0.5 score<4O noise>inf cat";
    let query = Query::parse(typed);
    assert_eq!((query.terms.len(), query.fuzzy.as_str()), (0, "cat"));
    insta::assert_snapshot!(query.mistakes.join("\n"));
}

#[test]
fn what_is_half_typed_hides_nothing() {
    for typed in ["level:", "verdict:", "fault:", "fault:noise>", "score<", "score<=", "sharpness>", "path:"] {
        assert_eq!(Query::parse(typed), Query::default(), "{typed}");
    }
}

#[test]
fn names_with_colons_are_names() {
    for typed in ["12:30:05.jpg", "a:", ":", "C:\\x", "<3", ">", "lev:el"] {
        assert_eq!(Query::parse(typed), Query { fuzzy: typed.into(), ..Query::default() }, "{typed}");
    }
}

#[test]
fn each_term_finds_what_it_says() {
    assert_eq!(found("level:bad"), [6]);
    assert_eq!(found("verdict:reject"), [1, 5]);
    assert_eq!(found("verdict:none"), [9, 10, 11, 12, 13, 14]);
    assert_eq!(found("by:hand"), [5, 6]);
    assert_eq!(found("state:failed"), [12]);
    assert_eq!(found("is:gone"), [13, 14]);
    assert_eq!(found("is:pending"), [1]);
    assert_eq!(found("fault:noise"), [3]);
    assert_eq!(found("fault:noise>0.5"), NONE);
    assert_eq!(found("sharpness>0.5 score<40"), [1]);
    assert_eq!(found("score>80 is:there"), [2]);
    assert_eq!(found("classic.sharpness>9"), [2]);
    assert_eq!(found("quality>0"), NONE, "a metric that nobody measured");
    assert_eq!(found("plugin:classic").len(), 10);
    assert_eq!(found("plugin:nn"), NONE);
    assert_eq!(found("path:京都"), [3]);
    assert_eq!(found("elsewhere"), [15]);
    assert_eq!(found("img 0002"), [2], "letters in their order");
    assert_eq!(found("IMG_0002"), [2]);
    assert_eq!(found("صورة"), [5]);
    assert_eq!(found("gpj"), [7]);
    assert_eq!(found("").len(), 15);
}

#[test]
fn folders_and_runs_limit_what_is_found() {
    let rows = table(rows());
    let among = |term| {
        let query = Query { terms: vec![term], ..Query::default() };
        let request = Request { rows: rows.clone(), query, sort: Sort::Time, reversed: false, bursts: None };
        ids(&rows, &run(&request))
    };
    assert_eq!(among(Term::Within("/elsewhere".into())), [15]);
    assert_eq!(among(Term::Within("/else".into())), NONE);
    assert_eq!(among(Term::Among(HashSet::from([2, 4, 99]).into())), [2, 4]);
}

#[test]
fn each_order_and_its_reverse() {
    let faults = [(Attribute::Noise, 0.9), (Attribute::Haze, 0.3), (Attribute::Colour, 0.6)];
    let mut all: Vec<Row> = (1..=3)
        .map(|id| faulty(id, ["b", "c", "a"][id as usize - 1], 10.0 * id as f32, faults[id as usize - 1]))
        .collect();
    all.push(bare(4, "d", State::Waiting));
    let rows = table(all);
    for (sort, order, reversed) in [
        (Sort::Time, [1, 2, 3, 4], [4, 3, 2, 1]),
        (Sort::Name, [3, 1, 2, 4], [4, 2, 1, 3]),
        // What has no value comes last, either way.
        (Sort::Score, [1, 2, 3, 4], [3, 2, 1, 4]),
        (Sort::Faults, [1, 3, 2, 4], [2, 3, 1, 4]),
        (Sort::Taken, [3, 2, 1, 4], [1, 2, 3, 4]),
        (Sort::Metric("classic.sharpness".into()), [1, 2, 3, 4], [3, 2, 1, 4]),
        (Sort::Metric("nobody.knows".into()), [4, 3, 2, 1], [4, 3, 2, 1]),
    ] {
        assert_eq!(listed(&rows, "", sort.clone(), false), order, "{sort:?}");
        assert_eq!(listed(&rows, "", sort.clone(), true), reversed, "{sort:?} reversed");
    }
}

#[test]
fn values_that_are_no_numbers_come_last() {
    let mut all: Vec<Row> =
        [30.0, f32::NAN, f32::INFINITY, 10.0].iter().zip(1..).map(|(s, id)| row(id, "x", *s)).collect();
    all[3].result.as_mut().unwrap().scores = [(0, f32::NAN)].into();
    let rows = table(all);
    assert_eq!(listed(&rows, "", Sort::Score, false), [4, 1, 3, 2]);
    assert_eq!(listed(&rows, "", Sort::Score, true), [3, 1, 4, 2]);
    let by_metric = Sort::Metric("classic.sharpness".into());
    assert_eq!(listed(&rows, "", by_metric.clone(), false), [1, 3, 4, 2]);
    assert_eq!(listed(&rows, "", by_metric, true), [3, 1, 4, 2]);
    assert_eq!(listed(&rows, "score<0 score>0", Sort::Score, true), NONE);
}

/// Photos 1 to 3 are a burst, 4 looks alike but was taken later, 5 lies elsewhere.
fn burst() -> Rows {
    let mut all: Vec<Row> =
        (1..=5).map(|id| row(id, &format!("{id}.jpg"), [50.0, 90.0, 90.0, 20.0, 30.0][id as usize - 1])).collect();
    for (row, (look, taken)) in all.iter_mut().zip([(0, 100), (0xFF, 101), (0xF, 103), (0xFFFF, 200), (0, 100)]) {
        let brief = row.result.as_mut().unwrap();
        (brief.look, brief.taken) = (Some(look), Some(taken));
    }
    all[4].path = "/elsewhere/5.jpg".into();
    all.push(bare(6, "6.jpg", State::Waiting));
    table(all)
}

#[test]
fn bursts_are_gathered_behind_their_best_and_opened() {
    let rows = burst();
    let gathered = |open: &[i64], typed: &str| {
        let bursts = Some(open.iter().copied().collect());
        let request =
            Request { rows: rows.clone(), query: Query::parse(typed), sort: Sort::Name, reversed: false, bursts };
        let entries = run(&request);
        let lines = ids(&rows, &entries).into_iter().zip(&entries).map(|(id, e)| (id, e.burst, e.member));
        lines.collect::<Vec<_>>()
    };
    let single = |id| (id, 0, false);
    // The first of the best leads.
    assert_eq!(gathered(&[], ""), [single(5), (2, 3, false), single(4), single(6)]);
    let open = [single(5), (2, 3, false), (1, 0, true), (3, 0, true), single(4), single(6)];
    assert_eq!(gathered(&[2], ""), open);
    assert_eq!(gathered(&[1, 99], ""), gathered(&[], ""), "only the best opens it");
    assert_eq!(
        gathered(&[], "score<80"),
        [single(5), single(1), single(4)],
        "of what is filtered out nothing is a part"
    );
}

#[test]
fn a_photo_has_its_place_among_those_of_its_folder() {
    let mut all: Vec<Row> = (1..=4).map(|id| row(id, &id.to_string(), 20.0 * id as f32)).collect();
    all.push(row(5, "nan", f32::NAN));
    all.push(bare(6, "new", State::Waiting));
    all.push(Row { path: "/elsewhere/x".into(), ..row(7, "", 1000.0) });
    let around = Population::around(&table(all), &Path::new(FOLDER).join("3"));
    let value = |name: &str, value| vec![(name.to_owned(), value)];
    let place = around.places(&value("", 60.0)).pop().unwrap();
    assert_eq!((place.below, place.others, place.column), (0.5, 4, 10));
    assert_eq!((place.histogram[0], place.histogram[15], place.histogram.iter().sum::<u32>()), (1, 1, 4));
    let beyond = around.places(&value("classic.sharpness", 100.0)).pop().unwrap();
    assert_eq!((beyond.below, beyond.column, beyond.others), (1.0, COLUMNS - 1, 4));
    assert_eq!(around.places(&value("nobody.knows", 1.0)), []);
    assert_eq!(around.places(&value("", f32::INFINITY)), []);
    assert_eq!(around.places(&value("", f32::NAN)), [], "what is no number has no place");
    let alone = Population::around(&table(vec![row(1, "a", 50.0)]), Path::new("/"));
    assert_eq!(alone.places(&value("", 50.0)).pop().map(|p| (p.below, p.others)), Some((0.0, 0)));
}

fn typed() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "\\PC{0,8}",
        "(level|verdict|by|state|is|fault|plugin|path|score|noise|classic.noise)[:<>=]{0,2}[a-z0-9.-]{0,6}",
        Just("level:bad".to_owned()),
        Just("score>40".to_owned()),
        Just("!img".to_owned()),
        Just("^img$".to_owned()),
    ];
    proptest::collection::vec(word, 0..5).prop_map(|words| words.join(" "))
}

fn order() -> impl Strategy<Value = Sort> {
    prop_oneof![
        Just(Sort::Time),
        Just(Sort::Score),
        Just(Sort::Name),
        Just(Sort::Faults),
        Just(Sort::Taken),
        Just(Sort::Metric("classic.noise".into())),
        "[a-z.]{0,5}".prop_map(Sort::Metric),
    ]
}

proptest! {
    #[test]
    fn whatever_is_typed_gives_a_part_of_all_in_some_order(typed in typed(), sort in order(), reversed: bool, bursts: bool) {
        let rows = table(rows());
        let request = |typed: &str, bursts| Request {
            rows: rows.clone(), query: Query::parse(typed), sort: sort.clone(), reversed, bursts,
        };
        let all: HashSet<i64> = rows.iter().map(|(_, r)| r.id).collect();
        let sorted = ids(&rows, &run(&request("", None)));
        prop_assert_eq!(sorted.len(), all.len());
        prop_assert_eq!(&sorted.iter().copied().collect::<HashSet<_>>(), &all);
        let found = ids(&rows, &run(&request(&typed, None)));
        // A part of all, in the same order.
        let mut rest = sorted.iter();
        prop_assert!(found.iter().all(|id| rest.any(|other| other == id)), "{:?} of {:?}", found, sorted);
        let gathered = run(&request(&typed, bursts.then(HashSet::new)));
        prop_assert!(gathered.len() <= found.len());
    }

    #[test]
    fn values_of_all_kinds_have_a_place_or_none(value in any::<f32>(), others in proptest::collection::vec(any::<f32>(), 0..6)) {
        let rows = others.iter().zip(1..).map(|(v, id)| row(id, &id.to_string(), *v)).collect();
        let around = Population::around(&table(rows), &Path::new(FOLDER).join("1"));
        for place in around.places(&[(String::new(), value)]) {
            prop_assert!(place.column < COLUMNS && (0.0..=1.0).contains(&place.below));
            prop_assert_eq!(place.histogram.iter().sum::<u32>() as usize, place.others);
        }
    }
}
