//! Documented request bodies as data, and the check of a body against one.

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    name: &'static str,
    needed: bool,
    shape: &'static Shape,
}

/// The shape of a value.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A text with a maximum number of characters. A needed member's text is not empty.
    Text(usize),
    /// A whole number from 0.
    Number,
    /// True or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list with a maximum number of elements.
    List(usize, &'static Shape),
    /// These members and no others.
    Object(&'static [Member]),
}

/// An id.
pub(crate) const ID: Shape = Shape::Text(64);
/// Ids of uploaded pictures.
pub(crate) const MEDIA_IDS: Shape = Shape::List(4, &Shape::Text(512));
/// A text whose length is not published, as in the blocks of a message.
pub(crate) const UNPUBLISHED: Shape = Shape::Text(4096);

/// A required member.
pub(crate) const fn needed(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, needed: true, shape }
}

/// A member that may be absent. `null` is refused.
pub(crate) const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    Member { name, needed: false, shape }
}

/// Reads a JSON body of this shape.
pub(crate) fn read_body(body: &[u8], members: &[Member]) -> Result<Map<String, Value>, Refusal> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| Refusal::parameter("body", "", Value::Null, "请求体不是合法的JSON"))?;
    check_object(&value, members, "")?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Refusal::parameter("body", "", Value::Null, "请求体不是对象")),
    }
}

fn check_object(value: &Value, members: &[Member], path: &str) -> Result<(), Refusal> {
    let map = value.as_object().ok_or_else(|| wrong(path, value, "不是对象"))?;
    if let Some((name, value)) = map.iter().find(|(name, _)| members.iter().all(|member| member.name != **name)) {
        return Err(wrong(&format!("{path}/{name}"), value, "未知字段"));
    }
    for member in members {
        let path = format!("{path}/{}", member.name);
        match map.get(member.name) {
            Some(value) => check(value, member, &path)?,
            None if member.needed => return Err(wrong(&path, &Value::Null, "此字段为必填项")),
            None => {}
        }
    }
    Ok(())
}

fn check(value: &Value, member: &Member, path: &str) -> Result<(), Refusal> {
    if member.needed && value.as_str() == Some("") {
        return Err(wrong(path, value, "此字段为必填项"));
    }
    check_value(value, member.shape, path)
}

fn check_value(value: &Value, shape: &Shape, path: &str) -> Result<(), Refusal> {
    if value.is_null() {
        return Err(wrong(path, value, "不允许为null"));
    }
    match shape {
        Shape::Text(longest) => {
            let text = value.as_str().ok_or_else(|| wrong(path, value, "不是字符串"))?;
            if text.chars().any(|c| c > '\u{FFFF}') {
                return Err(wrong(path, value, "含有四字节字符"));
            }
            if text.chars().count() > *longest {
                return Err(wrong(path, value, &format!("长度超过最大限制{longest}")));
            }
        }
        Shape::Number => drop(value.as_u64().ok_or_else(|| wrong(path, value, "不是非负整数"))?),
        Shape::Flag => drop(value.as_bool().ok_or_else(|| wrong(path, value, "不是布尔值"))?),
        Shape::Word(words) => {
            value.as_str().filter(|word| words.contains(word)).ok_or_else(|| wrong(path, value, "不是枚举值"))?;
        }
        Shape::List(most, each) => {
            let list = value.as_array().ok_or_else(|| wrong(path, value, "不是数组"))?;
            if list.len() > *most {
                return Err(wrong(path, value, &format!("元素个数超过最大限制{most}")));
            }
            for (index, value) in list.iter().enumerate() {
                check_value(value, each, &format!("{path}/{index}"))?;
            }
        }
        Shape::Object(members) => check_object(value, members, path)?,
    }
    Ok(())
}

fn wrong(path: &str, value: &Value, issue: &str) -> Refusal {
    Refusal::parameter("body", path, value.clone(), issue)
}

/// A member's text.
pub(crate) fn text<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    map.get(name).and_then(Value::as_str)
}

/// A member's list of texts.
pub(crate) fn texts(map: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = map.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
