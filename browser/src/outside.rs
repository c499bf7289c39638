//! What a page loaded, and what the browser complained of.

use serde_json::{Value, json};

use crate::browser::Browser;

impl Browser {
    /// The addresses outside of the server that pages asked for since the last call. Chromium draws its
    /// own fields with `data:`, which leads nowhere; a page's policy forbids it to the page.
    pub fn outside_requests(&self) -> Vec<String> {
        let mut outside = Vec::new();
        for entry in self.log("performance") {
            let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
            let message = &message["message"];
            if message["method"] != "Network.requestWillBeSent" {
                continue;
            }
            let url = message["params"]["request"]["url"].as_str().unwrap();
            if url.strip_prefix(self.origin()).is_none_or(|rest| !rest.starts_with('/')) && !url.starts_with("data:") {
                outside.push(url.to_owned());
            }
        }
        outside
    }

    /// The errors of scripts, what a policy kept from loading, and what could not be loaded, since the
    /// last call.
    pub fn console(&self) -> Vec<String> {
        let entries = self.log("browser");
        entries.iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    fn log(&self, kind: &str) -> Vec<Value> {
        match self.session().post("/se/log", &json!({"type": kind})).unwrap() {
            Value::Array(entries) => entries,
            other => panic!("{other}"),
        }
    }
}
