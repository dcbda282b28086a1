//! The report for people: aligned, and with colours only where somebody looks at them.

use std::fmt::Write as _;

use ops::Standing;

use super::{Finding, Report};

impl Report {
    /// Lines of a standing in words, a name and a sentence, with what to do below it.
    pub fn to_text(&self, colours: bool) -> String {
        let titles: Vec<String> = self.findings.iter().map(title).collect();
        let width = titles.iter().map(|title| title.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for (finding, title) in self.findings.iter().zip(&titles) {
            let word = word(finding.standing);
            let (on, off) = if colours { colour(finding.standing) } else { ("", "") };
            let gap = " ".repeat(width - title.chars().count());
            let _ = writeln!(text, "{on}{word:<9}{off}  {title}{gap}  {}", finding.sentence);
            if let Some(fix) = &finding.fix {
                let _ = writeln!(text, "{:<9}  {:<width$}  What to do: {fix}", "", "");
            }
        }
        let of = |standing| self.findings.iter().filter(|f| f.standing == standing).count();
        let all = self.findings.len();
        let _ = match (of(Standing::Bad), of(Standing::Attention)) {
            (0, 0) => writeln!(text, "\nAll is well."),
            (0, some) => writeln!(text, "\nIt works. Wanting attention: {some} of {all}."),
            (bad, some) => writeln!(text, "\nBad: {bad} of {all}. Wanting attention: {some}."),
        };
        text
    }
}

fn title(finding: &Finding) -> String {
    match &finding.of {
        Some(of) => format!("{} ({of})", finding.name),
        None => finding.name.clone(),
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Good => "good",
        Standing::Attention => "attention",
        Standing::Bad => "bad",
    }
}

fn colour(standing: Standing) -> (&'static str, &'static str) {
    let on = match standing {
        Standing::Good => "\u{1b}[32m",
        Standing::Attention => "\u{1b}[33m",
        Standing::Bad => "\u{1b}[31m",
    };
    (on, "\u{1b}[0m")
}
