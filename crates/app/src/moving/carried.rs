//! What of a configuration is of the business, and comes along; the rest is of one computer, and stays there.

use std::fs;
use std::path::Path;

use base::Result;
use base::disk::{self, Lasts};
use toml::Table;

use super::entries::CONFIGURATION;
use super::place::remove_file;
use crate::Config;

/// Comes along. Addresses, ports, folders, host names and what a disk or a processor asks for do not: on another
/// computer they are wrong, up to a program that does not start.
/// Who may send this computer programs is not for a file to say that somebody gave its owner.
const TRAVELS: [&str; 7] =
    ["log", "models_hub", "graph_url", "allow_private_addresses", "doubt_ms", "address_check_ms", "address_alarm_ms"];
/// Longer than any that somebody wrote.
const LONGEST: u64 = 1 << 20;

/// Leaves of the configuration that was unpacked into `part` what may be used on this computer.
pub(crate) fn keep_what_travels(part: &Path) -> Result<()> {
    let file = part.join(CONFIGURATION);
    let Ok(found) = fs::metadata(&file) else { return Ok(()) };
    let words = (found.len() <= LONGEST).then(|| fs::read_to_string(&file).ok()).flatten().unwrap_or_default();
    let kept = what_travels(&words);
    if kept.is_empty() {
        return remove_file(&file);
    }
    Ok(disk::replace(&file, kept.as_bytes(), Lasts::AtOnce)?)
}

/// The settings of a configuration that come along and that this program understands.
fn what_travels(words: &str) -> String {
    let all = words.parse::<Table>().unwrap_or_else(|e| {
        tracing::warn!(error = e.message(), "the configuration that came cannot be read and is left out");
        Table::new()
    });
    all.into_iter()
        .filter(|(name, _)| TRAVELS.contains(&name.as_str()))
        .map(|(name, value)| Table::from_iter([(name, value)]).to_string())
        .filter(|one| Config::can_be(one))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of one computer.
    const STAYS: [&str; 11] = [
        "data",
        "port",
        "public_port",
        "address",
        "public_address",
        "host_names",
        "models",
        "min_free_mb",
        "update_address",
        "update_key",
        "update_patience_ms",
    ];

    #[test]
    fn of_each_setting_it_is_decided_whether_it_comes_along() {
        let all = serde_json::to_value(Config::default()).unwrap();
        for name in all.as_object().unwrap().keys().map(String::as_str) {
            // The sample is loaded once, on the first start of all.
            let decided = usize::from(name == "sample")
                + [TRAVELS.as_slice(), STAYS.as_slice()].iter().filter(|names| names.contains(&name)).count();
            assert_eq!(decided, 1, "{name}");
        }
    }

    proptest! {
        #[test]
        fn whatever_came_this_program_starts_with_what_is_left(words in "\\PC{0,80}|((log|port|doubt_ms|x) = (\"[a-z]{0,5}\"|[0-9]{1,6}|\\[\\])\n){0,4}") {
            let kept = what_travels(&words);
            prop_assert!(Config::can_be(&kept), "{}", kept);
        }
    }
}
