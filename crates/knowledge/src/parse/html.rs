//! Web pages: the main content in reading order, without navigation, scripts, cookie bars and hidden parts.

use scraper::node::Element;
use scraper::{ElementRef, Html, Node};

use super::draft::{Draft, fold};
use super::{shape, table};

/// Deeper nesting than this is read as flat text; browsers stop at 512 likewise.
const MAX_DEPTH: usize = 300;
const MAX_SPAN: usize = 100;
const MAX_ROWS: usize = 20_000;

/// Elements that hold nothing to read.
const SKIPPED: &[&str] = &[
    "script", "style", "noscript", "template", "nav", "footer", "aside", "button", "select", "option", "input",
    "textarea", "svg", "iframe", "object", "embed", "canvas", "video", "audio", "map", "head", "dialog", "img",
    "datalist", "progress", "rt", "rp",
];
const SKIPPED_ROLES: &[&str] =
    &["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alertdialog", "menu", "menubar"];
/// Beginnings of class names and ids that mark what surrounds the content.
const SKIPPED_NAMES: &[&str] = &[
    "cookie",
    "consent",
    "gdpr",
    "breadcrumb",
    "sidebar",
    "navbar",
    "skip-",
    "skiplink",
    "newsletter",
    "popup",
    "modal",
    "advert",
    "pagination",
    "site-header",
    "site-footer",
    "site-nav",
    "page-footer",
    "social-",
    "share-",
    "screen-reader-",
    "sr-only",
    "visually-hidden",
];
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "main",
    "header",
    "blockquote",
    "figure",
    "figcaption",
    "address",
    "form",
    "fieldset",
    "legend",
    "body",
    "html",
    "hr",
    "pre",
    "center",
    "details",
    "summary",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "li",
    "table",
    "hgroup",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
];

pub(super) fn read(text: &str) -> Draft {
    let page = Html::parse_document(text);
    let root = page.root_element();
    let mut draft = Draft::new();
    if let Some(title) = root.descendent_elements().find(|e| e.value().name() == "title") {
        draft.title = title.text().collect();
    }
    draft.language = root
        .attr("lang")
        .map(|l| l.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase())
        .filter(|l| l.len() == 2 && l.bytes().all(|b| b.is_ascii_lowercase()));
    let body = root.child_elements().find(|e| e.value().name() == "body").unwrap_or(root);
    let whole = visible_words(body);
    let content = main_content(root).filter(|m| visible_words(*m) * 4 >= whole.min(100)).unwrap_or(body);
    let mut walk = Walk { draft, whole: letters(body), ..Walk::default() };
    walk.children(content, 0);
    walk.flush();
    walk.draft
}

/// A piece of HTML inside of another format.
pub(super) fn append(draft: &mut Draft, markup: &str) {
    let fragment = Html::parse_fragment(markup);
    let mut walk = Walk { draft: std::mem::take(draft), ..Walk::default() };
    walk.children(fragment.root_element(), 0);
    walk.flush();
    *draft = walk.draft;
}

/// Addresses that a page links to, as written, and the page's own declarations about them.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) base: Option<String>,
    pub(crate) canonical: Option<String>,
    pub(crate) targets: Vec<String>,
    pub(crate) no_index: bool,
    pub(crate) no_follow: bool,
}

/// The links of a page; none when it cannot be read in time.
pub(crate) fn links(bytes: &[u8], mime: Option<&str>) -> Links {
    let charset = mime.and_then(super::decode::charset_of_mime);
    let text = super::decode::html(bytes, charset.as_deref());
    super::isolate::run(move || links_of(&text)).unwrap_or_default()
}

fn links_of(text: &str) -> Links {
    let page = Html::parse_document(text);
    let mut links = Links::default();
    for element in page.root_element().descendent_elements() {
        let has = |attribute: &str, word: &str| {
            element.attr(attribute).is_some_and(|v| v.to_ascii_lowercase().split([' ', ',']).any(|w| w == word))
        };
        match element.value().name() {
            "base" if links.base.is_none() => links.base = element.attr("href").map(str::to_string),
            "link" if has("rel", "canonical") => links.canonical = element.attr("href").map(str::to_string),
            "meta" if has("name", "robots") => {
                links.no_index |= has("content", "noindex") || has("content", "none");
                links.no_follow |= has("content", "nofollow") || has("content", "none");
            }
            "a" if !has("rel", "nofollow") => links.targets.extend(element.attr("href").map(str::to_string)),
            _ => {}
        }
    }
    links
}

fn main_content<'a>(root: ElementRef<'a>) -> Option<ElementRef<'a>> {
    let mut articles = Vec::new();
    for element in root.descendent_elements() {
        if (element.value().name() == "main" || element.attr("role") == Some("main")) && !is_hidden(element.value()) {
            return Some(element);
        }
        if element.value().name() == "article" {
            articles.push(element);
        }
    }
    match articles.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

fn visible_words(element: ElementRef<'_>) -> usize {
    element
        .descendants()
        .filter(|n| n.value().is_text())
        .filter(|n| {
            !n.ancestors().take(30).any(|a| a.value().as_element().is_some_and(|e| SKIPPED.contains(&e.name())))
        })
        .filter_map(|n| n.value().as_text().map(|t| shape::words(t)))
        .take(10_000)
        .sum()
}

fn letters(element: ElementRef<'_>) -> usize {
    element.text().map(str::len).sum()
}

fn is_hidden(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

#[derive(Default)]
struct Walk {
    draft: Draft,
    /// Letters on the page, to see when a name that marks surroundings is on the content itself.
    whole: usize,
    text: String,
    bold: usize,
    strong: usize,
    items: usize,
    quiet: usize,
}

impl Walk {
    fn skips(&self, element: ElementRef<'_>) -> bool {
        let value = element.value();
        let name = value.name();
        if SKIPPED.contains(&name) || is_hidden(value) || value.attr("role").is_some_and(|r| SKIPPED_ROLES.contains(&r))
        {
            return true;
        }
        // A page's header; that of an article holds its title.
        if name == "header" {
            let outside = !element
                .ancestors()
                .filter_map(|a| a.value().as_element().map(Element::name))
                .any(|n| matches!(n, "main" | "article" | "section"));
            return outside && !element.descendent_elements().any(|e| e.value().name() == "h1");
        }
        if matches!(name, "body" | "html" | "main" | "article" | "h1" | "h2" | "h3" | "td" | "tr" | "table") {
            return false;
        }
        let marked = value.classes().chain(value.id()).any(|c| {
            let c = c.to_ascii_lowercase();
            c == "skip" || SKIPPED_NAMES.iter().any(|n| c.starts_with(n))
        });
        marked && letters(element) * 2 < self.whole.max(1)
    }

    fn children(&mut self, element: ElementRef<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            let text: String = element.text().collect::<Vec<_>>().join(" ");
            self.text.push_str(&text);
            return;
        }
        for child in element.children() {
            match child.value() {
                Node::Text(text) => {
                    if self.strong > 0 {
                        self.bold += fold(text).len();
                    }
                    self.text.push_str(text);
                }
                Node::Element(_) => {
                    if let Some(child) = ElementRef::wrap(child)
                        && !self.skips(child)
                    {
                        self.element(child, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn element(&mut self, element: ElementRef<'_>, depth: usize) {
        let name = element.value().name();
        if BLOCKS.contains(&name) {
            self.flush();
        }
        match name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.children(element, depth);
                let level = name.as_bytes()[1] - b'0';
                let text = std::mem::take(&mut self.text);
                self.bold = 0;
                if self.quiet > 0 { self.draft.paragraph(&text) } else { self.draft.heading(level, &text) }
            }
            "br" => self.text.push('\n'),
            "wbr" => {}
            "strong" | "b" => {
                self.strong += 1;
                self.children(element, depth);
                self.strong -= 1;
            }
            "a" => self.link(element, depth),
            "li" => {
                self.items += 1;
                self.children(element, depth);
                self.flush();
                self.items -= 1;
            }
            "dl" => self.definitions(element, depth),
            "details" => self.details(element, depth),
            "table" => self.table(element, depth),
            "td" | "th" | "tr" | "caption" | "tbody" | "thead" | "tfoot" => {
                self.flush();
                self.children(element, depth);
                self.flush();
            }
            _ => self.children(element, depth),
        }
        if BLOCKS.contains(&name) {
            self.flush();
        }
    }

    /// The text of a link, and the address when it is one that a person can use.
    fn link(&mut self, element: ElementRef<'_>, depth: usize) {
        let before = self.text.len();
        self.children(element, depth);
        let href = element.attr("href").unwrap_or_default();
        let Some(address) = ["mailto:", "tel:"].iter().find_map(|p| href.strip_prefix(p)) else { return };
        let address = address.split('?').next().unwrap_or_default();
        let plain = |t: &str| t.chars().filter(|c| c.is_alphanumeric() || *c == '@').collect::<String>().to_lowercase();
        let shown = plain(self.text.get(before..).unwrap_or_default());
        // A number shown without its country code is the same number.
        let digits: String = plain(address).chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
        if !address.is_empty() && !shown.contains(&digits) {
            self.text.push_str(&format!(" ({address})"));
        }
    }

    /// What is inside, as one text.
    fn inner(&mut self, element: ElementRef<'_>, depth: usize) -> String {
        let mut inner = Walk { whole: self.whole, quiet: 1, ..Walk::default() };
        inner.children(element, depth);
        inner.flush();
        inner.draft.into_text()
    }

    fn definitions(&mut self, list: ElementRef<'_>, depth: usize) {
        let mut term = String::new();
        let mut answers: Vec<String> = Vec::new();
        let close = |walk: &mut Self, term: &str, answers: &mut Vec<String>| {
            let answer = std::mem::take(answers).join(" ");
            match (term.is_empty(), answer.is_empty()) {
                (false, false) if shape::asks(term) => walk.draft.pair(term, &answer),
                (false, false) => walk.draft.item(&format!("{}: {answer}", term.trim_end_matches(':'))),
                (false, true) => walk.draft.paragraph(term),
                (true, _) => walk.draft.paragraph(&answer),
            }
        };
        // Terms may be grouped in divs.
        for element in list.descendent_elements().filter(|e| matches!(e.value().name(), "dt" | "dd")) {
            if self.skips(element) {
                continue;
            }
            let text = fold(&self.inner(element, depth));
            if element.value().name() == "dt" {
                close(self, &term, &mut answers);
                term = text;
            } else if !text.is_empty() {
                answers.push(text);
            }
        }
        close(self, &term, &mut answers);
    }

    fn details(&mut self, element: ElementRef<'_>, depth: usize) {
        let Some(summary) = element.child_elements().find(|e| e.value().name() == "summary") else {
            return self.children(element, depth);
        };
        let head = self.inner(summary, depth);
        self.draft.weak_heading(&head);
        for child in element.children() {
            match (child.value(), ElementRef::wrap(child)) {
                (Node::Text(text), _) => self.text.push_str(text),
                (_, Some(child)) if child.value().name() != "summary" && !self.skips(child) => {
                    self.element(child, depth + 1)
                }
                _ => {}
            }
        }
        self.flush();
    }

    fn table(&mut self, element: ElementRef<'_>, depth: usize) {
        let own = |e: &ElementRef<'_>| {
            e.ancestors()
                .find_map(|a| ElementRef::wrap(a).filter(|a| a.value().name() == "table"))
                .is_some_and(|t| t.id() == element.id())
        };
        let of = |name: &'static [&'static str]| {
            element.descendent_elements().filter(move |e| name.contains(&e.value().name())).filter(own)
        };
        let nested = element.descendent_elements().skip(1).any(|e| e.value().name() == "table");
        let headings = element.descendent_elements().any(|e| matches!(e.value().name(), "h1" | "h2" | "p" | "ul"));
        let lines: Vec<ElementRef<'_>> = of(&["tr"]).take(MAX_ROWS).collect();
        let widest = lines.iter().map(|l| cells(*l).count()).max().unwrap_or(0);
        let no_head = of(&["th"]).next().is_none();
        let layout = matches!(element.attr("role"), Some("presentation" | "none"))
            || widest < 2
            || (nested && no_head)
            || (headings && no_head && lines.len() < 2);
        if layout || depth > MAX_DEPTH {
            self.children(element, depth);
            return self.flush();
        }
        let caption = of(&["caption"]).next().map(|c| self.inner(c, depth));
        let mut rows: Vec<table::Row> = Vec::new();
        // Cells that reach down into later rows: column, rows left, cell.
        let mut reaching: Vec<(usize, usize, table::Cell)> = Vec::new();
        let mut spans = 0_u32;
        for line in lines {
            let in_head = line.parent().and_then(ElementRef::wrap).is_some_and(|p| p.value().name() == "thead");
            let mut row: table::Row = Vec::new();
            let mut fill = |row: &mut table::Row| {
                while let Some((_, left, cell)) = reaching.iter_mut().find(|(x, left, _)| *x == row.len() && *left > 0)
                {
                    *left -= 1;
                    row.push(cell.clone());
                }
            };
            let mut fresh = Vec::new();
            for cell in cells(line) {
                fill(&mut row);
                let span = |name: &str, most: usize| {
                    cell.attr(name).and_then(|v| v.trim().parse::<usize>().ok()).unwrap_or(1).clamp(1, most)
                };
                let (across, down) = (span("colspan", MAX_SPAN), span("rowspan", 1000));
                let mut made = table::Cell {
                    head: in_head || cell.value().name() == "th",
                    ..table::Cell::plain(&self.inner(cell, depth))
                };
                if across * down > 1 {
                    spans += 1;
                    made.span = Some(spans);
                }
                for _ in 0..across {
                    if down > 1 {
                        fresh.push((row.len(), down - 1, made.clone()));
                    }
                    row.push(made.clone());
                }
            }
            fill(&mut row);
            reaching.retain(|(_, left, _)| *left > 0);
            reaching.extend(fresh);
            rows.push(row);
        }
        self.draft.table(rows, caption);
    }

    fn flush(&mut self) {
        let text = fold(&std::mem::take(&mut self.text));
        let bold = std::mem::take(&mut self.bold);
        if text.is_empty() {
            return;
        }
        if self.items > 0 {
            self.draft.item(&text);
        } else if self.quiet == 0
            && bold > 0
            && bold + 2 >= text.len()
            && (shape::could_head(&text) || shape::asks(&text))
        {
            self.draft.weak_heading(text.trim_end_matches(':'));
        } else {
            self.draft.paragraph(&text);
        }
    }
}

fn cells<'a>(line: ElementRef<'a>) -> impl Iterator<Item = ElementRef<'a>> {
    line.child_elements().filter(|c| matches!(c.value().name(), "td" | "th") && !is_hidden(c.value()))
}
