//! Who a request comes from, also behind a tunnel or proxy on this machine.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::HeaderMap;
use http::request::Parts;

/// The client's address. When the connection comes from this machine, a tunnel or proxy may have passed the request
/// on: then it is the last entry of `X-Forwarded-For`, the one that the nearest proxy wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    pub fn of(peer: Option<IpAddr>, headers: &HeaderMap) -> Self {
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical();
        if !peer.is_loopback() {
            return Self(peer);
        }
        let forwarded = headers
            .get_all("x-forwarded-for")
            .iter()
            .next_back()
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.rsplit(',').next())
            .and_then(|v| v.trim().parse::<IpAddr>().ok());
        Self(forwarded.map_or(peer, |ip| ip.to_canonical()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self::of(peer, &parts.headers))
    }
}

/// Whether the browser reached us over https, as far as we or the proxy before us can tell.
pub fn is_secure(parts: &Parts) -> bool {
    let forwarded = parts.headers.get("x-forwarded-proto").and_then(|v| v.to_str().ok());
    let origin = parts.headers.get("origin").and_then(|v| v.to_str().ok());
    parts.uri.scheme_str() == Some("https")
        || forwarded == Some("https")
        || origin.is_some_and(|origin| origin.starts_with("https://"))
}
