//! `multipart/form-data`, written part by part.

use std::ops::Range;

use crate::request::BuildError;

/// Builder for a body.
pub(crate) struct Multipart<'a> {
    boundary: &'a str,
    body: Vec<u8>,
}

impl<'a> Multipart<'a> {
    /// A body with room for `file`. The boundary, 1 to 70 letters and digits, must not occur in it.
    pub(crate) fn new(boundary: &'a str, file: &[u8]) -> Result<Self, BuildError> {
        let separates = (1..=70).contains(&boundary.len())
            && boundary.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !file.windows(boundary.len()).any(|window| window == boundary.as_bytes());
        if !separates {
            return Err(BuildError::Field {
                field: "the boundary",
                expected: "1 to 70 letters and digits that do not occur in the file",
            });
        }
        Ok(Self { boundary, body: Vec::with_capacity(file.len() + 1024) })
    }

    /// Adds a part and returns the range of its content in the body.
    pub(crate) fn part(&mut self, disposition: &str, content_type: Option<&str>, content: &[u8]) -> Range<usize> {
        let head = format!("--{}\r\nContent-Disposition: form-data; {disposition}\r\n", self.boundary);
        self.body.extend_from_slice(head.as_bytes());
        if let Some(content_type) = content_type {
            self.body.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
        }
        self.body.extend_from_slice(b"\r\n");
        let start = self.body.len();
        self.body.extend_from_slice(content);
        let end = self.body.len();
        self.body.extend_from_slice(b"\r\n");
        start..end
    }

    /// `Content-Type` and body.
    pub(crate) fn finish(mut self) -> (String, Vec<u8>) {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (format!("multipart/form-data; boundary={}", self.boundary), self.body)
    }
}
