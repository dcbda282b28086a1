//! All integration tests, one binary.
#![expect(clippy::unwrap_used, reason = "tests stop at what they did not expect")]

extern crate botflow_tests as tests_support;

mod features {
    mod address;
    mod boundaries;
    mod branded;
    mod children;
    mod computer;
    mod crash;
    mod desk;
    mod doctor;
    mod journey;
    mod knowledge;
    mod manners;
    mod moving;
    #[cfg(target_os = "linux")]
    mod network;
    mod notices;
    mod older;
    mod outside;
    mod tunnels;
    mod updating;
    mod wake;
    mod webchat;
    mod whatsapp;
}
