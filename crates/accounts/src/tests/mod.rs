//! What a person would lose if accounts failed: their data to a stranger, or their own way in.

mod safety;
mod sessions;
mod tickets;

use axum::Router;
use axum::body::Body;
use axum::extract::FromRef;
use axum::http::Request;
use axum::response::Response;
use axum::routing::get;
use base::{Clock, Time};
use db::{Db, Schema};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::*;

/// As the program's own state includes [`Accounts`].
#[derive(Clone)]
struct State {
    accounts: Accounts,
}

impl FromRef<State> for Accounts {
    fn from_ref(state: &State) -> Accounts {
        state.accounts.clone()
    }
}

struct Bench {
    folder: tempfile::TempDir,
    db: Db,
    clock: Clock,
    accounts: Accounts,
    router: Router,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("system.db"), Schema::System, db::Options::default()).unwrap();
        let clock = Clock::manual(Time(1_800_000_000_000));
        let accounts = Accounts::new(db.clone(), clock.clone());
        let router = web::admin_layers(
            Router::from(routes::<State>()).route("/mine", get(mine)).with_state(State { accounts: accounts.clone() }),
        );
        Self { folder, db, clock, accounts, router }
    }

    async fn send(&self, method: &str, path: &str, cookie: Option<&str>, body: Option<Value>) -> Answer {
        self.send_from("198.51.100.1", method, path, cookie, body).await
    }

    async fn send_from(
        &self,
        client: &str,
        method: &str,
        path: &str,
        cookie: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(path).header("host", "localhost").header("x-forwarded-for", client);
        if let Some(cookie) = cookie {
            request = request.header("cookie", format!("other=1; {}={cookie}", cookie_name()));
        }
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        Answer::of(self.router.clone().oneshot(request.unwrap()).await.unwrap()).await
    }

    /// Creates the owner; their token.
    async fn set_up(&self) -> String {
        let answer = self.send("POST", "/setup", None, Some(owner())).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.token.unwrap()
    }

    async fn sign_in(&self, client: &str, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.send_from(client, "POST", "/session", None, Some(body)).await
    }
}

struct Answer {
    status: u16,
    body: Value,
    cookie: Option<String>,
    /// The token in the cookie.
    token: Option<String>,
    retry_after: Option<String>,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
        let (cookie, retry_after) = (header("set-cookie"), header("retry-after"));
        let token = cookie
            .as_deref()
            .and_then(|c| c.strip_prefix(&format!("{}=", cookie_name())))
            .and_then(|c| c.split(';').next())
            .map(ToOwned::to_owned);
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Self { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), cookie, token, retry_after }
    }
}

fn owner() -> Value {
    json!({ "name": "Ana", "email": "Ana@Shop.example", "password": "correct horse" })
}

async fn mine(member: Member) -> web::ApiResult<String> {
    member.require(Permission::Own)?;
    Ok(format!("\"{}\"", member.workspace))
}
