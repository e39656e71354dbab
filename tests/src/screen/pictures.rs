//! Pictures in what a terminal was sent, decoded back into pixels.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{Rgba, RgbaImage};
use std::collections::HashMap;

/// A picture of kitty's protocol.
#[derive(Debug, Clone)]
pub struct Kitty {
    /// Its number.
    pub id: u32,
    /// Its size in cells, where it is shown by placeholders.
    pub cells: Option<(u32, u32)>,
    /// Its pixels.
    pub image: RgbaImage,
}

/// All pictures that were sent by kitty's protocol, in their order.
///
/// # Panics
/// When one is sent in a way that giqa does not use.
#[must_use]
pub fn kitty(bytes: &[u8]) -> Vec<Kitty> {
    let mut found = Vec::new();
    let (mut head, mut payload) = (HashMap::new(), String::new());
    for command in kitty_commands(bytes) {
        let (keys, data) = command.split_once(';').unwrap_or((&command, ""));
        let keys: HashMap<String, String> =
            keys.split(',').filter_map(|k| k.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        if keys.get("a").is_some_and(|a| a == "T") {
            (head, payload) = (keys.clone(), String::new());
        } else if keys.contains_key("a") {
            continue;
        }
        payload.push_str(data);
        if keys.get("m").is_some_and(|m| m == "1") {
            continue;
        }
        assert_eq!((head["f"].as_str(), head["U"].as_str()), ("32", "1"), "{head:?}");
        let number = |name: &str| head.get(name).and_then(|v| v.parse::<u32>().ok());
        let image = RgbaImage::from_raw(number("s").unwrap(), number("v").unwrap(), STANDARD.decode(&payload).unwrap())
            .unwrap();
        found.push(Kitty { id: number("i").unwrap(), cells: number("c").zip(number("r")), image });
        payload.clear();
    }
    found
}

/// What was said in kitty's protocol, without what is around it.
#[must_use]
pub fn kitty_commands(bytes: &[u8]) -> Vec<String> {
    between(bytes, b"\x1b_G")
}

/// All sixel pictures, in their order.
#[must_use]
pub fn sixels(bytes: &[u8]) -> Vec<RgbaImage> {
    let strings = between(bytes, b"\x1bP");
    strings.iter().filter_map(|s| s.split_once('q')).map(|(_, data)| sixel(data)).collect()
}

/// The strings between `start` and `ESC \`.
fn between(bytes: &[u8], start: &[u8]) -> Vec<String> {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|w| w == what);
    let (mut rest, mut found) = (bytes, Vec::new());
    while let Some(at) = find(rest, start) {
        rest = &rest[at + start.len()..];
        let Some(end) = find(rest, b"\x1b\\") else { break };
        found.push(String::from_utf8_lossy(&rest[..end]).into_owned());
        rest = &rest[end..];
    }
    found
}

/// A small sixel terminal: palette, repeats, `$` and `-`. What was not drawn can be seen through.
fn sixel(data: &str) -> RgbaImage {
    let mut image = RgbaImage::new(0, 0);
    let mut palette: HashMap<u32, [u8; 3]> = HashMap::new();
    let (mut x, mut band, mut colour, mut repeat) = (0, 0, [0; 3], 1);
    let mut chars = data.chars().peekable();
    while let Some(c) = chars.next() {
        let mut numbers = Vec::new();
        if matches!(c, '"' | '#' | '!') {
            let mut text = String::new();
            while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || *c == ';') {
                text.push(c);
            }
            numbers = text.split(';').filter_map(|n| n.parse().ok()).collect::<Vec<u32>>();
        }
        match (c, &numbers[..]) {
            ('"', [_, _, width, height]) => image = RgbaImage::new(*width, *height),
            ('#', [n]) => colour = palette[n],
            ('#', [n, 2, r, g, b]) => {
                palette.insert(*n, [r, g, b].map(|v| (v * 255 / 100) as u8));
            }
            ('!', [n]) => repeat = *n,
            ('$', _) => x = 0,
            ('-', _) => (x, band) = (0, band + 1),
            ('?'..='~', _) => {
                let bits = c as u32 - 63;
                for _ in 0..repeat {
                    for y in (0..6).filter(|y| bits >> y & 1 == 1) {
                        let [r, g, b] = colour;
                        image.put_pixel(x, band * 6 + y, Rgba([r, g, b, 255]));
                    }
                    x += 1;
                }
                repeat = 1;
            }
            _ => panic!("{c:?} {numbers:?} in sixels"),
        }
    }
    image
}
