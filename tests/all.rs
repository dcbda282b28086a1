//! All integration tests, one binary.

extern crate botflow_tests as tests_support;

mod features {
    mod crash;
    mod journey;
    mod knowledge;
    mod manners;
}
