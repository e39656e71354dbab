//! Words, and what is made of what a terminal says.

use super::*;

#[test]
fn words_and_protocols_are_the_same() {
    assert_eq!(Display::named("auto"), Ok(None));
    for word in PROTOCOLS.into_iter().skip(1) {
        let protocol = Display::named(word).unwrap().unwrap();
        assert_eq!(protocol.name(), word);
        assert_eq!(serde_json::to_string(&protocol).unwrap(), format!("{word:?}"));
    }
    assert!(Display::named("sixels").unwrap_err().contains("kitty, sixel"));
}

#[test]
fn nothing_is_asked_where_nothing_need_be_known() {
    let long = Duration::from_secs(600);
    let off = Display::detect(Some(Protocol::Off), None, long).0;
    assert_eq!(off, Display { protocol: Protocol::Off, cell: (10, 20) });
    let blocks = Display::detect(Some(Protocol::Halfblocks), Some((0, 9)), long).0;
    assert_eq!((blocks.cell, blocks.unit()), ((10, 20), (1, 2)));
    let sixel = Display::detect(Some(Protocol::Sixel), Some((8, 17)), long).0;
    assert_eq!((sixel.protocol, sixel.unit()), (Protocol::Sixel, (8, 17)));
}

#[test]
fn what_is_wanted_wins_and_silence_means_half_blocks() {
    let nothing = Answers::default();
    assert_eq!(Display::chosen(&nothing, None, None, false), Display::default());
    let both = Answers { kitty: true, sixel: true, ..Answers::default() };
    assert_eq!(Display::chosen(&both, None, None, false).protocol, Protocol::Kitty);
    let sixel = Answers { sixel: true, ..Answers::default() };
    assert_eq!(Display::chosen(&sixel, None, None, false).protocol, Protocol::Sixel);
    assert_eq!(Display::chosen(&sixel, None, None, true).protocol, Protocol::Halfblocks);
    let found = Display::chosen(&both, Some(Protocol::Iterm2), Some((7, 15)), true);
    assert_eq!(found, Display { protocol: Protocol::Iterm2, cell: (7, 15) });
}
