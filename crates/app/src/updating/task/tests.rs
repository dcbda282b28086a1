//! What nobody asks for: looking every day, installing at night, and waiting for a quiet moment.

use std::cell::Cell;
use std::sync::Mutex;

use update::fake::Publisher;

use super::*;
use crate::Server;

/// A program for which somebody publishes, at this hour of the computer's day.
struct Case {
    _folder: tempfile::TempDir,
    publisher: Publisher,
    server: Server,
    updater: Updater,
    begins_anew: CancellationToken,
}

impl Case {
    async fn at(hour: i8, change: impl FnOnce(&mut Config)) -> Case {
        let folder = tempfile::tempdir().unwrap();
        let publisher = Publisher::open().await.unwrap();
        let mut config = Config {
            data: folder.path().into(),
            port: 0,
            public_port: 0,
            min_free_mb: 0,
            update_address: Some(publisher.address.clone()),
            update_key: Some(publisher.key()),
            ..Config::default()
        };
        change(&mut config);
        let today = Clock::System.now().to_jiff().to_zoned(jiff::tz::TimeZone::system());
        let now = today.with().hour(hour).minute(10).build().unwrap();
        let clock = Clock::manual(Time::from_jiff(now.timestamp()));
        let server = Server::start_with(config.clone(), clock.clone()).await.unwrap();
        let begins_anew = CancellationToken::new();
        let updater = Updater::new(&config, clock, server.workspaces.clone(), begins_anew.clone());
        publisher.publish("0.2.0", b"a program", |_| {}).unwrap();
        Case { _folder: folder, publisher, server, updater, begins_anew }
    }

    /// The version that the next start tries.
    fn next(&self) -> Option<String> {
        self.updater.0.place.state().next.map(|next| next.version.to_string())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_night_a_newer_version_is_installed_when_the_owner_wants_that() {
    let case = Case::at(3, |_| {}).await;
    case.updater.set_by_itself(true).unwrap();
    case.updater.routine().await.unwrap();
    tokio::time::timeout(Duration::from_secs(60), case.begins_anew.cancelled()).await.unwrap();
    assert_eq!(case.next().as_deref(), Some("0.2.0"));
    assert_eq!(case.updater.state().phase, UpdatePhase::Restarting);
    case.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_day_or_unasked_for_or_after_it_has_failed_a_newer_version_is_only_told_of() {
    for (hour, by_itself, failed, cut_off) in
        [(12, true, false, false), (3, false, false, false), (3, true, true, false), (3, true, false, true)]
    {
        let what = format!("at {hour}, by itself {by_itself}, failed {failed}, cut off {cut_off}");
        let case = Case::at(hour, |_| {}).await;
        case.updater.set_by_itself(by_itself).unwrap();
        if failed {
            case.updater.0.place.change(|state| state.failed.push(Version::new(0, 2, 0))).unwrap();
        }
        if cut_off {
            let (version, from) = (Version::new(0, 2, 0), update::running_version());
            let last = Outcome { version, from, at: case.updater.0.clock.now(), why: Some("It was cut off.".into()) };
            case.updater.0.place.change(|state| state.last = Some(last)).unwrap();
        }
        case.updater.routine().await.unwrap();
        let state = case.updater.state();
        let newer = state.newer.unwrap();
        assert_eq!((newer.version.as_str(), newer.has_failed), ("0.2.0", failed), "{what}");
        assert_eq!((state.phase, case.next()), (UpdatePhase::None, None), "{what}");
        // What was looked for today is not looked for again.
        case.publisher.publish("0.3.0", b"a program", |_| {}).unwrap();
        case.updater.routine().await.unwrap();
        assert_eq!(case.updater.state().newer.unwrap().version, "0.2.0", "{what}");
        case.server.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_on_the_disk_nothing_is_begun() {
    // A petabyte.
    let case = Case::at(12, |config| config.min_free_mb = 1 << 30).await;
    case.updater.look().await.unwrap();
    let refused = case.updater.install().unwrap_err();
    assert_eq!(refused.code, ErrorCode::DiskLow);
    assert!(refused.message.contains("Free some space"), "{refused}");
    assert_eq!(case.updater.state().phase, UpdatePhase::None);
    case.server.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_quiet_moment_is_waited_for_however_long_and_the_owner_is_told_why() {
    let (cancel, told) = (CancellationToken::new(), Mutex::new(Vec::new()));
    let begun = Instant::now();
    let busy_for = Duration::from_secs(15 * 60);
    let waiting = quiet(
        || async { Ok(begun.elapsed() > busy_for) },
        &cancel,
        |sentence| told.lock().unwrap().push((begun.elapsed(), sentence.to_owned())),
    );
    waiting.await.unwrap();
    assert!(begun.elapsed() > busy_for);
    let told = told.into_inner().unwrap();
    assert!(
        told[0].0 > LONG && told[0].0 < LONG + 2 * REST_LOOK && told[0].1.contains("quiet moment"),
        "{:?}",
        told[0]
    );

    // A single look is not enough: a message may be between two steps.
    let looks = Cell::new(0);
    let flickers = || async {
        looks.set(looks.get() + 1);
        Ok([true, false, true, true][looks.get() - 1])
    };
    quiet(flickers, &cancel, |_| {}).await.unwrap();
    assert_eq!(looks.get(), 4);
    cancel.cancel();
    let called_off = quiet(|| async { Ok(true) }, &cancel, |_| {}).await.unwrap_err();
    assert_eq!(called_off.code, ErrorCode::Cancelled);
}
