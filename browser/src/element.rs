//! What a person clicks and fills in.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::patience::wait_for;
use crate::webdriver::Refused;

/// An element of a page, by what a person sees of it. It is looked for at each use, since a page may
/// draw it anew.
pub struct Element<'b> {
    browser: &'b Browser,
    role: &'static str,
    name: String,
    /// The button of the form that it is in.
    button: Option<String>,
}

impl<'b> Element<'b> {
    pub(crate) fn new(browser: &'b Browser, role: &'static str, name: &str, button: Option<&str>) -> Self {
        Self { browser, role, name: name.to_owned(), button: button.map(str::to_owned) }
    }

    /// Clicks it.
    #[track_caller]
    pub fn click(&self) {
        self.ask("click", &json!({}));
    }

    /// Clicks it, and waits for the page that this leads to.
    #[track_caller]
    pub fn send(&self) {
        self.browser.mark();
        self.click();
        self.browser.waits_for_a_page();
    }

    /// Clicks it twice at once, as some people do, and waits for the page that this leads to.
    #[track_caller]
    pub fn send_twice(&self) {
        self.browser.mark();
        self.with(|it| {
            self.browser.try_run("arguments[0].scrollIntoView({block: 'center'})", &json!([it]))?;
            let press = json!([
                {"type": "pointerMove", "origin": it, "x": 0, "y": 0},
                {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
                {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
            ]);
            let mouse = json!({"type": "pointer", "id": "mouse", "actions": press});
            self.browser.session().post("/actions", &json!({"actions": [mouse]}))
        });
        self.browser.waits_for_a_page();
    }

    /// Types a text, or chooses a file by its path.
    #[track_caller]
    pub fn fill(&self, text: &str) {
        self.ask("value", &json!({"text": text}));
    }

    /// Removes the text of a field.
    #[track_caller]
    pub fn clear(&self) {
        self.ask("clear", &json!({}));
    }

    /// Chooses a value of a list.
    #[track_caller]
    pub fn choose(&self, value: &str) {
        self.with(|it| {
            let option = self.browser.try_run(OPTION, &json!([it, value]))?;
            let Some(id) = option[KEY].as_str() else { panic!("no “{value}” in “{}”", self.name) };
            self.browser.session().post(&format!("/element/{id}/click"), &json!({}))
        });
    }

    /// Puts a text in as pasting does.
    #[track_caller]
    pub fn paste(&self, text: &str) {
        self.click();
        self.browser.devtools("Input.insertText", &json!({"text": text}));
    }

    /// What a field has.
    #[track_caller]
    pub fn value(&self) -> String {
        let value = self.with(|it| self.browser.try_run("return arguments[0].value", &json!([it])));
        value.as_str().unwrap().to_owned()
    }

    /// Waits until it is there.
    #[track_caller]
    pub fn is_there(&self) {
        self.with(|_| Ok(Value::Null));
    }

    #[track_caller]
    fn ask(&self, command: &str, parameters: &Value) {
        self.with(|it| {
            let id = it[KEY].as_str().unwrap_or_default();
            self.browser.session().post(&format!("/element/{id}/{command}"), parameters)
        });
    }

    /// Waits for the only visible element that it can be, and uses it.
    #[track_caller]
    fn with(&self, mut usage: impl FnMut(&Value) -> Result<Value, Refused>) -> Value {
        let Self { browser, role, name, button } = self;
        wait_for(&format!("a {role} “{name}” on {}", browser.path()), || {
            let found = browser.try_run(FIND, &json!([role, name, button])).ok()?;
            match found["found"].as_array()?.as_slice() {
                [it] => match usage(it) {
                    Err(refused) if refused.code == "stale element reference" => None,
                    used => Some(used.unwrap_or_else(|refused| panic!("{role} “{name}”: {refused}"))),
                },
                [] => None,
                several => panic!("{} times a {role} “{name}” on {}", several.len(), browser.path()),
            }
        })
    }
}

/// Finds the visible elements of a role and a name, and those of the form of a button alone if one is
/// named. A closed `details` hides what it has.
pub(crate) const FIND: &str = "
    const [role, name, button] = arguments;
    const kinds = {
        link: 'a[href]',
        button: 'button, input[type=submit], summary',
        field: 'input:not([type=hidden], [type=submit]), textarea, select',
    };
    // The name of a choice of files ends with the files, and that of a summary begins with its marker.
    const nameOf = one => one.type === 'file' ? one.labels[0]?.innerText.trim() : one.computedName.trim().replace(/^[▸▾] /, '');
    const named = (within, kind, name) => [...within.querySelectorAll(kinds[kind])]
        .filter(one => nameOf(one) === name && one.checkVisibility({visibilityProperty: true}));
    const forms = button === null ? [document] : named(document, 'button', button).map(one => one.form);
    return {found: forms.flatMap(form => named(form, role, name))};
";

const OPTION: &str = "return [...arguments[0].options].find(option => option.text === arguments[1]) ?? null";

/// The name under which WebDriver writes an element.
const KEY: &str = "element-6066-11e4-a52e-4f735466cecf";
