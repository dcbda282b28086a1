//! Downloads as they go wrong, against a publisher's server of our own.

use flate2::Compression;
use flate2::write::GzEncoder;
use minisign::KeyPair;
use std::collections::BTreeMap;
use std::sync::Mutex;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::manifest::tests::{keys, sign};
use crate::manifest::{Programs, platform};
use crate::place::tests::place;

const PROGRAM: &[u8] = b"a program of many words, many words, many words";

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn manifest(change: impl FnOnce(&mut Download)) -> Vec<u8> {
    let packed = pack(PROGRAM);
    let mut download = Download {
        url: "shop.gz".into(),
        size: packed.len() as u64,
        sha256: hex::encode(Sha256::digest(&packed)),
        program_size: PROGRAM.len() as u64,
        program_sha256: hex::encode(Sha256::digest(PROGRAM)),
    };
    change(&mut download);
    let manifest = Manifest {
        version: Version::new(0, 2, 0),
        published: jiff::Timestamp::UNIX_EPOCH,
        notes: "Faster.".into(),
        programs: BTreeMap::from([(platform(), Programs { server: Some(download), window: None })]),
    };
    serde_json::to_vec(&manifest).unwrap()
}

/// A publisher's server with this manifest and a source that trusts its keys.
async fn publish(manifest: &[u8], keys: &KeyPair) -> (MockServer, Source) {
    let server = MockServer::start().await;
    let signed = sign(manifest, keys);
    for (name, body) in [("/manifest.json", signed.bytes), ("/manifest.json.minisig", signed.signature.into_bytes())] {
        let answer = ResponseTemplate::new(200).set_body_bytes(body);
        Mock::given(method("GET")).and(path(name)).respond_with(answer).mount(&server).await;
    }
    let source = Source::new(&server.uri(), &keys.pk.to_base64()).unwrap();
    (server, source)
}

async fn serve(server: &MockServer, status: u16, body: &[u8]) {
    let answer = ResponseTemplate::new(status).set_body_bytes(body);
    Mock::given(method("GET")).and(path("/shop.gz")).respond_with(answer).mount(server).await;
}

async fn fetch(source: &Source, place: &Place) -> Result<()> {
    let offer = source.look(Kind::Server).await?;
    source.fetch(&offer, place, &|_| {}, &CancellationToken::new()).await
}

#[tokio::test]
async fn a_version_is_found_downloaded_unpacked_and_then_not_downloaded_again() {
    let folder = tempfile::tempdir().unwrap();
    let (place, (keys, public)) = (place(folder.path()), keys());
    let (server, source) = publish(&manifest(|_| {}), &keys).await;
    serve(&server, 200, &pack(PROGRAM)).await;
    let offer = source.look(Kind::Server).await.unwrap();
    assert_eq!(offer.manifest.notes, "Faster.");
    let heard = Mutex::new(0);
    source.fetch(&offer, &place, &|bytes| *heard.lock().unwrap() = bytes, &CancellationToken::new()).await.unwrap();
    assert_eq!(*heard.lock().unwrap(), offer.download().unwrap().size);
    let file = place.program(&offer.manifest.version, &public, Kind::Server).unwrap();
    assert_eq!(fs::read(&file).unwrap(), PROGRAM);
    #[cfg(unix)]
    assert_ne!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o100, 0);
    server.reset().await;
    source.fetch(&offer, &place, &|_| {}, &CancellationToken::new()).await.unwrap();
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (place, (keys, public)) = (place(folder.path()), keys());
    let (server, source) = publish(&manifest(|_| {}), &keys).await;
    let packed = pack(PROGRAM);
    let version = Version::new(0, 2, 0);
    fs::create_dir_all(place.of(&version)).unwrap();
    let part = place.of(&version).join(format!("{}.gz.part", &hex::encode(Sha256::digest(&packed))[..16]));
    fs::write(part, &packed[..10]).unwrap();
    let rest = ResponseTemplate::new(206)
        .set_body_bytes(&packed[10..])
        .insert_header("content-range", format!("bytes 10-{}/{}", packed.len() - 1, packed.len()));
    Mock::given(path("/shop.gz")).and(header("range", "bytes=10-")).respond_with(rest).mount(&server).await;
    fetch(&source, &place).await.unwrap();
    assert!(place.program(&version, &public, Kind::Server).is_ok());
}

#[tokio::test]
async fn what_is_not_what_was_signed_is_thrown_away_in_plain_words() {
    let packed = pack(PROGRAM);
    let mut changed = packed.clone();
    *changed.last_mut().unwrap() ^= 1;
    let other = pack(b"another program that does something else.......");
    let bomb = pack(&vec![0; 4 << 20]);
    let of_other = |d: &mut Download| {
        d.size = other.len() as u64;
        d.sha256 = hex::encode(Sha256::digest(&other));
    };
    let of_bomb = |d: &mut Download| {
        d.size = bomb.len() as u64;
        d.sha256 = hex::encode(Sha256::digest(&bomb));
    };
    let not_it = "is not what the publisher signed";
    for (what, manifest, status, body, said) in [
        ("changed on the way", manifest(|_| {}), 200, changed, not_it),
        ("longer than signed", manifest(|_| {}), 200, [packed.clone(), vec![0; 9]].concat(), not_it),
        ("cut short", manifest(|_| {}), 200, packed[..20].to_vec(), "The download was interrupted"),
        ("another program inside", manifest(of_other), 200, other.clone(), not_it),
        ("unpacks without end", manifest(of_bomb), 200, bomb.clone(), not_it),
        ("gone", manifest(|_| {}), 404, Vec::new(), "Nothing is published"),
        (
            "an address in the clear",
            manifest(|d| d.url = "http://example.com/shop.gz".into()),
            200,
            packed,
            "no usable",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (place, (keys, public)) = (place(folder.path()), keys());
        let (server, source) = publish(&manifest, &keys).await;
        serve(&server, status, &body).await;
        let refused = fetch(&source, &place).await.unwrap_err();
        assert!(refused.message.contains(said), "{what}: {refused}");
        assert!(place.program(&Version::new(0, 2, 0), &public, Kind::Server).is_err(), "{what}");
        assert!(!place.file(&Version::new(0, 2, 0)).exists(), "{what}");
    }
}

#[tokio::test]
async fn what_strangers_publish_or_what_is_endless_is_not_even_read() {
    let ((keys, _), (strangers, _)) = (keys(), keys());
    let (server, _) = publish(&manifest(|_| {}), &strangers).await;
    let source = Source::new(&server.uri(), &keys.pk.to_base64()).unwrap();
    let refused = source.look(Kind::Server).await.unwrap_err();
    assert!(refused.message.contains("not signed by the publisher"), "{refused}");
    let (_server, source) = publish(&vec![b' '; 1 << 20], &keys).await;
    let refused = source.look(Kind::Server).await.unwrap_err();
    assert!(refused.message.contains("too large"), "{refused}");
}

#[tokio::test]
async fn a_download_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let (keys, _) = keys();
    let (server, source) = publish(&manifest(|_| {}), &keys).await;
    serve(&server, 200, &pack(PROGRAM)).await;
    let offer = source.look(Kind::Server).await.unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    let stopped = source.fetch(&offer, &place(folder.path()), &|_| {}, &cancel).await.unwrap_err();
    assert_eq!(stopped.code, ErrorCode::Cancelled);
}

#[test]
fn an_address_in_the_clear_is_for_this_computer_only() {
    let key = keys().0.pk.to_base64();
    for (address, good) in [
        ("https://example.com/updates", true),
        ("http://127.0.0.1:80/", true),
        ("http://example.com/", false),
        ("ftp://example.com/", false),
        ("file:///etc/", false),
        ("updates", false),
    ] {
        assert_eq!(Source::new(address, &key).is_ok(), good, "{address}");
    }
    let wrong = Source::new("https://example.com/", "RWQ").unwrap_err();
    assert!(wrong.message.contains("update_key"), "{wrong}");
}
