//! A small tree over quick-xml, bounded in depth and size, for the formats that are packed XML.

use base::Result;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Deeper nesting is not met in real documents; it would only serve to exhaust the stack.
const MAX_DEPTH: usize = 200;
const MAX_NODES: usize = 3_000_000;

#[derive(Debug, Default)]
pub(super) struct Node {
    /// Without its prefix.
    pub(super) name: String,
    /// Names as written, with their prefix.
    attributes: Vec<(String, String)>,
    children: Vec<Child>,
}

#[derive(Debug)]
enum Child {
    Node(Node),
    Text(String),
}

impl Node {
    /// An attribute by its name without prefix.
    pub(super) fn attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k.rsplit(':').next() == Some(name)).map(|(_, v)| v.as_str())
    }

    /// An attribute by its name, only with a prefix: `r:id` beside `id`.
    pub(super) fn prefixed_attr(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(k, _)| k.split_once(':').is_some_and(|(_, l)| l == name)).map(|(_, v)| v.as_str())
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.children.iter().filter_map(|c| match c {
            Child::Node(n) => Some(n),
            Child::Text(_) => None,
        })
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.nodes().find(|n| n.name == name)
    }

    /// Follows child names downwards.
    pub(super) fn path(&self, names: &[&str]) -> Option<&Node> {
        names.iter().try_fold(self, |node, name| node.child(name))
    }

    /// Every descendant of this name, in order, not looking inside of those found.
    pub(super) fn all<'a>(&'a self, name: &str) -> Vec<&'a Node> {
        fn gather<'a>(node: &'a Node, name: &str, out: &mut Vec<&'a Node>) {
            for child in node.nodes() {
                if child.name == name { out.push(child) } else { gather(child, name, out) }
            }
        }
        let mut out = Vec::new();
        gather(self, name, &mut out);
        out
    }

    /// All text inside.
    pub(super) fn text(&self) -> String {
        fn gather(node: &Node, out: &mut String) {
            for child in &node.children {
                match child {
                    Child::Text(t) => out.push_str(t),
                    Child::Node(n) => gather(n, out),
                }
            }
        }
        let mut out = String::new();
        gather(self, &mut out);
        out
    }

    /// Whether a switch such as `<w:b/>` or `<w:b w:val="0"/>` is on; nothing when it is not there.
    pub(super) fn switch(&self, name: &str) -> Option<bool> {
        let node = self.child(name)?;
        Some(!matches!(node.attr("val"), Some("0" | "false" | "off" | "none")))
    }
}

/// The whole document as a tree.
pub(super) fn tree(xml: &str) -> Result<Node> {
    let mut reader = reader(xml);
    let mut left = MAX_NODES;
    loop {
        match reader.read_event().map_err(|e| super::damaged().with_cause(e))? {
            Event::Start(start) => return read(&mut reader, node(&start), &mut left, 0),
            Event::Empty(start) => return Ok(node(&start)),
            Event::Eof => return Err(super::damaged()),
            _ => {}
        }
    }
}

/// Calls `f` with each outermost element of these names, one after the other, without holding them all.
pub(super) fn each(xml: &str, names: &[&str], mut f: impl FnMut(Node) -> Result<()>) -> Result<()> {
    let mut reader = reader(xml);
    let mut left = MAX_NODES;
    loop {
        match reader.read_event().map_err(|e| super::damaged().with_cause(e))? {
            Event::Start(start) if names.contains(&start.local_name().as_ref()) => {
                let found = read(&mut reader, node(&start), &mut left, 0)?;
                f(found)?;
            }
            Event::Empty(start) if names.contains(&start.local_name().as_ref()) => f(node(&start))?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn reader(xml: &str) -> Reader<&[u8]> {
    Reader::from_str(xml.trim_start_matches('\u{feff}'))
}

fn node(start: &BytesStart<'_>) -> Node {
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|a| {
            let raw: &str = a.value.as_ref();
            let value = quick_xml::escape::unescape(raw).map(|v| v.into_owned()).unwrap_or_else(|_| raw.to_string());
            (a.key.as_ref().to_string(), value)
        })
        .collect();
    Node { name: start.local_name().as_ref().to_string(), attributes, children: Vec::new() }
}

fn read(reader: &mut Reader<&[u8]>, mut into: Node, left: &mut usize, depth: usize) -> Result<Node> {
    if depth > MAX_DEPTH {
        return Err(super::damaged());
    }
    loop {
        *left = left.checked_sub(1).ok_or_else(super::too_much_inside)?;
        match reader.read_event().map_err(|e| super::damaged().with_cause(e))? {
            Event::Start(start) => {
                let child = read(reader, node(&start), left, depth + 1)?;
                into.children.push(Child::Node(child));
            }
            Event::Empty(start) => into.children.push(Child::Node(node(&start))),
            Event::End(_) => return Ok(into),
            Event::Text(text) => add(&mut into, &text),
            Event::CData(text) => add(&mut into, &text),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => add(&mut into, c.encode_utf8(&mut [0; 4])),
                _ => add(
                    &mut into,
                    match &*reference {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        "apos" => "'",
                        _ => "",
                    },
                ),
            },
            Event::Eof => return Err(super::damaged()),
            _ => {}
        }
    }
}

fn add(into: &mut Node, text: &str) {
    match into.children.last_mut() {
        Some(Child::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => into.children.push(Child::Text(text.to_string())),
    }
}
