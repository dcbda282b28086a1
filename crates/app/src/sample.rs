//! The documents of the sample business, inside the program.

use bots::{SampleBusiness, SampleFile};

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(SampleFile { name: $name, bytes: include_bytes!(concat!("../sample/", $name)) }),+]
    };
}

pub(crate) const SAMPLE: SampleBusiness = SampleBusiness {
    about: include_str!("../sample/business.json"),
    files: files!["prices.xlsx", "service-policy.pdf", "faq.docx", "delivery-areas.md", "opening-hours.html"],
};
