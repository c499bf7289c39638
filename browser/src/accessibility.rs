//! What axe-core finds on a page.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::browser::Browser;

impl Browser {
    /// The violations on the page that are serious or critical: labels, contrast, roles, order.
    pub fn violations(&self) -> Vec<String> {
        self.run(&AXE, &json!([]));
        let found = self.session().post("/execute/async", &json!({"script": RUN, "args": []}));
        let found = found.unwrap_or_else(|refused| panic!("{refused}"));
        let rows = found.as_array().unwrap_or_else(|| panic!("{found}")).iter();
        rows.filter(|row| ["serious", "critical"].contains(&row["impact"].as_str().unwrap_or("critical")))
            .map(|row: &Value| format!("{}: {}", row["id"].as_str().unwrap(), row["where"]))
            .collect()
    }
}

const RUN: &str = "
    const done = arguments[0];
    axe.run(document, {resultTypes: ['violations']}).then(
        found => done(found.violations.map(one =>
            ({id: one.id, impact: one.impact, where: one.nodes.map(node => node.html.slice(0, 200))}))),
        error => done(String(error)));
";

static AXE: LazyLock<String> = LazyLock::new(|| {
    let folder = PathBuf::from(std::env::var_os("AXE").expect("AXE names the folder of axe-core; see checks/browser"));
    std::fs::read_to_string(folder.join("axe.min.js")).unwrap()
});
