//! The bytes that a terminal receives, decoded back into the picture that was burnt.

use super::super::display::Protocol;
use super::super::frame::{Frame, encode};
use super::super::scene::Zoom;
use super::{burnt, display, marks, photo};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use giqa_engine::overlay::Canvas;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::collections::HashMap;

/// 213 x 151 pixels: neither side is whole cells; 22 x 8 of 10 x 20.
fn made(protocol: Protocol, tmux: bool) -> (Canvas, Frame) {
    let display = display(protocol);
    let (canvas, layout) = burnt(&photo(213, 151), (22, 8), &display, Zoom::Times(1.0), &marks());
    let frame = encode(&canvas, &layout, &display, tmux).unwrap();
    (canvas, frame)
}

/// What is sent when a frame is drawn so many times at this place.
fn sent(frame: &Frame, times: usize) -> String {
    let screen = Rect::new(0, 0, 40, 12);
    let mut bytes = Vec::new();
    let options = TerminalOptions { viewport: Viewport::Fixed(screen) };
    let mut terminal = Terminal::with_options(CrosstermBackend::new(&mut bytes), options).unwrap();
    for _ in 0..times {
        terminal.draw(|f| frame.draw(Rect::new(3, 2, 30, 9), f.buffer_mut())).unwrap();
    }
    drop(terminal);
    String::from_utf8(bytes).unwrap()
}

/// The picture at the top left of larger pixels, the rest of which can be seen through.
fn assert_shows(canvas: &Canvas, width: u32, rgba: &[u8]) {
    for (i, pixel) in rgba.chunks_exact(4).enumerate() {
        let (x, y) = (i as u32 % width, i as u32 / width);
        if x < canvas.width() && y < canvas.height() {
            let at = 3 * (y * canvas.width() + x) as usize;
            assert_eq!((&pixel[..3], pixel[3]), (&canvas.pixels()[at..at + 3], 255), "at {x}, {y}");
        } else {
            assert_eq!(pixel[3], 0, "at {x}, {y}");
        }
    }
}

#[test]
fn kitty_gets_the_picture_once_and_placeholders_where_it_is() {
    let (canvas, frame) = made(Protocol::Kitty, false);
    let stream = sent(&frame, 3);
    let mut head = HashMap::new();
    let mut payload = String::new();
    for (n, chunk) in stream.split("\x1b_G").skip(1).enumerate() {
        let (keys, rest) = chunk.split_once(';').unwrap();
        let data = rest.split_once("\x1b\\").unwrap().0;
        assert!(data.len() <= 4096);
        if n == 0 {
            head = keys.split(',').map(|k| k.split_once('=').unwrap()).collect();
        }
        payload.push_str(data);
    }
    assert_eq!((head["a"], head["f"], head["U"], head["s"], head["v"]), ("T", "32", "1", "220", "160"));
    let rgba = STANDARD.decode(&payload).unwrap();
    assert_eq!(rgba.len(), 220 * 160 * 4, "sent once");
    assert_shows(&canvas, 220, &rgba);
    assert_eq!(frame.placement.cells, (22, 8));
    let cells = stream.matches('\u{10EEEE}').count();
    // Once more where the first cell no longer carries the picture.
    assert_eq!(cells, 22 * 8 + 1);
}

#[test]
fn kitty_is_told_to_forget() {
    let (_, frame) = made(Protocol::Kitty, false);
    let stream = sent(&frame, 1);
    let id: u32 = stream.split_once(",i=").unwrap().1.split_once(',').unwrap().0.parse().unwrap();
    let bye = display(Protocol::Kitty).farewell();
    let (first, last) = bye.split_once("d=R,x=").unwrap().1.split_once(",q=2").unwrap().0.split_once(",y=").unwrap();
    assert!((first.parse().unwrap()..=last.parse().unwrap()).contains(&id), "{id} {bye:?}");
    assert_eq!(display(Protocol::Sixel).farewell(), "");
}

#[test]
fn pictures_are_wrapped_for_tmux() {
    for protocol in [Protocol::Kitty, Protocol::Sixel, Protocol::Iterm2] {
        let (_, frame) = made(protocol, true);
        assert!(sent(&frame, 1).contains("\x1bPtmux;\x1b\x1b"), "{protocol:?}");
    }
}

#[test]
fn iterm2_gets_the_picture_as_a_png() {
    let (canvas, frame) = made(Protocol::Iterm2, false);
    let stream = sent(&frame, 2);
    assert_eq!(stream.matches("\x1b]1337;File=").count(), 1);
    let (keys, rest) = stream.split_once("\x1b]1337;File=").unwrap().1.split_once(':').unwrap();
    assert!(keys.contains("width=220px;height=160px"), "{keys}");
    let png = STANDARD.decode(rest.split_once('\x07').unwrap().0).unwrap();
    let image = image::load_from_memory(&png).unwrap().to_rgba8();
    assert_shows(&canvas, image.width(), image.as_raw());
}

/// A small sixel terminal: palette, repeats, `$` and `-`. `None` where nothing was drawn.
fn sixels(data: &str, width: usize, height: usize) -> Vec<Option<[u8; 3]>> {
    let mut pixels = vec![None; width * height];
    let mut palette: HashMap<usize, [u8; 3]> = HashMap::new();
    let (mut x, mut band, mut colour) = (0, 0, [0; 3]);
    let mut chars = data.chars().peekable();
    let numbers = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut text = String::new();
        while let Some(c) = chars.next_if(|c| c.is_ascii_digit() || *c == ';') {
            text.push(c);
        }
        text.split(';').filter_map(|n| n.parse().ok()).collect::<Vec<usize>>()
    };
    let mut repeat = 1;
    while let Some(c) = chars.next() {
        match c {
            '"' => assert_eq!(numbers(&mut chars), [1, 1, width, height]),
            '#' => match numbers(&mut chars)[..] {
                [n] => colour = palette[&n],
                [n, 2, r, g, b] => {
                    palette.insert(n, [r, g, b].map(|v| (v * 255 / 100) as u8));
                }
                ref other => panic!("{other:?}"),
            },
            '!' => repeat = numbers(&mut chars)[0],
            '$' => x = 0,
            '-' => (x, band) = (0, band + 1),
            '?'..='~' => {
                let bits = c as usize - 63;
                for _ in 0..repeat {
                    for y in (0..6).filter(|y| bits >> y & 1 == 1) {
                        pixels[(band * 6 + y) * width + x] = Some(colour);
                    }
                    x += 1;
                }
                repeat = 1;
            }
            other => panic!("{other:?} in sixels"),
        }
    }
    pixels
}

#[test]
fn sixels_show_the_picture_in_few_colours() {
    let (canvas, frame) = made(Protocol::Sixel, false);
    let stream = sent(&frame, 2);
    assert_eq!(stream.matches("\x1bP").count(), 1);
    let (_, rest) = stream.split_once("\x1bP").unwrap().1.split_once('q').unwrap();
    let pixels = sixels(rest.split_once("\x1b\\").unwrap().0, 220, 160);
    let mut off = 0.0;
    for (i, pixel) in pixels.iter().enumerate() {
        let (x, y) = (i as u32 % 220, i as u32 / 220);
        if x < canvas.width() && y < canvas.height() {
            let at = 3 * (y * canvas.width() + x) as usize;
            let pixel = pixel.unwrap();
            let each = canvas.pixels()[at..at + 3].iter().zip(pixel).map(|(a, b)| f64::from(a.abs_diff(b)));
            off += each.sum::<f64>() / 3.0;
        } else {
            assert!(pixel.is_none(), "at {x}, {y}");
        }
    }
    let off = off / f64::from(canvas.width() * canvas.height());
    assert!(off < 6.0, "the mean error of a channel is {off}");
}

#[test]
fn half_blocks_are_two_pixels_of_the_picture() {
    let display = display(Protocol::Halfblocks);
    let (canvas, layout) = burnt(&photo(60, 40), (60, 20), &display, Zoom::Fit, &marks());
    assert_eq!(layout.placement.cells, (60, 20));
    let frame = encode(&canvas, &layout, &display, false).unwrap();
    let area = Rect::new(0, 0, 70, 30);
    let mut buffer = Buffer::empty(area);
    frame.draw(Rect::new(5, 3, 65, 27), &mut buffer);
    let pixel = |x: u16, y: u16| {
        let at = 3 * (u32::from(y) * canvas.width() + u32::from(x)) as usize;
        Color::Rgb(canvas.pixels()[at], canvas.pixels()[at + 1], canvas.pixels()[at + 2])
    };
    for (x, y) in (0..60).flat_map(|x| (0..20).map(move |y| (x, y))) {
        let cell = &buffer[(x + 5, y + 3)];
        let (upper, lower) = match cell.symbol() {
            "▀" => (cell.fg, cell.bg),
            "▄" => (cell.bg, cell.fg),
            " " => (cell.bg, cell.bg),
            other => panic!("{other:?}"),
        };
        assert_eq!((upper, lower), (pixel(x, 2 * y), pixel(x, 2 * y + 1)), "at {x}, {y}");
    }
    assert_eq!(buffer[(4, 3)], Buffer::empty(area)[(0, 0)]);
}

#[test]
fn frames_keep_to_areas_that_are_too_small() {
    for protocol in [Protocol::Halfblocks, Protocol::Kitty, Protocol::Sixel, Protocol::Iterm2] {
        let display = display(protocol);
        let (canvas, layout) = burnt(&photo(200, 200), (20, 10), &display, Zoom::Fit, &marks());
        let frame = encode(&canvas, &layout, &display, false).unwrap();
        assert!(frame.bytes() > 1000);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 12));
        let area = Rect::new(2, 2, 40, 4);
        frame.draw(area, &mut buffer);
        let untouched = Buffer::empty(buffer.area);
        let inside = area.intersection(buffer.area);
        let cut = matches!(protocol, Protocol::Halfblocks | Protocol::Kitty);
        for position in buffer.area.positions() {
            let drawn = buffer[position] != untouched[position];
            assert_eq!(drawn, cut && inside.contains(position), "{protocol:?} at {position}");
        }
        frame.draw(Rect::new(500, 500, 3, 3), &mut buffer);
        frame.draw(Rect::ZERO, &mut buffer);
        Frame::blank(frame.placement).draw(area, &mut buffer);
    }
}
