//! All integration tests, one binary.
#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

extern crate botflow_tests as tests_support;

mod features {
    mod boundaries;
    mod crash;
    mod journey;
    mod knowledge;
    mod manners;
    mod notices;
    mod outside;
    mod whatsapp;
}
