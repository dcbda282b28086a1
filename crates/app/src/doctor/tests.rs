//! What a person would miss if the doctor were wrong: a check that hangs holds up no other, and the report reads well.

use std::time::Duration;

use base::{Clock, Result, Time};
use db::Tx;
use ops::Standing::{Attention, Bad, Good};

use super::*;

/// As a newer program would have left the file.
pub(super) fn pretend_newer(tx: &Tx<'_>) -> Result<usize> {
    Ok(tx.execute(
        "insert into refinery_schema_history select 99999, name, applied_on, checksum from refinery_schema_history limit 1",
        [],
    )?)
}

#[tokio::test]
async fn a_check_that_hangs_or_breaks_is_told_as_such() {
    let hangs = Check::new(Area::Disk, "Disk", Duration::from_millis(10), std::future::pending()).of("Shop");
    let found = hangs.findings().await;
    assert_eq!((found[0].standing, found[0].of.as_deref()), (Bad, Some("Shop")));
    assert!(found[0].sentence.contains("did not come to an end"), "{found:?}");
    let breaks = Check::blocking(Area::Disk, "Disk", SHORT, || panic!("on purpose"));
    let found = breaks.findings().await;
    assert_eq!(found[0].standing, Attention, "{found:?}");
    assert!(!found[0].sentence.contains("on purpose"));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_looked_at_and_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("none");
    let config = Config { data: data.clone(), graph_url: "http://127.0.0.1:9".into(), ..Config::default() };
    let report = examine(&Site { config, clock: Clock::System, listening: None, running: None }).await;
    assert!(!data.exists());
    assert!(report.findings.iter().all(|f| f.area != Area::Data || f.standing == Good), "{report:?}");
}

#[test]
fn the_report_is_aligned_and_says_what_to_do() {
    let report = Report {
        version: "1".into(),
        at: Time(0),
        standing: Bad,
        findings: vec![
            Finding::good(Area::Disk, "Disk", "9 GB are free."),
            Finding::bad(Area::Data, "Business data", "The file is damaged.", "Restore it.").of("Zoë’s"),
        ],
    };
    let text = report.to_text(false);
    assert!(!text.contains('\u{1b}'));
    let columns: Vec<usize> = ["9 GB", "The file", "What to do"].iter().map(|w| column(&text, w)).collect();
    assert!(columns.iter().all(|c| *c == columns[0]), "{columns:?}\n{text}");
    assert!(text.ends_with("Bad: 1 of 2. Wanting attention: 0.\n"), "{text}");
    assert!(report.to_text(true).contains('\u{1b}'));
}

fn column(text: &str, word: &str) -> usize {
    let line = text.lines().find(|line| line.contains(word)).unwrap();
    line[..line.find(word).unwrap()].chars().count()
}
