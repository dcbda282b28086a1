//! `cargo xtask eval`: how often the documents' own words answer right, on the sample business and on a hold-out one.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement prints, and stops at what it did not expect"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Clock, Result};
use botflow_tests::{fixtures, json_file, models_folder};
use futures::FutureExt;
use futures::future::BoxFuture;
use knowledge::evaluate::{Report, Verdict, cases, evaluate};
use knowledge::retrieve::Filters;
use knowledge::{Cancel, Embed, Knowledge};
use serde_json::json;

struct Local(ai::embed::EmbedderHandle);

impl Embed for Local {
    fn id(&self) -> &str {
        self.0.id()
    }

    fn embed_queries(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        async move {
            let vectors = futures::future::try_join_all(texts.into_iter().map(|t| self.0.embed_query(t))).await?;
            Ok(vectors.into_iter().map(|v| v.to_vec()).collect())
        }
        .boxed()
    }

    fn embed_passages(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>>> {
        self.0.embed_passages(texts).boxed()
    }
}

#[tokio::main]
async fn main() {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join("crates").join("app").join("sample");
    let verbose = std::env::args().any(|a| a == "--verbose");
    let mut out = Vec::new();
    for (name, documents, questions) in [
        ("sample", sample, fixtures("sample").join("questions.json")),
        ("hold-out", fixtures("holdout"), fixtures("holdout").join("questions.json")),
    ] {
        let report = one(&documents, &questions).await;
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

/// Reads a folder's documents into a fresh business and asks everything.
async fn one(documents: &Path, questions: &Path) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let db = db::Db::open(&folder.path().join("workspace.db"), db::Schema::Workspace, db::Options::default()).unwrap();
    let id = ai::models::DEFAULT_EMBEDDER;
    let handle = ai::embed::EmbedderHandle::new(id, models_folder().join(id), std::time::Duration::from_secs(600));
    let knowledge =
        Knowledge::open(db, &folder.path().join("search"), &folder.path().join("media"), Some(Arc::new(Local(handle))))
            .await
            .unwrap();
    let now = Clock::System.now();
    let mut files: Vec<PathBuf> = std::fs::read_dir(documents).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e != "json")) {
        let name = file.file_name().unwrap().to_string_lossy();
        let source = knowledge.add_file(&name, None, std::fs::read(file).unwrap(), Vec::new(), now).await.unwrap();
        knowledge.index_source(source, &|_| {}, &Cancel::default()).await.unwrap();
    }
    let cases = cases(&std::fs::read_to_string(questions).unwrap()).unwrap();
    evaluate(&knowledge, &cases, &Filters::default()).await.unwrap()
}
