//! Header files: headers as on the wire, or as programs log them.
//!
//! The forms: lines of `Name: value`; `curl -v` and a `curl` command; a browser's view and its
//! archive; JSON; and maps as PHP, Python, Node, Java, Go and Ruby print them.

mod curl;
mod dump;
mod json;
mod line;

use std::borrow::Cow;
use std::path::Path;

pub(crate) use self::line::Headers;
use self::line::header;
use crate::error::{Code, Error};
use crate::input;

/// Largest header file read, in bytes.
const MAX_HEADER_FILE: usize = 64 * 1024;

/// Largest file of JSON read, in bytes. An archive also holds bodies.
const MAX_JSON: usize = 1024 * 1024;

/// Reads a header file.
pub(crate) fn read(path: &Path) -> Result<Headers, Error> {
    let bytes = input::read(path, MAX_JSON)?;
    if bytes.len() > MAX_HEADER_FILE && !is_json(&bytes) {
        return Err(Error::new(
            Code::TooLarge,
            format_args!("{} has more than {MAX_HEADER_FILE} bytes, which no message's headers have", path.display()),
        ));
    }
    parse(&bytes).map_err(|problem| Error::new(Code::Malformed, format_args!("{}: {problem}", path.display())))
}

fn is_json(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).is_ok()
}

/// Reads headers. The error names the line that is none.
fn parse(bytes: &[u8]) -> Result<Headers, String> {
    // A byte that is not UTF-8 damages its value, not the file.
    let text = text_of(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let start = text.trim_start();
    if start.is_empty() {
        return Err("it is empty; write lines of `Name: value`".to_owned());
    }
    let headers = match json::messages(start) {
        Some(mut messages) => {
            let count = messages.len();
            messages.pop().filter(|_| count == 1).ok_or_else(|| {
                format!("it has {count} messages with headers of WeChat Pay's in it; keep only those of the given body")
            })?
        }
        None => curl::headers(start).map_or_else(|| of_lines(text), Ok)?,
    };
    if headers.is_empty() {
        return Err("it has no header in it; write lines of `Name: value`".to_owned());
    }
    Ok(headers.into_iter().map(|(name, value)| on_the_wire(name, value)).collect())
}

/// Lines, or a printed map.
fn of_lines(text: &str) -> Result<Headers, String> {
    lines(text).or_else(|line| {
        // In a file that begins as lines, a wrong line is an error.
        let first = text.lines().position(|line| !line.trim().is_empty()).map_or(0, |at| at + 1);
        let dumped = if line == first { dump::headers(text) } else { None };
        dumped.ok_or_else(|| {
            format!("line {line} is no header; write lines of `Name: value`, or an object of JSON with the headers")
        })
    })
}

/// A header as on the wire. Quotes around WeChat Pay's values are dropped.
fn on_the_wire(name: String, value: String) -> (String, String) {
    let name = wire_name(name);
    let is_ours = name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("wechatpay-"));
    let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    match quoted.filter(|_| is_ours) {
        Some(inner) => (name, inner.to_owned()),
        None => (name, value),
    }
}

/// The text. Windows' shells write UTF-16.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match input::utf16(bytes) {
        Some(text) => Cow::Owned(text),
        None => String::from_utf8_lossy(bytes),
    }
}

/// A header a line, LF or CRLF. Request lines, remarks of `curl -v` and pseudo-headers are skipped;
/// a status line starts anew. The error is the number of the first other line.
fn lines(text: &str) -> Result<Headers, usize> {
    let mut headers: Headers = Vec::new();
    let mut waits_for_value = false;
    for (number, whole) in text.lines().enumerate() {
        let (line, of_curl) = match whole.trim_end() {
            line if line == ">" || line == "<" => continue,
            // curl's remarks, and how much it sent.
            line if ["* ", "{ [", "} [", "== Info"].iter().any(|start| line.starts_with(start)) => continue,
            line => match line.strip_prefix("> ").or(line.strip_prefix("< ")) {
                Some(rest) => (rest, true),
                None => (line, false),
            },
        };
        if line.starts_with("HTTP/") {
            // `curl -i` writes a response after another: 100, a proxy's. The last one counts.
            headers.clear();
            continue;
        }
        if line.is_empty() || is_request_line(line) {
            waits_for_value = false;
            continue;
        }
        match header(line) {
            // A browser's pseudo-header, `:method: POST`.
            Some((name, value)) if name.starts_with(':') => {
                waits_for_value = value.is_empty();
                if waits_for_value {
                    headers.push((name.to_owned(), String::new()));
                }
            }
            Some((name, value)) => {
                waits_for_value = value.is_empty();
                headers.push((name.to_owned(), value.to_owned()));
            }
            // A browser's copy has the value on the line below the name.
            None if waits_for_value && !of_curl => {
                waits_for_value = false;
                if let Some((_, value)) = headers.last_mut() {
                    line.trim().clone_into(value);
                }
            }
            None => return Err(number + 1),
        }
    }
    headers.retain(|(name, _)| !name.starts_with(':'));
    Ok(headers)
}

fn is_request_line(line: &str) -> bool {
    let mut words = line.split(' ');
    let method = words.next().unwrap_or_default();
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    is_method && words.next_back().is_some_and(|version| version.starts_with("HTTP/"))
}

/// The name on the wire of a header as CGI, PHP or a server's log names it: `HTTP_WECHATPAY_NONCE`.
fn wire_name(name: String) -> String {
    let cgi = name.get(..5).filter(|start| start.eq_ignore_ascii_case("http_")).and_then(|_| name.get(5..));
    match cgi {
        Some(rest) => rest.replace('_', "-"),
        None if name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("wechatpay_")) => name.replace('_', "-"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads as a nonce and a signature with everything that base64 has.
    #[track_caller]
    fn reads(text: &str) {
        let headers = parse(text.as_bytes()).unwrap_or_else(|problem| panic!("{problem}: {text}"));
        let find = |name: &str| {
            let mut found = headers.iter().filter(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
            let value = found.next().map(|(_, value)| value.as_str());
            assert!(found.next().is_none(), "{name} stands once: {headers:?}");
            value
        };
        assert_eq!(find("Wechatpay-Nonce"), Some("EcZ9"), "{text}");
        assert_eq!(find("Wechatpay-Signature"), Some("2YF+f/xg8A=="), "{text}");
        assert_eq!(find("Wechatpay-Timestamp"), Some("1741936166"), "{text}");
    }

    #[test]
    fn lines_are_read_as_tools_show_them() {
        reads("Wechatpay-Nonce: EcZ9\r\nWechatpay-Signature:2YF+f/xg8A==\r\nWechatpay-Timestamp: 1741936166\r\n");
        reads(
            "*   Trying 127.0.0.1:443...\n* Connected\n> POST /notify HTTP/1.1\n> Host: a.example\n> Wechatpay-Nonce: EcZ9\n\
             > Wechatpay-Signature: 2YF+f/xg8A==\n> Wechatpay-Timestamp: 1741936166\n>\n} [451 bytes data]\n",
        );
        reads(
            "> GET /v3/x HTTP/2\n> Wechatpay-Nonce: mine\n>\n< HTTP/2 200\n< wechatpay-nonce: EcZ9\n\
             < wechatpay-signature: 2YF+f/xg8A==\n< wechatpay-timestamp: 1741936166\n<\n{ [2 bytes data]\n* Connection #0\n",
        );
        reads(
            ":authority: a.example:8443\n:method: POST\n:path: /notify\n:scheme: https\nwechatpay-nonce: EcZ9\n\
             wechatpay-signature: 2YF+f/xg8A==\nwechatpay-timestamp: 1741936166\n",
        );
        reads(
            ":method:\nPOST\n:path:\n/notify?a=1\nwechatpay-nonce:\nEcZ9\nwechatpay-signature:\n2YF+f/xg8A==\n\
             wechatpay-timestamp:\n1741936166\n",
        );
        reads(
            "HTTP_HOST: a.example\nHTTP_WECHATPAY_NONCE: EcZ9\nHTTP_WECHATPAY_SIGNATURE: 2YF+f/xg8A==\n\
             http_wechatpay_timestamp: 1741936166\n",
        );
        reads("wechatpay-nonce\tEcZ9\nwechatpay-signature\t2YF+f/xg8A==\nwechatpay-timestamp\t1741936166\n");
        reads("Wechatpay-Nonce: 'EcZ9'\nWechatpay-Signature: \"2YF+f/xg8A==\"\nWechatpay-Timestamp: 1741936166\n");
        let utf16: Vec<u8> = "\u{feff}Wechatpay-Nonce: EcZ9\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(parse(&utf16).unwrap(), [("Wechatpay-Nonce".to_owned(), "EcZ9".to_owned())]);
    }

    #[test]
    fn maps_are_read_as_languages_print_them() {
        for text in [
            r#"{"Wechatpay-Nonce":"EcZ9","Wechatpay-Signature":["2YF+f\/xg8A=="],"Wechatpay-Timestamp":1741936166}"#,
            r#"{"method":"POST","headers":{"wechatpay-nonce":"EcZ9","wechatpay-signature":"2YF+f/xg8A==","wechatpay-timestamp":"1741936166","x":null}}"#,
            r#"[{"name":"Wechatpay-Nonce","value":"EcZ9"},{"name":"Wechatpay-Signature","value":"2YF+f/xg8A=="},{"name":"Wechatpay-Timestamp","value":"1741936166"}]"#,
            r#"[["Wechatpay-Nonce","EcZ9"],["Wechatpay-Signature","2YF+f/xg8A=="],["Wechatpay-Timestamp","1741936166"]]"#,
            // PHP: print_r, var_export, var_dump.
            "Array\n(\n    [HTTP_HOST] => a.example\n    [QUERY_STRING] => \n    [HTTP_WECHATPAY_NONCE] => EcZ9\n    [HTTP_WECHATPAY_SIGNATURE] => 2YF+f/xg8A==\n    [HTTP_WECHATPAY_TIMESTAMP] => 1741936166\n    [argv] => Array\n        (\n        )\n\n)\n",
            "Array\n(\n    [wechatpay-nonce] => Array\n        (\n            [0] => EcZ9\n        )\n\n    [wechatpay-signature] => Array\n        (\n            [0] => 2YF+f/xg8A==\n        )\n\n    [wechatpay-timestamp] => Array\n        (\n            [0] => 1741936166\n        )\n)\n",
            "array (\n  'HTTP_WECHATPAY_NONCE' => 'EcZ9',\n  'HTTP_WECHATPAY_SIGNATURE' => '2YF+f/xg8A==',\n  'HTTP_WECHATPAY_TIMESTAMP' => '1741936166',\n  'REQUEST_TIME' => 1741936166,\n)",
            "array(3) {\n  [\"HTTP_WECHATPAY_NONCE\"]=>\n  string(4) \"EcZ9\"\n  [\"HTTP_WECHATPAY_SIGNATURE\"]=>\n  string(12) \"2YF+f/xg8A==\"\n  [\"HTTP_WECHATPAY_TIMESTAMP\"]=>\n  string(10) \"1741936166\"\n}",
            // Python, Node, Java, Go, Ruby.
            "{'Host': 'a.example', 'Wechatpay-Nonce': 'EcZ9', 'Wechatpay-Signature': '2YF+f/xg8A==', 'Wechatpay-Timestamp': '1741936166'}",
            "{\n  host: 'a.example:443',\n  'wechatpay-nonce': 'EcZ9',\n  'wechatpay-signature': '2YF+f/xg8A==',\n  'wechatpay-timestamp': '1741936166'\n}",
            "{wechatpay-nonce=EcZ9, wechatpay-signature=2YF+f/xg8A==, wechatpay-timestamp=1741936166}",
            "{wechatpay-nonce=[EcZ9], wechatpay-signature=[2YF+f/xg8A==], wechatpay-timestamp=[1741936166]}",
            "[Wechatpay-Nonce:\"EcZ9\", Wechatpay-Signature:\"2YF+f/xg8A==\", Wechatpay-Timestamp:\"1741936166\"]",
            "[('Host', 'a.example'), ('Wechatpay-Nonce', 'EcZ9'), ('Wechatpay-Signature', '2YF+f/xg8A=='), ('Wechatpay-Timestamp', '1741936166')]",
            "[(b'wechatpay-nonce', b'EcZ9'), (b'wechatpay-signature', b'2YF+f/xg8A=='), (b'wechatpay-timestamp', b'1741936166')]",
            "\"Wechatpay-Nonce\": \"EcZ9\",\n\"Wechatpay-Signature\": \"2YF+f/xg8A==\",\n\"Wechatpay-Timestamp\": \"1741936166\"",
            "HTTP_WECHATPAY_NONCE=EcZ9\nHTTP_WECHATPAY_SIGNATURE=2YF+f/xg8A==\nHTTP_WECHATPAY_TIMESTAMP=1741936166\n",
            // Node's names and values in turn; a list of lines.
            r#"{"rawHeaders":["Host","a.example","Wechatpay-Nonce","EcZ9","Wechatpay-Signature","2YF+f/xg8A==","Wechatpay-Timestamp","1741936166"]}"#,
            r#"["Wechatpay-Nonce: EcZ9","Wechatpay-Signature: 2YF+f/xg8A==","Wechatpay-Timestamp: 1741936166"]"#,
            "[\n  'Host',\n  'a.example',\n  'Wechatpay-Nonce',\n  'EcZ9',\n  'Wechatpay-Signature',\n  '2YF+f/xg8A==',\n  'Wechatpay-Timestamp',\n  '1741936166'\n]",
            "IncomingMessage {\n  headers: {\n    'wechatpay-nonce': 'EcZ9',\n    'wechatpay-signature': '2YF+f/xg8A==',\n    'wechatpay-timestamp': '1741936166'\n  },\n  rawHeaders: [\n    'Wechatpay-Nonce',\n    'EcZ9'\n  ]\n}",
            // AWS, each header under both members; an archive's request and response; a log record.
            r#"{"resource":"/notify","headers":{"Wechatpay-Nonce":"EcZ9","Wechatpay-Signature":"2YF+f/xg8A==","Wechatpay-Timestamp":"1741936166"},"multiValueHeaders":{"Wechatpay-Nonce":["EcZ9"]},"body":"{}"}"#,
            r#"{"headers":null,"multiValueHeaders":{"Wechatpay-Nonce":["EcZ9"],"Wechatpay-Signature":["2YF+f/xg8A=="],"Wechatpay-Timestamp":["1741936166"]}}"#,
            r#"{"log":{"version":"1.2","entries":[{"request":{"headers":[{"name":"Host","value":"a.example"}]},"response":{"headers":[]}},{"request":{"method":"POST","headers":[{"name":"wechatpay-nonce","value":"EcZ9"},{"name":"wechatpay-signature","value":"2YF+f/xg8A=="},{"name":"wechatpay-timestamp","value":"1741936166"}]},"response":{"headers":[{"name":"Date","value":"x"}]}}]}}"#,
            r#"{"log":{"entries":[{"request":{"headers":[{"name":"Authorization","value":"x"}]},"response":{"headers":[{"name":"Wechatpay-Nonce","value":"EcZ9"},{"name":"Wechatpay-Signature","value":"2YF+f/xg8A=="},{"name":"Wechatpay-Timestamp","value":"1741936166"}]}}]}}"#,
            r#"{"level":"info","msg":"notify","request":{"id":7,"headers":{"Wechatpay-Nonce":["EcZ9"],"Wechatpay-Signature":["2YF+f/xg8A=="],"Wechatpay-Timestamp":["1741936166"]}}}"#,
            r#"[{"request":{"request_headers":[["Wechatpay-Nonce","EcZ9"],["Wechatpay-Signature","2YF+f/xg8A=="],["Wechatpay-Timestamp","1741936166"]]}}]"#,
            r#"{"context":{"wechatpay-nonce":"EcZ9","wechatpay-signature":"2YF+f/xg8A==","wechatpay-timestamp":"1741936166"}}"#,
            // A command.
            "curl -X POST 'https://a.example/notify' \\\n  -H 'Host: a.example' \\\n  -H 'Wechatpay-Nonce: EcZ9' \\\n  -H 'Wechatpay-Signature: 2YF+f/xg8A==' \\\n  --header \"Wechatpay-Timestamp: 1741936166\" \\\n  -d '{}'\n",
            "-H 'Wechatpay-Nonce: EcZ9' \\\n-H 'Wechatpay-Signature: 2YF+f/xg8A==' \\\n-H 'Wechatpay-Timestamp: 1741936166' \\\n",
            "map[Wechatpay-Nonce:[EcZ9] Wechatpay-Signature:[2YF+f/xg8A==] Wechatpay-Timestamp:[1741936166]]",
            "{\"HTTP_WECHATPAY_NONCE\"=>\"EcZ9\", \"HTTP_WECHATPAY_SIGNATURE\"=>\"2YF+f/xg8A==\", \"HTTP_WECHATPAY_TIMESTAMP\"=>\"1741936166\"}",
        ] {
            reads(text);
        }
    }

    #[test]
    fn what_is_no_header_is_said_with_its_line() {
        for (text, words) in [
            ("Wechatpay-Nonce x\n", "line 1 is no header"),
            ("Wechatpay-Nonce: x\nsome words\n", "line 2 is no header"),
            ("{\"id\": \n", "line 1 is no header"),
            ("<html>\n", "line 1 is no header"),
            ("", "it is empty"),
            (" \r\n\n", "it is empty"),
            ("POST / HTTP/1.1\n\n", "it has no header in it"),
            ("{}", "it has no header in it"),
            ("a b: x\n", "line 1 is no header"),
            ("curl https://a.example\n", "line 1 is no header"),
            ("[\"Nonce\",\"x\",\"y\"]", "line 1 is no header"),
            (
                r#"[{"headers":{"Wechatpay-Nonce":"a"}},{"headers":{"Wechatpay-Nonce":"b"}}]"#,
                "it has 2 messages with headers of WeChat Pay's in it",
            ),
        ] {
            let problem = parse(text.as_bytes()).unwrap_err();
            assert!(problem.starts_with(words), "{text}: {problem}");
        }
        // Nesting beyond reading is refused, without delay.
        assert!(parse("[".repeat(64 * 1024).as_bytes()).is_err());
        assert!(parse("{'".repeat(32 * 1024).as_bytes()).is_err());
    }

    #[test]
    fn any_file_is_read_without_a_fault() {
        let pieces = [
            "{",
            "[",
            "(",
            "Array",
            "array (",
            "=>",
            ":",
            "=",
            "\"",
            "'",
            "\\",
            "\n",
            " ",
            "wechatpay-nonce",
            "HTTP_",
            "> ",
            "string(",
            "curl -H ",
            "'wechatpay-nonce','",
            "投",
        ];
        for text in pieces
            .iter()
            .flat_map(|one| pieces.map(|two| format!("{one}{two}")))
            .flat_map(|two| pieces.map(|three| format!("{two}{three}")))
        {
            for text in [text.clone(), format!("{text}{text}"), format!("a=>{text}\"x")] {
                if let Ok(headers) = parse(text.as_bytes()) {
                    assert!(!headers.is_empty(), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_header_that_stands_twice_stays_twice() {
        let headers = parse(br#"{"Wechatpay-Nonce":["a","b"]}"#).unwrap();
        assert_eq!(headers.len(), 2);
    }
}
