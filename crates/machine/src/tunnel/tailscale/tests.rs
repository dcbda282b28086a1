//! What `tailscale` says, read right and never past what is ours.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const OURS: &str = "http://127.0.0.1:8081";

fn status(state: &str, own: serde_json::Value) -> String {
    json!({ "Version": "1.82.0", "BackendState": state, "Self": own, "Peer": null }).to_string()
}

#[test]
fn the_computers_name_is_known_when_tailscale_runs_and_otherwise_what_to_do() {
    let node = parse_node(&status("Running", json!({ "DNSName": "Shop.tail1234.ts.net." }))).unwrap();
    assert_eq!(node, Node { name: "shop.tail1234.ts.net".into(), ports: vec![443, 8443, 10000] });
    for (answer, about) in [
        (status("NeedsLogin", json!(null)), "signed out"),
        (status("Stopped", json!({ "DNSName": "a.ts.net." })), "switched off"),
        (status("NeedsMachineAuth", json!({})), "waits to be let"),
        (status("Starting", json!({})), "starting"),
        (status("Running", json!({ "DNSName": "" })), "no name"),
        (status("Running", json!({})), "no name"),
        (status("Running", json!(null)), "does not answer"),
        ("{}".to_owned(), "does not answer"),
        ("garbage".to_owned(), "does not answer"),
    ] {
        let trouble = parse_node(&answer).unwrap_err();
        assert!(trouble.sentence.contains(about) && trouble.fix.is_some(), "{answer}: {trouble:?}");
    }
}

#[test]
fn only_ports_that_tailscale_allows_are_used() {
    for (rights, ports) in [
        (json!(["https", "funnel"]), vec![443, 8443, 10000]),
        (json!(["https://tailscale.com/cap/funnel-ports?ports=443,8443,10000"]), vec![443, 8443, 10000]),
        (json!(["https://tailscale.com/cap/funnel-ports?ports=8443"]), vec![8443]),
        (json!(["https://tailscale.com/cap/funnel-ports?ports=80,8000-9999"]), vec![8443]),
        (json!(["https://tailscale.com/cap/funnel-ports?ports=x-y,"]), vec![]),
    ] {
        let rights: serde_json::Map<_, _> =
            rights.as_array().unwrap().iter().map(|right| (right.as_str().unwrap().to_owned(), json!(null))).collect();
        let answer = status("Running", json!({ "DNSName": "a.b.ts.net.", "CapMap": rights }));
        assert_eq!(parse_node(&answer).unwrap().ports, ports, "{answer}");
    }
}

fn config(port: u16, path: &str, target: &str, public: bool) -> serde_json::Value {
    json!({
        "TCP": { port.to_string(): { "HTTPS": true } },
        "Web": { format!("a.ts.net:{port}"): { "Handlers": { path: { "Proxy": target } } } },
        "AllowFunnel": { format!("a.ts.net:{port}"): public },
    })
}

#[test]
fn a_port_of_somebody_else_is_never_taken() {
    let all = [443, 8443, 10000];
    for (config, choice) in [
        (json!({}), Choice::Free(443)),
        (json!(null), Choice::Free(443)),
        (config(443, "/", OURS, true), Choice::On(443)),
        (config(8443, "/", "http://localhost:8081/", true), Choice::On(8443)),
        (config(443, "/", "http://127.0.0.1:3000", true), Choice::Free(8443)),
        (config(443, "/", OURS, false), Choice::Free(8443)),
        (config(443, "/blog", OURS, true), Choice::Free(8443)),
        (json!({ "TCP": { "443": { "TCPForward": "127.0.0.1:22" } } }), Choice::Free(8443)),
        (json!({ "Foreground": { "1f": config(443, "/", OURS, true) } }), Choice::Free(8443)),
        (
            json!({ "TCP": { "443": { "HTTPS": true }, "8443": { "HTTPS": true } }, "AllowFunnel": { "a.ts.net:10000": true } }),
            Choice::None,
        ),
    ] {
        let served = parse_served(&config.to_string()).unwrap();
        assert_eq!(choose(&served, OURS, &all), choice, "{config}");
    }
    assert_eq!(choose(&BTreeMap::new(), OURS, &[]), Choice::None);
    assert_eq!(parse_served("garbage"), None);
    assert_eq!(parse_served(""), None);
}

#[test]
fn a_port_that_also_serves_something_else_is_not_ours_to_switch_off() {
    let mut config = config(443, "/", OURS, true);
    let is_only = |config: &serde_json::Value| parse_served(&config.to_string()).unwrap()[&443].is_only(OURS);
    assert!(is_only(&config));
    config["Web"]["a.ts.net:443"]["Handlers"]["/blog"] = json!({ "Path": "/home/me/blog" });
    assert!(!is_only(&config));
}

#[test]
fn the_page_where_it_can_be_allowed_is_given_to_the_owner() {
    let said = "Funnel is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/funnel?node=abc\n\n";
    assert!(refused(said).fix.unwrap().contains("https://login.tailscale.com/f/funnel?node=abc and allow"));
    assert!(refused("sending serve config: Access denied").sentence.contains("your user"));
    assert!(refused("").sentence.contains("did not make"));
}

proptest! {
    #[test]
    fn no_answer_is_too_strange(text in "\\PC{0,80}", name in "\\PC{0,20}", port in "\\PC{0,8}", proxy in "\\PC{0,20}") {
        let _ = (parse_node(&text), parse_served(&text), refused(&text));
        if let Ok(node) = parse_node(&status("Running", json!({ "DNSName": name, "CapMap": { &text: null } }))) {
            prop_assert!(is_public_name(&node.name));
        }
        let odd = json!({ "TCP": { &port: {} }, "Web": { &name: { "Handlers": { &text: { "Proxy": proxy } } } } });
        if let Some(served) = parse_served(&odd.to_string()) {
            prop_assert!(served.len() <= 2);
        }
    }

    #[test]
    fn what_is_chosen_is_free_or_ours(taken in proptest::collection::btree_set(prop_oneof![Just(443_u16), Just(8443), Just(10000), any::<u16>()], 0..5)) {
        let served: BTreeMap<u16, Served> = taken.iter().map(|port| (*port, Served::default())).collect();
        match choose(&served, OURS, &PORTS) {
            Choice::Free(port) => prop_assert!(!taken.contains(&port) && PORTS.contains(&port)),
            Choice::None => prop_assert!(PORTS.iter().all(|port| taken.contains(port))),
            Choice::On(_) => prop_assert!(false, "nothing of ours is on"),
        }
    }
}
