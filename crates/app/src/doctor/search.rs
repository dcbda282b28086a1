//! The search index: derived from the data, so that its loss costs time and nothing else.

use knowledge::index::look::{Found, look};

use super::{Area, Businesses, Check, Finding, LONG};

const NAME: &str = "Search";

pub(super) fn checks(businesses: &Businesses) -> Vec<Check> {
    let one = |file: &super::File| {
        let (folder, of) = (file.folder.join("search"), file.business.clone());
        Check::blocking(Area::Search, NAME, LONG, move || vec![judge(look(&folder))]).of(&of)
    };
    businesses.0.iter().map(one).collect()
}

fn judge(found: Found) -> Finding {
    match found {
        Found::Whole => Finding::good(Area::Search, NAME, "The search index is whole."),
        Found::Nothing => Finding::good(Area::Search, NAME, "There is no search index yet; it is built by itself."),
        Found::Damaged => Finding::attention(
            Area::Search,
            NAME,
            "The search index is damaged. Nothing is lost: it is rebuilt by itself at the next start.",
            "Restart the program.",
        ),
    }
}
