//! A person's browser.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::element::Element;
use crate::patience::wait_for;
use crate::webdriver::{Refused, Session};

/// A browser of one person, with cookies of its own. It ends when it is dropped.
pub struct Browser {
    session: Session,
    origin: String,
    scripts: Scripts,
}

/// Whether pages run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    Run,
    /// As Chromium's setting says.
    Blocked,
}

impl Browser {
    /// Opens a browser, as wide as a desktop, that will visit the server at this origin.
    pub fn open(origin: &str, scripts: Scripts) -> Self {
        // 1 allows, 2 blocks.
        let allowed = if scripts == Scripts::Run { 1 } else { 2 };
        let session = Session::start(&json!({
            "args": ARGUMENTS,
            "prefs": {"profile.managed_default_content_settings.javascript": allowed},
        }));
        let browser = Self { session, origin: origin.to_owned(), scripts };
        browser.resize(DESKTOP);
        browser
    }

    /// Whether its pages run scripts.
    pub const fn scripts(&self) -> Scripts {
        self.scripts
    }

    /// Goes to a path of the server, and waits until the page is there.
    #[track_caller]
    pub fn go(&self, path: &str) {
        self.session.post("/url", &json!({"url": format!("{}{path}", self.origin)})).unwrap();
    }

    /// Shows a page that is no server's.
    pub fn show(&self, html: &str) {
        let url = format!("data:text/html;charset=utf-8;base64,{}", STANDARD.encode(html));
        self.session.post("/url", &json!({"url": url})).unwrap();
    }

    /// Loads the page again.
    pub fn reload(&self) {
        self.session.post("/refresh", &json!({})).unwrap();
    }

    /// Goes back to the page before.
    pub fn back(&self) {
        self.session.post("/back", &json!({})).unwrap();
    }

    /// Marks the page that is there now.
    pub fn mark(&self) {
        self.run("window.marked = true", &json!([]));
    }

    /// Whether the page is still the one that was marked.
    pub fn is_marked(&self) -> bool {
        self.try_run("return window.marked === true", &json!([])).is_ok_and(|marked| marked == true)
    }

    /// Waits until another page has taken the marked one's place.
    #[track_caller]
    pub(crate) fn waits_for_a_page(&self) {
        wait_for("another page", || {
            let is_there = "return window.marked === undefined && document.readyState === 'complete'";
            self.try_run(is_there, &json!([])).is_ok_and(|is_there| is_there == true).then_some(())
        });
    }

    /// The path of the page, with its query.
    pub fn path(&self) -> String {
        let url = self.session.get("/url").unwrap();
        let url = url.as_str().unwrap();
        url.strip_prefix(&self.origin).unwrap_or(url).to_owned()
    }

    /// Makes the window so wide and high.
    pub fn resize(&self, (width, height): (u32, u32)) {
        let is_mobile = width < DESKTOP.0;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_mobile});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Prefers dark colours, or bright ones.
    pub fn prefer_dark(&self, dark: bool) {
        let preference = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": preference}]);
        self.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    /// Keeps the browser from every server, or ends that.
    pub fn cut_off(&self, is_cut_off: bool) {
        self.devtools("Network.enable", &json!({}));
        let line = json!({"offline": is_cut_off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.emulateNetworkConditions", &line);
    }

    /// Sends a form of these fields from another tab, as far as the server sees it.
    pub fn post_elsewhere(&self, path: &str, fields: &Value) {
        self.run(POST, &json!([path, fields]));
    }

    /// Another tab was in front, and this one is again.
    pub fn come_back(&self) {
        self.run("document.dispatchEvent(new Event('visibilitychange'))", &json!([]));
    }

    /// How wide the content of the page is.
    pub fn content_width(&self) -> u64 {
        self.run("return document.documentElement.scrollWidth", &json!([])).as_u64().unwrap()
    }

    /// The text that is to be seen.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText", &json!([])).as_str().unwrap().to_owned()
    }

    /// Waits until a text is to be seen.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        wait_for(&format!("“{text}” on {}", self.path()), || {
            // The page may be on its way.
            let seen = self.try_run("return document.body.innerText", &json!([])).ok()?;
            seen.as_str()?.contains(text).then_some(())
        });
    }

    /// Waits until a text is to be seen in the region of a name.
    #[track_caller]
    pub fn sees_in(&self, region: &str, text: &str) {
        wait_for(&format!("“{text}” in “{region}” on {}", self.path()), || {
            self.is_in(region, text).then_some(())
        });
    }

    /// Whether a text is to be seen in the region of a name.
    pub fn is_in(&self, region: &str, text: &str) -> bool {
        // The page may be on its way.
        let seen = self.try_run(REGION, &json!([region])).ok();
        seen.as_ref().and_then(Value::as_str).is_some_and(|seen| seen.contains(text))
    }

    /// A link of this name.
    pub fn link(&self, name: &str) -> Element<'_> {
        Element::new(self, "link", name, None)
    }

    /// A button of this name.
    pub fn button(&self, name: &str) -> Element<'_> {
        Element::new(self, "button", name, None)
    }

    /// A field to fill in, by its label.
    pub fn field(&self, label: &str) -> Element<'_> {
        Element::new(self, "field", label, None)
    }

    /// A field of the form that this button sends.
    pub fn field_beside(&self, button: &str, label: &str) -> Element<'_> {
        Element::new(self, "field", label, Some(button))
    }

    /// A picture of the page as it is to be seen, as PNG.
    pub fn screenshot(&self) -> Vec<u8> {
        STANDARD.decode(self.session.get("/screenshot").unwrap().as_str().unwrap()).unwrap()
    }

    /// Clicks a link to a file that the browser saves into a folder under this name: its text.
    #[track_caller]
    pub fn download(&self, link: &str, folder: &Path, name: &str) -> String {
        self.devtools("Browser.setDownloadBehavior", &json!({"behavior": "allow", "downloadPath": folder}));
        self.link(link).click();
        // It has another name until it is whole.
        wait_for(name, || std::fs::read_to_string(folder.join(name)).ok())
    }

    /// Runs a script of the tests, which a page's policy does not concern.
    #[track_caller]
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.try_run(script, arguments).unwrap_or_else(|refused| panic!("{refused}"))
    }

    pub(crate) fn try_run(&self, script: &str, arguments: &Value) -> Result<Value, Refused> {
        self.session.post("/execute/sync", &json!({"script": script, "args": arguments}))
    }

    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.session.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters})).unwrap()
    }

    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

/// The text of a region, each run of blanks as one.
const REGION: &str = "
    const found = [...document.querySelectorAll('section, nav, main')].find(one => one.computedName.trim() === arguments[0]);
    return found?.innerText.replace(/\\s+/g, ' ');
";

const POST: &str = "
    const request = new XMLHttpRequest();
    request.open('POST', arguments[0], false);
    request.send(new URLSearchParams(arguments[1]));
    if (request.status !== 200) throw new Error(`${arguments[0]}: ${request.status}`);
";

/// The size of a desktop's window, and of a telephone's.
pub const DESKTOP: (u32, u32) = (1280, 800);
pub const TELEPHONE: (u32, u32) = (400, 800);

const ARGUMENTS: [&str; 10] = [
    "--headless",
    // It refuses to run as root otherwise; it sees this server alone.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-proxy-server",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--lang=zh-CN",
    // Scripts read roles and names as a screen reader does.
    "--enable-blink-features=ComputedAccessibilityInfo",
];
