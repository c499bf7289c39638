//! A keyboard, and where its focus is.

use serde_json::json;

use crate::browser::Browser;

/// A key that has no character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Tab,
    Enter,
    Space,
}

/// The element that has the focus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Focus {
    pub role: String,
    pub name: String,
    /// Whether a person sees that it has the focus: it has an outline or a shadow, and is within the
    /// window.
    pub is_visible: bool,
}

impl Browser {
    /// Presses a key.
    pub fn press(&self, key: Key) {
        self.type_text(match key {
            Key::Tab => "\u{e004}",
            Key::Enter => "\u{e007}",
            Key::Space => " ",
        });
    }

    /// Types at the focus.
    pub fn type_text(&self, text: &str) {
        let strokes = text.chars().flat_map(|key| {
            let key = key.to_string();
            [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})]
        });
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": strokes.collect::<Vec<_>>()});
        self.session().post("/actions", &json!({"actions": [keyboard]})).unwrap_or_else(|refused| panic!("{refused}"));
    }

    /// Where the focus is; `None` if it is on the page as a whole.
    pub fn focus(&self) -> Option<Focus> {
        let focus = self.run(FOCUS, &json!([]));
        let text = |member: &str| focus[member].as_str().unwrap().to_owned();
        let is_visible = focus["visible"].as_bool()?;
        Some(Focus { role: text("role"), name: text("name"), is_visible })
    }

    /// Presses Tab from the top of the page until the focus leaves it: the stops, in their order.
    #[track_caller]
    pub fn tab_through(&self) -> Vec<Focus> {
        self.run("document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0)", &json!([]));
        let mut stops = Vec::new();
        loop {
            self.press(Key::Tab);
            let Some(focus) = self.focus() else { return stops };
            stops.push(focus);
            assert!(stops.len() < MOST_STOPS, "the focus does not leave the page");
        }
    }

    /// Presses Tab until the focus is on a name.
    #[track_caller]
    pub fn tab_to(&self, name: &str) {
        for _ in 0..MOST_STOPS {
            self.press(Key::Tab);
            if self.focus().is_some_and(|focus| focus.name == name) {
                return;
            }
        }
        panic!("Tab does not lead to “{name}” on {}", self.path());
    }

    /// How many elements the keyboard has to reach.
    pub fn operable(&self) -> Vec<String> {
        let names = self.run(OPERABLE, &json!([]));
        names.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    }
}

const FOCUS: &str = "
    const one = document.activeElement;
    if (one === null || one === document.body || one === document.documentElement) return {};
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const outline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0;
    return {role: one.computedRole, name: one.computedName.trim(),
        visible: (outline || style.boxShadow !== 'none') && inside};
";

/// The names of what can be used. Of radio buttons with one name, Tab reaches one.
const OPERABLE: &str = "
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
    const seen = all.filter(one => !one.disabled && one.checkVisibility({visibilityProperty: true}));
    const groups = new Set();
    return seen.filter(one => {
        if (one.type !== 'radio') return true;
        const isNew = !groups.has(one.name);
        groups.add(one.name);
        return isNew;
    }).map(one => one.computedName.trim());
";

/// More than any page of these tests has.
const MOST_STOPS: usize = 300;
