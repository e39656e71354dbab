//! XMP: rating, label, keywords and description for other programs (Adobe, "XMP Specification Part 1", 2012).
//!
//! A sidecar that is there keeps every byte that is not ours: only the properties that we wrote before are taken out, and
//! ours are put in at the end of its first description. What a person or another program set stays: we rate, label and
//! describe only where nobody else did, and say in properties of our own what we wrote.

use super::command::word;
use giqa_core::{Decision, Report};
use quick_xml::escape::{escape, unescape};
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use std::ops::Range;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const DC: &str = "http://purl.org/dc/elements/1.1/";
const GIQA: &str = "https://giqa.dev/ns/1.0/";
/// What begins our keywords.
const OURS: &str = "giqa|";

/// Something that is said in a description.
#[derive(Debug)]
struct Property {
    space: String,
    name: String,
    /// Where it stands, with the space before it when it is an attribute.
    place: Range<usize>,
    /// Its text, or its items.
    values: Vec<String>,
}

/// The first description of a sidecar.
#[derive(Debug, Default)]
struct Found {
    properties: Vec<Property>,
    /// Where its children end.
    end: usize,
    /// For `<rdf:Description .../>`: its name and where its `/` stands.
    closed: Option<(String, usize)>,
}

/// The sidecar's new text.
///
/// # Errors
/// In words, when what is there is no XMP.
pub(super) fn merged(before: Option<&str>, report: &Report) -> Result<String, String> {
    let Some(text) = before else { return Ok(fresh(report)) };
    let found = read(text)?;
    let mut out = text.to_owned();
    let mut ours = String::new();
    let wrote = |name: &str| found.value(GIQA, name);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut remove = |p: &Property| edits.push((p.place.clone(), String::new()));
    found.properties.iter().filter(|p| p.space == GIQA).for_each(&mut remove);
    for (space, name, value) in values(report) {
        let theirs = found.property(space, name);
        // What is there is ours when it is what we wrote.
        let mine = theirs.is_none_or(|p| p.values.first().map(String::as_str) == wrote(name));
        if mine {
            theirs.into_iter().for_each(&mut remove);
            ours += &property(space, name, &value);
        }
    }
    let kept = found.property(DC, "subject");
    let mut keywords: Vec<String> =
        kept.map_or_else(Vec::new, |p| p.values.iter().filter(|k| !k.starts_with(OURS)).cloned().collect());
    keywords.extend(self::keywords(report));
    kept.into_iter().for_each(&mut remove);
    ours += &subject(&keywords);
    ours += &own(report);
    match &found.closed {
        Some((name, slash)) => edits.push((*slash..found.end, format!(">{ours}\n</{name}>"))),
        None => edits.push((found.end..found.end, format!("{ours}\n"))),
    }
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    for (place, new) in edits {
        out.replace_range(place, &new);
    }
    Ok(out)
}

impl Found {
    fn property(&self, space: &str, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.space == space && p.name == name)
    }

    fn value(&self, space: &str, name: &str) -> Option<&str> {
        self.property(space, name)?.values.first().map(String::as_str)
    }
}

fn fresh(report: &Report) -> String {
    let said: String = values(report).into_iter().map(|(space, name, value)| property(space, name, &value)).collect();
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n\
         <rdf:RDF xmlns:rdf=\"{RDF}\">\n<rdf:Description rdf:about=\"\">{said}{}{}\n</rdf:Description>\n</rdf:RDF>\n\
         </x:xmpmeta>\n<?xpacket end=\"w\"?>\n",
        subject(&keywords(report)),
        own(report)
    )
}

fn decision(report: &Report) -> Option<Decision> {
    report.verdict.as_ref().map(|v| v.decision)
}

/// The rating (1 to 5 by the score, -1 = rejected), the label and the description.
fn values(report: &Report) -> Vec<(&'static str, &'static str, String)> {
    let stars = (1.0 + report.quality.score / 20.0).floor().clamp(1.0, 5.0);
    let (rating, label) = match decision(report) {
        Some(Decision::Reject) => ("-1".to_owned(), "Red"),
        Some(Decision::Review) => (stars.to_string(), "Yellow"),
        _ => (stars.to_string(), "Green"),
    };
    let text = report.description.as_ref().map(|d| d.text.clone());
    let mut all = vec![(XMP, "Rating", rating), (XMP, "Label", label.to_owned())];
    all.extend(text.map(|t| (DC, "description", t)));
    all
}

fn keywords(report: &Report) -> Vec<String> {
    let mut all: Vec<String> = report.findings.iter().map(|f| format!("{OURS}{}", f.attribute.name())).collect();
    all.push(format!("{OURS}{}", report.quality.level.name()));
    all.sort();
    all.dedup();
    all
}

fn property(space: &str, name: &str, value: &str) -> String {
    let value = text(value);
    if space == DC {
        return format!(
            "\n<dc:{name} xmlns:dc=\"{DC}\"><r:Alt xmlns:r=\"{RDF}\"><r:li xml:lang=\"x-default\">{value}</r:li></r:Alt></dc:{name}>"
        );
    }
    format!("\n<xmp:{name} xmlns:xmp=\"{XMP}\">{value}</xmp:{name}>")
}

fn subject(keywords: &[String]) -> String {
    let items: String = keywords.iter().map(|k| format!("<r:li>{}</r:li>", text(k))).collect();
    format!("\n<dc:subject xmlns:dc=\"{DC}\"><r:Bag xmlns:r=\"{RDF}\">{items}</r:Bag></dc:subject>")
}

/// What only we say, and what we wrote into properties of others.
fn own(report: &Report) -> String {
    let said = values(report);
    let mut all: Vec<(&str, String)> = said.into_iter().map(|(_, name, value)| (name, value)).collect();
    all.push(("Score", format!("{:.1}", report.quality.score)));
    all.push(("Level", report.quality.level.name().to_owned()));
    if let Some(verdict) = &report.verdict {
        all.push(("Verdict", word(Some(verdict.decision)).to_owned()));
        all.push(("Rules", verdict.rules.join("; ")));
    }
    let one =
        |(name, value): &(&str, String)| format!("\n<giqa:{name} xmlns:giqa=\"{GIQA}\">{}</giqa:{name}>", text(value));
    all.iter().map(one).collect()
}

/// Escaped, without what XML can't hold.
fn text(value: &str) -> String {
    let clean: String = value.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { ' ' } else { c }).collect();
    escape(clean).into_owned()
}

fn read(text: &str) -> Result<Found, String> {
    let broken = |e: &dyn std::fmt::Display| format!("it can't be read as XMP: {e}");
    let mut reader = NsReader::from_str(text);
    let mut path: Vec<(String, String)> = Vec::new();
    let mut found: Option<Found> = None;
    let (mut depth, mut started, mut items, mut content) = (0, 0, Vec::new(), String::new());
    loop {
        let before = reader.buffer_position() as usize;
        let event = reader.read_event().map_err(|e| broken(&e))?;
        let after = reader.buffer_position() as usize;
        match event {
            Event::Start(start) => {
                let name = resolved(&reader, &start);
                if found.is_none() && is_description(&path, &name) {
                    found = Some(Found { properties: attributes(&reader, &start, before, text)?, ..Found::default() });
                    depth = path.len() + 1;
                } else if path.len() == depth && depth > 0 {
                    (started, items, content) = (before, Vec::new(), String::new());
                }
                if name.1 == "li" {
                    content.clear();
                }
                path.push(name);
            }
            Event::Empty(start) => {
                let name = resolved(&reader, &start);
                if found.is_none() && is_description(&path, &name) {
                    let own_name = start.name().as_ref().to_owned();
                    let slash = text[before..after].rfind('/').map_or(after, |i| before + i);
                    let properties = attributes(&reader, &start, before, text)?;
                    found = Some(Found { properties, end: after, closed: Some((own_name, slash)) });
                } else if let Some(found) = found.as_mut().filter(|_| path.len() == depth && depth > 0) {
                    let (space, name) = name;
                    found.properties.push(Property { space, name, place: before..after, values: Vec::new() });
                }
            }
            Event::End(_) => {
                let name = path.pop().unwrap_or_default();
                if name.1 == "li" {
                    items.push(std::mem::take(&mut content));
                }
                if let Some(found) = found.as_mut().filter(|_| depth > 0) {
                    if path.len() == depth {
                        let values =
                            if items.is_empty() { vec![content.trim().to_owned()] } else { std::mem::take(&mut items) };
                        let (space, name) = name;
                        found.properties.push(Property { space, name, place: started..after, values });
                    } else if path.len() + 1 == depth {
                        found.end = before;
                        depth = 0;
                    }
                }
            }
            Event::Text(said) => content += &said,
            Event::CData(said) => content += &said,
            Event::GeneralRef(said) => {
                let reference = format!("&{};", &*said);
                content += &unescape(&reference).map_err(|e| broken(&e))?;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !path.is_empty() {
        return Err(broken(&"it ends too early"));
    }
    found.ok_or_else(|| broken(&"there is no rdf:Description in it"))
}

fn is_description(path: &[(String, String)], name: &(String, String)) -> bool {
    let is = |n: &(String, String), local: &str| n.0 == RDF && n.1 == local;
    is(name, "Description") && path.last().is_some_and(|parent| is(parent, "RDF"))
}

fn resolved(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> (String, String) {
    let (space, local) = reader.resolver().resolve_element(start.name());
    (space_of(&space), local.as_ref().to_owned())
}

fn space_of(space: &ResolveResult<'_>) -> String {
    match space {
        ResolveResult::Bound(space) => space.as_ref().to_owned(),
        _ => String::new(),
    }
}

/// Simple properties may be written as attributes.
fn attributes(
    reader: &NsReader<&[u8]>,
    start: &BytesStart<'_>,
    tag: usize,
    text: &str,
) -> Result<Vec<Property>, String> {
    let mut all = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("it can't be read as XMP: {e}"))?;
        let key = attribute.key;
        if key.as_namespace_binding().is_some() {
            continue;
        }
        let (space, local) = reader.resolver().resolve_attribute(key);
        let raw = attribute.value.into_owned();
        // Where it stands: its name, after a space, before `=`.
        let name = key.as_ref().to_owned();
        let Some(place) = standing(text, tag, &name) else { continue };
        all.push(Property {
            space: space_of(&space),
            name: local.as_ref().to_owned(),
            place,
            values: vec![unescape(&raw).map_or(raw.clone(), std::borrow::Cow::into_owned)],
        });
    }
    Ok(all)
}

/// The place of ` name = "value"` in a tag, quotes minded.
fn standing(text: &str, tag: usize, name: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = tag;
    loop {
        let space = at + bytes.get(at..)?.iter().position(u8::is_ascii_whitespace)?;
        let begin = space + bytes.get(space..)?.iter().position(|b| !b.is_ascii_whitespace())?;
        let equals = begin + bytes.get(begin..)?.iter().position(|b| *b == b'=')?;
        let open = equals + bytes.get(equals..)?.iter().position(|b| matches!(b, b'"' | b'\''))?;
        let close = open + 1 + bytes.get(open + 1..)?.iter().position(|b| *b == bytes[open])?;
        if text.get(begin..equals)?.trim() == name {
            return Some(space..close + 1);
        }
        at = close + 1;
    }
}
