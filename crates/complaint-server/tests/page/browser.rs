//! A browser as far as the server sees one: it keeps cookies, and says where a form came from.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::body::Body;
use complaint_inbox::Store;
use complaint_server::{May, Users};
use http::Request;
use http_transport::Peer;

use crate::world::{HOST, Seen, World};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// As browsers ask for a page.
pub(crate) const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

pub(crate) struct Browser<'w, S> {
    world: &'w World<S>,
    pub(crate) cookies: RefCell<BTreeMap<String, String>>,
    pub(crate) origin: Cell<Option<&'static str>>,
    pub(crate) peer: Cell<Option<IpAddr>>,
}

impl<'w, S: Store> Browser<'w, S> {
    pub(crate) fn new(world: &'w World<S>) -> Self {
        let origin = Cell::new(Some("http://127.0.0.1:8080"));
        Self { world, cookies: RefCell::default(), origin, peer: Cell::default() }
    }

    /// A browser of a user, who is logged in.
    pub(crate) async fn of(world: &'w World<S>, name: &str, may: May) -> Self {
        let browser = Self::new(world);
        if !world.users.list().iter().any(|(known, _)| known == name) {
            Users::add(&world.users_file, name, may, PASSWORD).unwrap();
            world.users.reload().unwrap();
        }
        let seen = browser.log_in(name, PASSWORD).await;
        assert_eq!((seen.status.as_u16(), seen.header("location")), (303, "/"), "{}", seen.text);
        browser
    }

    pub(crate) async fn log_in(&self, name: &str, password: &str) -> Seen {
        self.post("/login", &[("name", name), ("password", password)]).await
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.send(Request::get(path), String::new()).await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        let request = match self.origin.get() {
            Some(origin) => request.header("origin", origin),
            None => request,
        };
        self.send(request, pairs.collect::<Vec<_>>().join("&")).await
    }

    pub(crate) async fn send(&self, request: http::request::Builder, body: String) -> Seen {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("host", HOST).header("accept", ACCEPT).header("cookie", cookies.join("; "));
        let mut request = request.body(Body::from(body)).unwrap();
        if let Some(peer) = self.peer.get() {
            request.extensions_mut().insert(Peer(peer));
        }
        let seen = Seen::of(self.world.send(request).await).await;
        for cookie in seen.headers.get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        seen
    }

    /// Whether it is logged in.
    pub(crate) async fn is_in(&self) -> bool {
        let seen = self.get("/").await;
        assert!(seen.status == 200 || seen.header("location").starts_with("/login"), "{}", seen.text);
        seen.status == 200
    }

    /// The token of its forms, as the list has it.
    pub(crate) async fn token(&self) -> String {
        let text = self.get("/").await.text;
        let (_, rest) = text.split_once("name=\"token\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}
