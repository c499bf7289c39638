//! The frame of each page, and the headers of each response.

use askama::Template;
use axum::body::Body;
use axum::middleware::Next;
use axum::response::Response;
use complaint_texts::Language;
use http::{HeaderValue, Request, StatusCode, Uri, header};

use super::visitor::{Visitor, here};

/// What stands around the content of each page. The templates extend `layout.html`, which reads it
/// as `frame`.
pub(crate) struct Frame {
    language: Language,
    pub(crate) title: String,
    pub(crate) visitor: Option<Visitor>,
    section: Option<Section>,
    /// The address of this page.
    pub(crate) here: String,
}

impl Frame {
    /// The frame for a person who is logged in.
    pub(crate) fn of(visitor: &Visitor, section: Section, title: String, uri: &Uri) -> Self {
        let (language, here) = (visitor.language(), here(uri).to_owned());
        Self { language, title, visitor: Some(visitor.clone()), section: Some(section), here }
    }

    /// The frame for a person who is not logged in. The choice of a language leads to this address.
    pub(crate) fn outside(language: Language, title: String, here: &str) -> Self {
        Self { language, title, visitor: None, section: None, here: here.to_owned() }
    }

    /// A text in the page's language.
    pub(crate) fn text(&self, name: &str) -> String {
        self.language.text(name)
    }

    pub(crate) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    pub(crate) fn other_language(&self) -> &'static str {
        if self.language == Language::Chinese { "en" } else { "zh" }
    }

    pub(crate) fn user_line(&self) -> String {
        let name = self.visitor.as_ref().map_or("", Visitor::name);
        self.language.text_with("nav-user", [("name", name.into())])
    }

    /// The token for the forms of this page.
    pub(crate) fn token(&self) -> &str {
        self.visitor.as_ref().map_or("", Visitor::token)
    }

    pub(crate) fn links(&self) -> Vec<Link> {
        if self.visitor.is_none() {
            return Vec::new();
        }
        let link =
            |section, label| Link { href: Section::href(section), label, is_here: self.section == Some(section) };
        vec![
            link(Section::Complaints, self.language.text("nav-complaints")),
            link(Section::Numbers, self.language.text("nav-numbers")),
            link(Section::Letters, self.language.text("nav-letters")),
            link(Section::Journal, self.language.text("nav-journal")),
        ]
    }
}

/// A part of the page that the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Complaints,
    Numbers,
    Letters,
    Journal,
}

impl Section {
    const fn href(self) -> &'static str {
        match self {
            Self::Complaints => "/",
            Self::Numbers => "/numbers",
            Self::Letters => "/letters",
            Self::Journal => "/journal",
        }
    }
}

pub(crate) struct Link {
    pub(crate) href: &'static str,
    pub(crate) label: String,
    pub(crate) is_here: bool,
}

/// A page as a response.
pub(crate) fn show(status: StatusCode, page: &impl Template) -> Response {
    // A template fails only if a value of it does, and these are texts.
    let mut response = Response::new(Body::from(page.render().unwrap_or_default()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// Lets a page load its own style, script and pictures, and nothing else. Its forms lead to this
/// server alone, and tell it their origin, which `no-referrer` would hide.
pub(super) async fn protect(request: Request<Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    bound(&mut response);
    response
}

/// The headers of [`protect`].
pub(super) fn bound(response: &mut Response) {
    for (name, value) in [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "same-origin")] {
        // A picture has its own.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
