//! Data of older versions: opened by this one, with all that is in it and all that was waiting.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tests_support::{Owner, Program, fixtures, until};

const PATIENCE: Duration = Duration::from_secs(60);
const CHAT: &str = "01a20109-4476-75de-94c7-894970bac3ed";
/// The visitor's, from before.
const TOKEN: &str = "9NR6zhaDIjQ3ZtIr9HC9OK11beEpeJdMm3XDBmROOcg";

fn unpack(name: &str, to: &Path) {
    let file = std::fs::File::open(fixtures("older").join(name)).unwrap();
    zip::ZipArchive::new(file).unwrap().extract(to).unwrap();
}

/// The visitor's whole conversation: who wrote, and what.
async fn conversation(program: &Program) -> Vec<(String, String)> {
    let asked = reqwest::Client::new().get(format!("{}/chat/{CHAT}/messages?after=0", program.public));
    let told: Value = asked.bearer_auth(TOKEN).send().await.unwrap().json().await.unwrap();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages = told["messages"].as_array().unwrap().iter();
    messages.map(|message| (word(&message["author"]), word(&message["content"]["text"]))).collect()
}

/// Asked now and then: visitors may not ask all the time.
async fn until_written(program: &Program, messages: usize) {
    until("it is written", PATIENCE, || async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        (conversation(program).await.len() >= messages).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_version_s_business_goes_on_and_the_customer_who_waited_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    unpack("first.zip", folder.path());
    let mut program = Program::start(folder.path(), &[]);
    let owner = Owner::sign_in(&program.admin).await;
    assert_eq!(owner.get("/bots").await["items"][0]["name"], "Counter");
    assert_eq!(owner.get("/sources").await["items"][0]["state"], "ready");
    until_written(&program, 4).await;

    // Meanwhile bots answer by flows, and this one was drawn one.
    let body = json!({ "type": "text", "client_id": "third-question", "text": "How much is delivery to Wynberg?" });
    let asked = reqwest::Client::new().post(format!("{}/chat/{CHAT}/messages", program.public));
    assert_eq!(asked.bearer_auth(TOKEN).json(&body).send().await.unwrap().status(), 202);
    until_written(&program, 6).await;
    program.kill();
    program.restart();
    let all = conversation(&program).await;
    let authors: Vec<&str> = all.iter().map(|(author, _)| author.as_str()).collect();
    assert_eq!(authors, ["visitor", "bot", "visitor", "bot", "visitor", "bot"], "{all:?}");
    for answer in [1, 5] {
        assert!(all[answer].1.contains("R 88"), "{all:?}");
    }
    assert!(all[3].1.contains("Mondays"), "{all:?}");
    let health = reqwest::get(format!("{}/health", program.admin)).await.unwrap().text().await.unwrap();
    assert!(health.contains("The data can be read."), "{health}");
}
