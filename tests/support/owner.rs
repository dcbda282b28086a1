//! The owner in front of the interface: signed in, over HTTP.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

/// A signed-in owner.
#[derive(Clone)]
pub struct Owner {
    http: reqwest::Client,
    base: String,
    cookie: String,
}

const EMAIL: &str = "thandi@shop.example";
const PASSWORD: &str = "correct horse battery";

impl Owner {
    /// Makes the owner's account on a fresh program, or signs in where there is one.
    pub async fn sign_in(admin: &str) -> Owner {
        base::net::install_tls();
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().expect("a client");
        let session: Value = http.get(format!("{admin}/api/session")).send().await.unwrap().json().await.unwrap();
        let (path, body) = if session["setup_needed"] == true {
            ("setup", json!({ "name": "Thandi", "email": EMAIL, "password": PASSWORD }))
        } else {
            ("session", json!({ "email": EMAIL, "password": PASSWORD }))
        };
        let response = http.post(format!("{admin}/api/{path}")).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "sign-in failed: {}", response.text().await.unwrap());
        let cookie = response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Owner { http, base: format!("{admin}/api"), cookie }
    }

    /// What a browser keeps of being signed in: `name=value`.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header("cookie", &self.cookie)
    }

    /// The status and the body, whatever they are.
    pub async fn try_call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// The same of a program that may be away for a moment: then nothing.
    pub async fn ask(&self, method: Method, path: &str) -> Option<(u16, Value)> {
        let response = self.request(method, path).send().await.ok()?;
        Some((response.status().as_u16(), response.json().await.ok()?))
    }

    /// The same with a form.
    pub async fn try_form(&self, path: &str, form: reqwest::multipart::Form) -> (u16, Value) {
        let response = self.request(Method::POST, path).multipart(form).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, body) = self.try_call(method.clone(), path, body).await;
        assert!((200..300).contains(&status), "{method} {path} answered {status}: {body}");
        body
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) {
        self.call(Method::DELETE, path, None).await;
    }

    /// Drops files onto the page.
    pub async fn upload(&self, files: &[(&str, Vec<u8>)]) -> Value {
        let mut form = reqwest::multipart::Form::new();
        for (name, bytes) in files {
            form = form.part("file", reqwest::multipart::Part::bytes(bytes.clone()).file_name((*name).to_owned()));
        }
        let response = self.request(Method::POST, "/sources/files").multipart(form).send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    /// Waits until every source is read, well or not.
    pub async fn until_read(&self) -> Vec<Value> {
        crate::until("every source is read", Duration::from_secs(180), || async {
            let sources = self.get("/sources?limit=200").await["items"].as_array().unwrap().clone();
            let busy = |s: &Value| matches!(s["state"].as_str(), Some("queued" | "reading" | "understanding"));
            (!sources.is_empty() && !sources.iter().any(busy)).then_some(sources)
        })
        .await
    }

    /// Loads the sample business and waits until its documents are read. Gives its bot.
    pub async fn load_sample(&self) -> String {
        let bot = self.post("/sample", json!({})).await["bot_id"].as_str().unwrap().to_owned();
        for source in self.until_read().await {
            assert_eq!(source["state"], "ready", "{source}");
        }
        bot
    }
}
