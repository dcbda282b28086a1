//! The disk: room for what comes.

use std::sync::Arc;

use super::{Area, Check, Finding, SHORT, Site};

/// Below this many times the least, the owner hears of it in time.
const SOON: u64 = 4;

pub(super) fn check(site: &Arc<Site>) -> Check {
    let (data, least_mb) = (site.config.data.clone(), site.config.min_free_mb);
    Check::blocking(Area::Disk, "Disk", SHORT, move || {
        vec![judge(base::disk::free_bytes(&data).map(|bytes| bytes >> 20), least_mb)]
    })
}

fn judge(free_mb: Option<u64>, least_mb: u64) -> Finding {
    let name = "Disk";
    let Some(free_mb) = free_mb else {
        return Finding::good(Area::Disk, name, "The system does not tell how much room is left.");
    };
    let shown = if free_mb >= 1024 { format!("{} GB", free_mb / 1024) } else { format!("{free_mb} MB") };
    if free_mb < least_mb {
        let sentence = format!("Only {shown} are free; below {least_mb} MB nothing new is taken in.");
        Finding::bad(Area::Disk, name, sentence, "Delete what you do not need, or move large files to another disk.")
    } else if free_mb < least_mb.saturating_mul(SOON) {
        let sentence = format!("{shown} are free; below {least_mb} MB nothing new is taken in.");
        Finding::attention(Area::Disk, name, sentence, "Free some space before long.")
    } else {
        Finding::good(Area::Disk, name, format!("{shown} are free."))
    }
}

#[cfg(test)]
mod tests {
    use ops::Standing::{self, Attention, Bad, Good};

    #[test]
    fn a_disk_is_called_full_before_it_is() {
        let cases: [(Option<u64>, u64, Standing); 6] = [
            (Some(100), 256, Bad),
            (Some(255), 256, Bad),
            (Some(256), 256, Attention),
            (Some(1024), 256, Good),
            (Some(0), 0, Good),
            (None, 256, Good),
        ];
        for (free, least, expected) in cases {
            let finding = super::judge(free, least);
            assert_eq!(finding.standing, expected, "{free:?} {least}: {finding:?}");
            assert_eq!(finding.fix.is_some(), expected != Good);
        }
    }
}
