//! Headers in a `curl` command of a browser or a log: `-H 'Name: value'`, on one line or many.

use super::line::{Headers, header};

/// The headers of a command. `None` if it is no command, or has none.
pub(super) fn headers(text: &str) -> Option<Headers> {
    let is_command = ["curl ", "curl.exe ", "$ curl ", "-H", "--header"].iter().any(|start| text.starts_with(start));
    if !is_command {
        return None;
    }
    // Windows' shell has a caret before each quote, and before a line's end.
    let without_carets = text.contains("^\"").then(|| text.replace('^', ""));
    let words = words(without_carets.as_deref().unwrap_or(text))?;
    let mut words = words.iter();
    let mut headers = Headers::new();
    while let Some(word) = words.next() {
        let line = match word.strip_prefix("--header") {
            Some("") => words.next()?,
            Some(rest) => rest.strip_prefix('=').unwrap_or(rest),
            None => match word.strip_prefix("-H") {
                Some("") => words.next()?,
                Some(rest) => rest,
                None => continue,
            },
        };
        headers.extend(header(line.trim()).map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    (!headers.is_empty()).then_some(headers)
}

/// The words of a command, as a shell splits them. `None` if a quote is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // `$'…'` has escapes; of a header's it changes nothing but the quotes.
            '$' if characters.peek() == Some(&'\'') => {}
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        end if end == character => break,
                        '\\' if character == '"' => word.push(characters.next()?),
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => match characters.next() {
                None => {}
                Some('\n') => words.extend(word.take()),
                Some('\r') if characters.peek() == Some(&'\n') => words.extend(word.take()),
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_taken_apart_as_a_shell_does() {
        let expected = [("Wechatpay-Nonce", "a b"), ("X", "\"1\"")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        for text in [
            "curl 'https://a.example/?x=1' -H 'Wechatpay-Nonce: a b' -H 'X: \"1\"' --data-raw '{\"-H\":\"Y: 2\"}'",
            "curl -X POST https://a.example \\\r\n  -H \"Wechatpay-Nonce: a b\" \\\r\n  -HX:\\ \\\"1\\\"\r\n",
            "-H 'Wechatpay-Nonce: a b' \\\n--header='X: \"1\"' \\\n",
            "--header $'Wechatpay-Nonce: a b'\n--header 'X: \"1\"'",
            "curl.exe ^\n -H ^\"Wechatpay-Nonce: a b^\" ^\n -H ^\"X: \\^\"1\\^\"^\"",
        ] {
            assert_eq!(headers(text).as_deref(), Some(&expected[..]), "{text}");
        }
        for text in ["", "curl https://a.example", "curl -H", "curl -H 'Wechatpay-Nonce: a", "-H: x", "echo -H 'X: 1'"]
        {
            assert_eq!(headers(text), None, "{text}");
        }
    }
}
