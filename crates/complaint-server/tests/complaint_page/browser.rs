//! A browser without scripts: it keeps its cookie, and sends forms as it finds them.

use axum::body::Body;
use complaint_inbox::ComplaintKey;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower_service::Service as _;

use crate::world::{HOST, PASSWORD, World};

pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\nreceipt";

pub(crate) struct Browser<'w> {
    pub(crate) world: &'w World,
    pub(crate) cookie: String,
    /// `; language=en`, if it was chosen.
    pub(crate) language: &'static str,
    pub(crate) origin: String,
}

impl<'w> Browser<'w> {
    /// Logs in.
    pub(crate) async fn enter(world: &'w World, name: &str) -> Self {
        let mut browser = Self { world, cookie: String::new(), language: "", origin: format!("http://{HOST}") };
        let response = browser.log_in(name, PASSWORD, &[("to".to_owned(), "/".to_owned())]).await;
        assert_eq!(response.status, StatusCode::SEE_OTHER, "{}", response.text());
        browser
    }

    /// Sends the form of the log-in, with the fields that it has beside name and password.
    pub(crate) async fn log_in(&mut self, name: &str, password: &str, fields: &[(String, String)]) -> Seen {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("name", name), ("password", password)])
            .extend_pairs(fields)
            .finish();
        let response = self.send(Method::POST, "/login", "application/x-www-form-urlencoded", form.into()).await;
        if let Some(cookie) = response.headers.get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        response
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// The page of a complaint.
    pub(crate) async fn open(&self, key: &ComplaintKey) -> Seen {
        let page = self.get(&path(key)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
        page
    }

    /// Sends a form with these fields instead of its own, and pictures.
    pub(crate) async fn submit(&self, form: &Filled, fields: &[(&str, &str)], pictures: &[&[u8]]) -> Seen {
        let own = form.fields.iter().map(|(name, value)| (&**name, &**value));
        let own = own.filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        let mut body = Vec::new();
        for (name, value) in own.chain(fields.iter().copied()) {
            body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for picture in pictures {
            let head = "--b\r\nContent-Disposition: form-data; name=\"pictures\"; filename=\"x\"\r\n\r\n";
            body.extend([head.as_bytes(), picture, b"\r\n"].concat());
        }
        body.extend(b"--b--\r\n");
        self.send(Method::POST, &form.action, "multipart/form-data; boundary=b", body).await
    }

    /// Sends a form that has no pictures, as it stands.
    pub(crate) async fn press(&self, form: &Filled) -> Seen {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.fields).finish();
        self.send(Method::POST, &form.action, "application/x-www-form-urlencoded", body.into()).await
    }

    async fn send(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Seen {
        let request = Request::builder().method(&method).uri(path).header("host", HOST);
        let mut request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        if method == Method::POST {
            request = request.header("origin", &self.origin).header("content-type", content_type);
        }
        let request = request.header("cookie", format!("{}{}", self.cookie, self.language));
        let response = self.world.desk.clone().call(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Seen { status: head.status, headers: head.headers, body }
    }
}

/// The address of a complaint's page.
pub(crate) fn path(key: &ComplaintKey) -> String {
    format!("/complaints/{}/{}/{}", key.channel, key.merchant, key.id)
}

/// A response that was read.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn has(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.headers["location"].to_str().unwrap()
    }

    /// The form of an act, with its hidden fields and the text of its text field.
    pub(crate) fn form(&self, name: &str) -> Option<Filled> {
        self.form_by(&format!("id=\"form-{name}\""))
    }

    /// The form that has these words.
    pub(crate) fn form_by(&self, words: &str) -> Option<Filled> {
        let forms = self.text().split("<form ").skip(1).map(|rest| rest.split("</form>").next().unwrap());
        let form = forms.into_iter().find(|form| form.contains(words))?;
        let value = |rest: &str, name: &str| Some(rest.split_once(name)?.1.split_once('"')?.0.to_owned());
        let hidden = form.split("<input type=\"hidden\" ").skip(1);
        let fields = hidden.map(|rest| (value(rest, "name=\"").unwrap(), value(rest, "value=\"").unwrap())).collect();
        Some(Filled { action: value(form, "action=\"")?, fields, html: form.to_owned() })
    }
}

/// A form as a page has it.
pub(crate) struct Filled {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) html: String,
}
