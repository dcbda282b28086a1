//! The window's own way in: a one-time ticket, given to the server's page by a script, never by an address.

use anyhow::Result;
use base::Secret;

/// Signs the page in unless somebody is signed in already, or there is nobody yet. The page is loaded anew only then.
///
/// The script belongs to the page of the server's own origin; the ticket is worth nothing once it was used.
pub(crate) fn script(ticket: &Secret) -> Result<String> {
    // As JSON, so that nothing in it can end the string and become code.
    let body = serde_json::to_string(&serde_json::json!({ "ticket": ticket.expose() }).to_string())?;
    Ok(format!(
        "(async () => {{
            const session = await (await fetch('/api/session')).json();
            if (session.user || session.setup_needed) return;
            const headers = {{ 'content-type': 'application/json' }};
            const answer = await fetch('/api/session/ticket', {{ method: 'POST', headers, body: {body} }});
            if (answer.ok) location.reload();
        }})().catch(() => {{}});"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticket_is_in_the_body_and_in_no_address() {
        let script = script(&Secret::new("abc\"'</script>")).unwrap();
        assert!(script.contains(r#"body: "{\"ticket\":\"abc\\\"'</script>\"}""#), "{script}");
        assert_eq!(script.matches("abc").count(), 1);
    }
}
