//! The program of somebody else that leads the public address here: whether it is on this computer, whether its token can
//! be read, and what it says of itself while it runs.

use std::sync::Arc;

use base::id::WorkspaceId;
use bots::{TokenStanding, TunnelStanding};
use machine::tunnel::{self, Found, TunnelKind, TunnelState, TunnelStatus};

use super::{Area, Businesses, Check, File, Finding, MIDDLE, Site, channels};

const PROGRAM: &str = "Tunnel program";
const TOKEN: &str = "Token of the tunnel";
const TUNNEL: &str = "Tunnel";
const SETTINGS: &str = "Open Settings, Public address";
/// The last of what a program said is told, and not more than a person reads.
const LINES: usize = 3;
const LINE_CHARS: usize = 160;

pub(super) fn checks(site: &Arc<Site>, businesses: &Businesses) -> Vec<Check> {
    let one = |file: &File| {
        let (site, of, file) = (site.clone(), file.business.clone(), file.clone());
        Check::new(Area::Address, PROGRAM, MIDDLE, async move {
            let key = site.config.data.join("secret.key");
            let id = file.folder.file_name().and_then(|name| name.to_str()?.parse::<WorkspaceId>().ok());
            let standing = base::task::blocking(move || channels::read(&file, &key)).await??;
            let Some(wanted) = standing.tunnel else { return Ok(Vec::new()) };
            let found = tunnel::find(wanted.kind, wanted.program.as_deref()).await;
            let mut findings = vec![program(&wanted, found.as_ref())];
            findings.extend(token(wanted.kind, wanted.token));
            let running = site.running.as_ref().zip(id).and_then(|(running, id)| running.tunnel(id));
            findings.extend(running.map(|(status, lines)| says(&status, &lines)));
            Ok(findings)
        })
        .of(&of)
    };
    businesses.0.iter().map(one).collect()
}

fn program(wanted: &TunnelStanding, found: Option<&Found>) -> Finding {
    let name = wanted.kind.program();
    match (found, &wanted.program) {
        (Some(Found { path, version: Some(version) }), _) => {
            Finding::good(Area::Address, PROGRAM, format!("{name} {version} is at {}.", path.display()))
        }
        (Some(Found { path, version: None }), _) => Finding::attention(
            Area::Address,
            PROGRAM,
            format!("{name} is at {}, but does not say which version it is.", path.display()),
            format!("{SETTINGS}, and point to the right program, or install {name} again."),
        ),
        (None, Some(pointed)) => Finding::bad(
            Area::Address,
            PROGRAM,
            format!("There is no program {name} at {}.", pointed.display()),
            format!("{SETTINGS}, and point to the program's file once more."),
        ),
        (None, None) => Finding::bad(
            Area::Address,
            PROGRAM,
            format!("{name} is not on this computer."),
            in_settings(tunnel::install_advice(wanted.kind)),
        ),
    }
}

fn token(kind: TunnelKind, token: TokenStanding) -> Option<Finding> {
    let (name, vendor) = (kind.program(), kind.vendor());
    let again = || format!("{SETTINGS}, and paste the token from {vendor} again.");
    match token {
        TokenStanding::NotNeeded => None,
        TokenStanding::Kept => Some(Finding::good(Area::Address, TOKEN, "It is kept and can be read.")),
        TokenStanding::ItsOwn => {
            Some(Finding::good(Area::Address, TOKEN, format!("None is kept here; {name} takes the one it has itself.")))
        }
        TokenStanding::Missing => Some(Finding::bad(Area::Address, TOKEN, "There is none.", again())),
        TokenStanding::Unreadable => {
            let sentence = "It is kept, but cannot be read: the key file is another one or missing.";
            Some(Finding::bad(Area::Address, TOKEN, sentence, again()))
        }
    }
}

/// An advice that was written for the page where the tunnel is set up.
fn in_settings(fix: &str) -> String {
    format!("{SETTINGS}. {fix}")
}

/// What the running program knows of its tunnel.
fn says(status: &TunnelStatus, lines: &[String]) -> Finding {
    if status.state == TunnelState::Up && status.fix.is_none() {
        return Finding::good(Area::Address, TUNNEL, status.sentence.clone());
    }
    let cut = |line: &String| line.chars().take(LINE_CHARS).collect::<String>();
    let last: Vec<String> = lines[lines.len().saturating_sub(LINES)..].iter().map(cut).collect();
    let mut sentence = status.sentence.clone();
    if !last.is_empty() {
        sentence.push_str(&format!(" Its last words: “{}”.", last.join(" / ")));
    }
    let fix = status.fix.as_deref().map_or_else(|| format!("{SETTINGS}, and start it again."), in_settings);
    match status.state {
        // It has only just begun.
        TunnelState::Starting | TunnelState::Up => Finding::attention(Area::Address, TUNNEL, sentence, fix),
        TunnelState::Missing | TunnelState::Waiting | TunnelState::Stopped => {
            Finding::bad(Area::Address, TUNNEL, sentence, fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use base::Time;
    use ops::Standing::{Attention, Bad, Good};

    use super::*;

    fn wanted(program: Option<&str>) -> TunnelStanding {
        TunnelStanding { kind: TunnelKind::Ngrok, program: program.map(PathBuf::from), token: TokenStanding::NotNeeded }
    }

    #[test]
    fn the_program_is_named_with_its_version_or_with_what_to_do() {
        let found = |version: Option<&str>| Found { path: "/opt/ngrok".into(), version: version.map(str::to_owned) };
        for (pointed, found, standing, words) in [
            (None, Some(found(Some("3.30.0"))), Good, "ngrok 3.30.0 is at /opt/ngrok."),
            (None, Some(found(None)), Attention, "does not say which version"),
            (None, None, Bad, "ngrok is not on this computer."),
            (Some("/nowhere/ngrok"), None, Bad, "no program ngrok at /nowhere/ngrok"),
        ] {
            let finding = program(&wanted(pointed), found.as_ref());
            assert_eq!(finding.standing, standing, "{finding:?}");
            assert_eq!(finding.fix.is_some(), standing != Good, "{finding:?}");
            assert!(finding.sentence.contains(words), "{finding:?}");
        }
    }

    #[test]
    fn a_token_is_asked_for_only_where_it_is_needed() {
        use TokenStanding::{ItsOwn, Kept, Missing, NotNeeded, Unreadable};
        for (standing, judged) in
            [(NotNeeded, None), (Kept, Some(Good)), (ItsOwn, Some(Good)), (Missing, Some(Bad)), (Unreadable, Some(Bad))]
        {
            let finding = token(TunnelKind::CloudflaredNamed, standing);
            assert_eq!(finding.as_ref().map(|f| f.standing), judged);
            let fix = finding.and_then(|f| f.fix).unwrap_or_default();
            assert_eq!(fix.contains("Cloudflare"), judged == Some(Bad), "{fix}");
        }
    }

    #[test]
    fn a_tunnel_in_trouble_is_told_with_its_last_words_and_one_that_works_without() {
        let status = |state, fix: Option<&str>| TunnelStatus {
            state,
            until: None,
            url: None,
            sentence: "The program ngrok ended by itself.".into(),
            fix: fix.map(str::to_owned),
            since: Time(0),
            restarts: 4,
        };
        let lines: Vec<String> = (1..=5).map(|n| format!("line {n}")).collect();
        let ended = says(&status(TunnelState::Waiting, Some("Look.")), &lines);
        assert_eq!((ended.standing, ended.fix.as_deref()), (Bad, Some("Open Settings, Public address. Look.")));
        assert!(ended.sentence.ends_with("Its last words: “line 3 / line 4 / line 5”."), "{ended:?}");
        let up = says(&status(TunnelState::Up, None), &lines);
        assert_eq!((up.standing, up.fix), (Good, None));
        assert!(!up.sentence.contains("line"), "{}", up.sentence);
        let begins = says(&status(TunnelState::Starting, None), &[]);
        assert_eq!(begins.standing, Attention);
        assert!(begins.fix.is_some() && !begins.sentence.contains("last words"), "{begins:?}");
    }
}
