//! `cargo xtask eval`: how often the documents' own words answer right, on the sample business and on a hold-out one.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops at what it did not expect"
)]

use botflow_tests::business::Place;
use botflow_tests::json_file;
use knowledge::evaluate::{Verdict, evaluate};
use knowledge::retrieve::Filters;
use serde_json::json;

#[tokio::main]
async fn main() {
    let verbose = std::env::args().any(|a| a == "--verbose");
    let mut places = vec![Place::sample(), Place::hold_out()];
    if std::env::args().any(|a| a == "--all") {
        places.extend(Place::for_fitting());
    }
    let mut out = Vec::new();
    for place in places {
        let name = &place.name;
        let business = place.read(true).await;
        let report = evaluate(&business.knowledge, &place.cases(), &Filters::default()).await.unwrap();
        let wrong = report.graded.iter().filter(|g| !g.verdict.is_good()).count();
        println!(
            "{name}: right answer with right source {}/{} ({:.0}%), refused when it should {}/{} ({:.0}%), wrong or missed {wrong}; \
             median {:.0} ms, 95th percentile {:.0} ms",
            report.right,
            report.answerable,
            100.0 * report.right as f64 / report.answerable.max(1) as f64,
            report.refused,
            report.unanswerable,
            100.0 * report.refused as f64 / report.unanswerable.max(1) as f64,
            report.p50_ms,
            report.p95_ms,
        );
        for graded in report.graded.iter().filter(|g| verbose || !g.verdict.is_good()) {
            println!(
                "  {} {:?}: {}\n      -> {}",
                graded.case.id,
                graded.verdict,
                graded.case.question,
                graded.answer.as_deref().unwrap_or("(does not know)").replace('\n', " ")
            );
        }
        out.push(json!({ "name": name, "answerable": report.answerable, "right": report.right,
            "unanswerable": report.unanswerable, "refused": report.refused, "p50_ms": report.p50_ms,
            "wrong": report.graded.iter().filter(|g| matches!(g.verdict, Verdict::Wrong | Verdict::WrongSource | Verdict::Invented)).count() }));
    }
    json_file(&json!(out));
}
