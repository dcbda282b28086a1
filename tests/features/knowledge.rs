//! Documents in, answers out: what an owner meets when they drop their files.

use serde_json::{Value, json};
use tests_support::{Owner, Program, fixtures};

async fn start() -> (tempfile::TempDir, Program, Owner) {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    (folder, program, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_read_say_why_and_the_others_are_read() {
    let (_folder, _program, owner) = start().await;
    let names = [
        "password-protected.pdf",
        "scanned.pdf",
        "broken.pdf",
        "truncated.docx",
        "empty.txt",
        "slides.pptx",
        "latin1.csv",
        "two-columns.pdf",
        "nested-table.docx",
        "arabic.txt",
    ];
    let files: Vec<(&str, Vec<u8>)> =
        names.iter().map(|n| (*n, std::fs::read(fixtures("documents").join(n)).unwrap())).collect();
    let added = owner.upload(&files).await;
    let refused: Vec<&Value> = added["items"].as_array().unwrap().iter().filter(|i| !i["error"].is_null()).collect();
    assert_eq!(refused.len(), 1, "only the empty file is refused at once: {refused:?}");
    let sources = owner.until_read().await;
    for (name, ready) in names.iter().zip([false, false, false, false, false, true, true, true, true, true]) {
        if *name == "empty.txt" {
            continue;
        }
        let source = sources.iter().find(|s| s["origin"] == *name).unwrap();
        assert_eq!(source["state"] == "ready", ready, "{source}");
        if !ready {
            let why = source["error"]["message"].as_str().unwrap();
            assert!(why.len() > 20 && !why.contains("inside the program"), "{name}: {why}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_source_is_out_of_every_answer_at_once_and_can_be_brought_back() {
    let (_folder, _program, owner) = start().await;
    let pairs = json!({ "title": "Parking", "pairs": [{ "question": "Where can I park?", "answer": "Behind the mill, gate 4." }] });
    let id = owner.post("/sources/pairs", pairs).await["id"].as_str().unwrap().to_owned();
    owner.until_read().await;
    let asked = || owner.post("/ask", json!({ "question": "Where can I park?" }));
    let answered = asked().await;
    assert!(answered["answer"]["text"].as_str().unwrap().contains("gate 4"), "{answered}");
    owner.delete(&format!("/sources/{id}")).await;
    assert!(asked().await["answer"].is_null(), "deleted, but still answers");
    owner.post(&format!("/sources/{id}/restore"), json!({})).await;
    assert!(asked().await["answer"]["text"].as_str().unwrap().contains("gate 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_text_is_changed_and_the_next_answer_follows_it() {
    let (_folder, _program, owner) = start().await;
    let html = "<h2>Wi-Fi</h2><p>The Wi-Fi password for guests is bluegate7.</p>";
    let id =
        owner.post("/sources/text", json!({ "title": "House", "html": html })).await["id"].as_str().unwrap().to_owned();
    owner.until_read().await;
    let ask = || owner.post("/ask", json!({ "question": "What is the wifi password for guests?" }));
    assert!(ask().await["answer"]["text"].as_str().unwrap().contains("bluegate7"));
    let changed = html.replace("bluegate7", "redroof9");
    owner.put(&format!("/sources/{id}/content"), json!({ "html": changed })).await;
    owner.until_read().await;
    let answer = ask().await;
    assert!(answer["answer"]["text"].as_str().unwrap().contains("redroof9"), "{answer}");
}
