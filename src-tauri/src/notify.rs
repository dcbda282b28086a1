//! Notifications of the system: what is worth one, and showing it so that a click opens the right place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::{Outlook, Reached};
use base::Time;
use base::id::{ChannelId, ConversationId};
use tauri::AppHandle;

use crate::{brand, window};

/// For each conversation there is not more than one in this time.
const PAUSE: Duration = Duration::from_secs(10 * 60);
/// An address comes and goes; the owner hears of it when it stays away.
const UNREACHED: Duration = Duration::from_secs(10 * 60);
/// More who come at once are told of together.
const ONE_BY_ONE: usize = 3;
/// So many wait for a click at a time; the rest is only shown.
const HEARD: usize = 16;

/// One notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) title: String,
    pub(crate) text: Cow<'static, str>,
    /// What a click opens.
    pub(crate) place: Option<String>,
}

/// What was seen so far, so that only news is told.
#[derive(Default)]
pub(crate) struct Watch {
    begun: bool,
    waiting: HashSet<ConversationId>,
    told: HashMap<ConversationId, Time>,
    down: HashSet<ChannelId>,
    disk_low: bool,
    unreached_since: Option<Time>,
    told_unreached: bool,
}

impl Watch {
    /// What is new enough to be told. Nothing is told of what stood already when the program started, nor to somebody
    /// who has the window before them and sees it there.
    pub(crate) fn news(&mut self, outlook: &Outlook, in_sight: bool, now: Time) -> Vec<Notice> {
        let first = !std::mem::replace(&mut self.begun, true);
        let mut news = self.people(outlook, first || in_sight, now);
        for channel in &outlook.channels_down {
            if !self.down.contains(&channel.channel) && !first {
                news.push(Notice {
                    title: format!("{} is down", channel.name),
                    text: "Customers get no answers there. Open it to see what to do.".into(),
                    place: Some(format!("/settings/channels/{}", channel.channel)),
                });
            }
        }
        self.down = outlook.channels_down.iter().map(|down| down.channel).collect();
        if outlook.disk_low && !self.disk_low {
            news.push(Notice {
                title: "The disk is nearly full".into(),
                text: "New messages wait outside until there is room. Delete what is not needed.".into(),
                place: Some("/settings/about".into()),
            });
        }
        self.disk_low = outlook.disk_low;
        news.extend(self.unreached(outlook, now));
        if in_sight { Vec::new() } else { news }
    }

    /// Whether time alone may bring news.
    pub(crate) fn is_counting(&self) -> bool {
        self.unreached_since.is_some() && !self.told_unreached
    }

    fn people(&mut self, outlook: &Outlook, silent: bool, now: Time) -> Vec<Notice> {
        self.told.retain(|_, at| at.plus(PAUSE) > now);
        let mut fresh = Vec::new();
        for person in &outlook.people {
            let known = self.waiting.contains(&person.conversation) || self.told.contains_key(&person.conversation);
            if !known && !silent {
                self.told.insert(person.conversation, now);
                fresh.push(person);
            }
        }
        self.waiting = outlook.people.iter().map(|person| person.conversation).collect();
        if fresh.len() > ONE_BY_ONE {
            let title = format!("{} people wait for you", fresh.len());
            let text = "Open the inbox to answer.".into();
            return vec![Notice { title, text, place: Some("/inbox".into()) }];
        }
        let one = |person: &&app::Waiting| Notice {
            title: format!("{} waits for you", person.name.as_deref().unwrap_or("Somebody")),
            text: "Open the conversation to answer.".into(),
            place: Some(format!("/inbox/{}", person.conversation)),
        };
        fresh.iter().map(one).collect()
    }

    fn unreached(&mut self, outlook: &Outlook, now: Time) -> Option<Notice> {
        if outlook.address != Reached::Failed {
            self.unreached_since = None;
            self.told_unreached = false;
            return None;
        }
        let since = *self.unreached_since.get_or_insert(now);
        if self.told_unreached || now.since(since) < UNREACHED {
            return None;
        }
        self.told_unreached = true;
        Some(Notice {
            title: "Customers cannot reach you".into(),
            text: "The public address has not answered for ten minutes. Open it to see what to do.".into(),
            place: Some("/settings/address".into()),
        })
    }
}

/// The program goes on after an end without warning; Home says what was waiting.
pub(crate) fn after_cut_off(text: String) -> Notice {
    let title = format!("{} goes on where it was cut off", brand::product());
    Notice { title, text: text.into(), place: Some("/".into()) }
}

/// The window was closed for the first time, and the program goes on.
pub(crate) fn after_closing() -> Notice {
    let text = "Open it again, or quit it, from its icon beside the clock.".into();
    Notice { title: format!("{} goes on answering", brand::product()), text, place: None }
}

/// Shows a notification; a click on it brings the window up at its place. `shown` is called once it is there.
pub(crate) fn show(app: &AppHandle, notice: Notice, shown: impl FnOnce() + Send + 'static) {
    static OPEN: AtomicUsize = AtomicUsize::new(0);
    let app = app.clone();
    // Waiting for the click takes a thread of its own, and asking the system may take a while.
    std::thread::spawn(move || {
        let mut message = notify_rust::Notification::new();
        message.appname(brand::product()).summary(&notice.title).body(&notice.text).action("default", "Open");
        #[cfg(target_os = "linux")]
        message.icon(base::product::program()).hint(notify_rust::Hint::DesktopEntry(app.config().identifier.clone()));
        #[cfg(all(windows, not(debug_assertions)))]
        message.app_id(&app.config().identifier);
        match message.show() {
            Ok(handle) => {
                shown();
                if OPEN.fetch_add(1, Ordering::Relaxed) < HEARD {
                    listen(handle, &app, notice.place);
                }
                OPEN.fetch_sub(1, Ordering::Relaxed);
            }
            Err(error) => tracing::info!(%error, "the system shows no notifications"),
        }
    });
}

#[cfg(any(target_os = "linux", windows))]
fn listen(handle: notify_rust::NotificationHandle, app: &AppHandle, place: Option<String>) {
    handle.wait_for_action(|action| {
        if action == "default" {
            window::show(app, place);
        }
    });
}

/// Here the system raises the program itself, or does nothing.
#[cfg(not(any(target_os = "linux", windows)))]
fn listen(_handle: notify_rust::NotificationHandle, _app: &AppHandle, _place: Option<String>) {}

#[cfg(test)]
mod tests {
    use app::{Down, Waiting};

    use super::*;

    const START: Time = Time(1_800_000_000_000);

    fn minutes(count: u64) -> Time {
        START.plus(Duration::from_secs(60 * count))
    }

    fn with(people: &[&Waiting]) -> Outlook {
        let waiting = u32::try_from(people.len()).unwrap();
        Outlook { waiting, people: people.iter().map(|p| (*p).clone()).collect(), ..Outlook::default() }
    }

    fn person(name: &str) -> Waiting {
        Waiting { conversation: ConversationId::fresh(), name: Some(name.to_owned()) }
    }

    fn titles(news: &[Notice]) -> Vec<&str> {
        news.iter().map(|n| n.title.as_str()).collect()
    }

    #[test]
    fn a_brands_notices_name_the_brand_and_nobody_else() {
        base::product::set("Help Desk", "helpdesk", None);
        let mut watch = Watch::default();
        watch.news(&Outlook::default(), false, START);
        let crowd: Vec<Waiting> = (0..7).map(|n| person(&format!("Customer {n}"))).collect();
        let bad = Outlook {
            people: crowd[..2].to_vec(),
            channels_down: vec![Down { channel: ChannelId::fresh(), name: "WhatsApp".into() }],
            disk_low: true,
            address: Reached::Failed,
            ..Outlook::default()
        };
        let mut all = watch.news(&bad, false, minutes(1));
        all.extend(watch.news(&Outlook { people: crowd, ..bad }, false, minutes(20)));
        all.extend([after_cut_off("It ended without warning.".into()), after_closing()]);
        assert!(all.len() >= 7, "{all:?}");
        for notice in &all {
            let words = format!("{} {}", notice.title, notice.text).to_lowercase();
            assert!(!words.contains("botflow"), "{words}");
        }
        assert_eq!(all.iter().filter(|n| n.title.starts_with("Help Desk goes on")).count(), 2, "{all:?}");
    }

    #[test]
    fn a_click_leads_to_where_it_is_mended() {
        let down = Down { channel: ChannelId::fresh(), name: "WhatsApp".into() };
        let place = format!("/settings/channels/{}", down.channel);
        let bad = Outlook {
            channels_down: vec![down],
            disk_low: true,
            address: Reached::Failed,
            people: (0..4).map(|n| person(&format!("Customer {n}"))).collect(),
            ..Outlook::default()
        };
        let mut watch = Watch::default();
        watch.news(&Outlook::default(), false, START);
        let mut news = watch.news(&bad, false, minutes(0));
        news.extend(watch.news(&bad, false, minutes(10)));
        news.push(after_cut_off("It ended without warning.".into()));
        let places: Vec<_> = news.into_iter().map(|notice| notice.place.unwrap()).collect();
        assert_eq!(places, ["/inbox", place.as_str(), "/settings/about", "/settings/address", "/"]);
    }

    #[test]
    fn the_owner_hears_of_each_person_once_in_ten_minutes() {
        let (thandi, lebo) = (person("Thandi"), person("Lebo"));
        let mut watch = Watch::default();
        assert!(watch.news(&with(&[]), false, START).is_empty());
        let news = watch.news(&with(&[&thandi]), false, START);
        assert_eq!(titles(&news), ["Thandi waits for you"]);
        assert_eq!(news[0].place, Some(format!("/inbox/{}", thandi.conversation)));
        assert!(watch.news(&with(&[&thandi]), false, minutes(1)).is_empty(), "she still waits");
        assert_eq!(titles(&watch.news(&with(&[&thandi, &lebo]), false, minutes(2))), ["Lebo waits for you"]);
        watch.news(&with(&[&lebo]), false, minutes(3));
        assert!(watch.news(&with(&[&thandi, &lebo]), false, minutes(9)).is_empty(), "too soon after the first");
        watch.news(&with(&[]), false, minutes(10));
        assert_eq!(titles(&watch.news(&with(&[&thandi]), false, minutes(11))), ["Thandi waits for you"]);
    }

    #[test]
    fn who_has_the_window_before_them_is_not_disturbed() {
        let thandi = person("Thandi");
        let mut watch = Watch::default();
        watch.news(&with(&[]), true, START);
        assert!(watch.news(&with(&[&thandi]), true, START).is_empty());
        assert!(watch.news(&with(&[&thandi]), false, minutes(1)).is_empty(), "it was seen in the window");
    }

    #[test]
    fn a_crowd_is_told_of_together_and_a_nameless_person_is_somebody() {
        let many: Vec<Waiting> = (0..5).map(|_| person("x")).collect();
        let mut watch = Watch::default();
        watch.news(&with(&[]), false, START);
        let news = watch.news(&with(&many.iter().collect::<Vec<_>>()), false, START);
        assert_eq!(titles(&news), ["5 people wait for you"]);
        let nameless = Waiting { conversation: ConversationId::fresh(), name: None };
        assert_eq!(titles(&watch.news(&with(&[&nameless]), false, minutes(1))), ["Somebody waits for you"]);
    }

    #[test]
    fn what_stood_when_the_program_started_is_no_news() {
        let mut watch = Watch::default();
        assert!(watch.news(&with(&[&person("Thandi")]), false, START).is_empty());
    }

    #[test]
    fn trouble_is_told_when_it_begins_and_again_when_it_comes_back() {
        let down = Down { channel: ChannelId::fresh(), name: "WhatsApp".into() };
        let well = Outlook::default();
        let ill = Outlook { channels_down: vec![down], disk_low: true, ..Outlook::default() };
        let mut watch = Watch::default();
        watch.news(&well, false, START);
        for _ in 0..2 {
            assert_eq!(titles(&watch.news(&ill, false, START)), ["WhatsApp is down", "The disk is nearly full"]);
            assert!(watch.news(&ill, false, START).is_empty());
            assert!(watch.news(&well, false, START).is_empty());
        }
    }

    #[test]
    fn an_address_that_comes_back_within_ten_minutes_is_not_worth_a_word() {
        let (gone, back) = (
            Outlook { address: Reached::Failed, ..Outlook::default() },
            Outlook { address: Reached::Proven, ..Outlook::default() },
        );
        let mut watch = Watch::default();
        watch.news(&gone, false, minutes(0));
        assert!(watch.is_counting());
        assert!(watch.news(&gone, false, minutes(9)).is_empty());
        watch.news(&back, false, minutes(9));
        assert!(!watch.is_counting());
        watch.news(&gone, false, minutes(12));
        assert!(watch.news(&gone, false, minutes(20)).is_empty());
        assert_eq!(titles(&watch.news(&gone, false, minutes(22))), ["Customers cannot reach you"]);
        assert!(watch.news(&gone, false, minutes(40)).is_empty() && !watch.is_counting());
    }
}
