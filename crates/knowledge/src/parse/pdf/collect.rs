//! Letters and ruled lines of a page, with their places, from pdf-extract's drawing events.

use std::time::{Duration, Instant};

use base::{Error, Result};
use pdf_extract::{
    ColorSpace, Document as Pdf, MediaBox, OutputDev, OutputError, Path, PathOp, Transform, output_doc_page,
};

use crate::parse::MAX_CHARS;

/// A letter; distances in points, y downwards from the page's top.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) size: f64,
    pub(super) text: String,
    /// Where the next letter stands: 0 right, 1 up, 2 left, 3 down.
    turn: u8,
    /// Begins a piece of text that was placed by itself.
    pub(super) starts: bool,
}

/// A horizontal rule, or the edge of a box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) y: f64,
}

#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) number: u32,
    pub(super) height: f64,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) rules: Vec<Rule>,
}

/// What may still be collected. A thread that hangs in the library cannot be killed, but nearly all of its loops pass
/// through here, where it is stopped in good order.
pub(super) struct Budget {
    chars: usize,
    deadline: Instant,
}

const MAX_RULES: usize = 5_000;

impl Budget {
    pub(super) fn new() -> Self {
        Self { chars: MAX_CHARS + 1000, deadline: Instant::now() + Duration::from_secs(55) }
    }
}

struct Collector<'a> {
    page: Collected,
    budget: &'a mut Budget,
    top: f64,
    left: f64,
    starts: bool,
    events: usize,
    /// Why it was stopped.
    spent: bool,
}

impl Collector<'_> {
    fn check(&mut self) -> Result<(), OutputError> {
        self.events += 1;
        if self.budget.chars == 0 || (self.events.is_multiple_of(512) && Instant::now() > self.budget.deadline) {
            self.spent = true;
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        Ok(())
    }

    fn rule(&mut self, ctm: &Transform, x: f64, y: f64, width: f64, height: f64) {
        let at = |x: f64, y: f64| (x * ctm.m11 + y * ctm.m21 + ctm.m31, x * ctm.m12 + y * ctm.m22 + ctm.m32);
        let ((x0, y0), (x1, y1)) = (at(x, y), at(x + width, y + height));
        if (x1 - x0).abs() < 20.0 || !(x0 + x1 + y0 + y1).is_finite() || self.page.rules.len() > MAX_RULES {
            return;
        }
        for y in [y0, y1] {
            self.page.rules.push(Rule { left: x0.min(x1) - self.left, right: x0.max(x1) - self.left, y: self.top - y });
        }
    }

    fn path(&mut self, ctm: &Transform, path: &Path) -> Result<(), OutputError> {
        self.check()?;
        let mut from = (0.0, 0.0);
        for op in &path.ops {
            match op {
                PathOp::Rect(x, y, width, height) => self.rule(ctm, *x, *y, *width, *height),
                PathOp::MoveTo(x, y) => from = (*x, *y),
                PathOp::LineTo(x, y) => {
                    if (y - from.1).abs() < 1.0 {
                        self.rule(ctm, from.0, from.1, x - from.0, 0.0);
                    }
                    from = (*x, *y);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl OutputDev for Collector<'_> {
    fn begin_page(&mut self, _: u32, media: &MediaBox, _: Option<(f64, f64, f64, f64)>) -> Result<(), OutputError> {
        self.top = media.ury;
        self.left = media.llx;
        self.page.height = (media.ury - media.lly).abs();
        Ok(())
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn output_character(
        &mut self,
        trm: &Transform,
        width: f64,
        _: f64,
        font_size: f64,
        text: &str,
    ) -> Result<(), OutputError> {
        self.check()?;
        let (along, up) = (trm.m11.hypot(trm.m12), trm.m21.hypot(trm.m22));
        let (x, y, size) = (trm.m31 - self.left, self.top - trm.m32, (font_size * up).abs());
        if !(x.is_finite() && y.is_finite() && size.is_finite() && width.is_finite())
            || size < 0.5
            || x.abs() > 20_000.0
            || y.abs() > 20_000.0
        {
            return Ok(());
        }
        let turn = match (trm.m11.abs() >= trm.m12.abs(), trm.m11 >= 0.0, trm.m12 >= 0.0) {
            (true, true, _) => 0,
            (true, false, _) => 2,
            (false, _, true) => 1,
            (false, _, false) => 3,
        };
        self.budget.chars = self.budget.chars.saturating_sub(text.len().max(1));
        let starts = std::mem::take(&mut self.starts);
        let width = (width * font_size * along).abs();
        self.page.glyphs.push(Glyph { x, y, width, size, text: text.to_string(), turn, starts });
        Ok(())
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.starts = true;
        self.check()
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        self.check()
    }

    fn stroke(&mut self, ctm: &Transform, _: &ColorSpace, _: &[f64], path: &Path) -> Result<(), OutputError> {
        self.path(ctm, path)
    }

    fn fill(&mut self, ctm: &Transform, _: &ColorSpace, _: &[f64], path: &Path) -> Result<(), OutputError> {
        self.path(ctm, path)
    }
}

/// One page. The library panics on what it does not know; what it drew until then is kept.
pub(super) fn page(pdf: &Pdf, number: u32, budget: &mut Budget) -> Result<Collected> {
    let page = Collected { number, ..Collected::default() };
    let mut collector = Collector { page, budget, top: 0.0, left: 0.0, starts: true, events: 0, spent: false };
    let drawn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| output_doc_page(pdf, &mut collector, number)));
    let spent = collector.spent;
    let mut page = collector.page;
    if spent && budget.chars == 0 {
        return Err(Error::too_large("This PDF holds more than 2 million letters. Split it into smaller files."));
    }
    if spent {
        return Err(Error::timeout(
            "Reading this PDF took longer than a minute, so it was stopped. Split it into smaller files.",
        ));
    }
    if !matches!(drawn, Ok(Ok(()))) && page.glyphs.is_empty() {
        page.glyphs = bare_text(pdf, number, budget);
    }
    upright(&mut page);
    Ok(page)
}

/// The text without places, from the simpler reader of the library below; laid out line by line.
fn bare_text(pdf: &Pdf, number: u32, budget: &mut Budget) -> Vec<Glyph> {
    let text = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pdf.extract_text(&[number])));
    let Ok(Ok(text)) = text else { return Vec::new() };
    let mut glyphs = Vec::new();
    for (line, words) in text.lines().enumerate().take(2000) {
        let mut x = 50.0;
        for (i, c) in words.chars().take(2000).enumerate() {
            budget.chars = budget.chars.saturating_sub(c.len_utf8());
            glyphs.push(Glyph {
                x,
                y: 50.0 + 12.0 * line as f64,
                width: 5.0,
                size: 10.0,
                text: c.to_string(),
                turn: 0,
                starts: i == 0,
            });
            x += 5.0;
        }
    }
    glyphs
}

/// Turns a page that is written sideways; letters that run another way than most are stamps and marginal notes.
fn upright(page: &mut Collected) {
    let mut counts = [0_usize; 4];
    for glyph in &page.glyphs {
        counts[usize::from(glyph.turn & 3)] += 1;
    }
    let most = (0_u8..4).max_by_key(|t| counts[usize::from(*t)]).unwrap_or(0);
    page.glyphs.retain(|g| g.turn == most);
    if most == 0 {
        return;
    }
    page.rules.clear();
    for glyph in &mut page.glyphs {
        (glyph.x, glyph.y) = match most {
            1 => (-glyph.y, glyph.x),
            2 => (-glyph.x, -glyph.y),
            _ => (glyph.y, -glyph.x),
        };
    }
    let top = page.glyphs.iter().map(|g| g.y).fold(f64::INFINITY, f64::min);
    let left = page.glyphs.iter().map(|g| g.x).fold(f64::INFINITY, f64::min);
    for glyph in &mut page.glyphs {
        glyph.y += 60.0 - top;
        glyph.x += 40.0 - left;
    }
    page.height = page.glyphs.iter().map(|g| g.y).fold(0.0, f64::max) + 60.0;
}
