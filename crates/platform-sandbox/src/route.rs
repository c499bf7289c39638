//! One row of a platform's table of operations.

use http::Method;

/// An operation of a platform: its name, its method and path, and the handler of a verified
/// request.
#[derive(Debug)]
pub(crate) struct Route<H> {
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    /// The path; one segment of it may be `{id}`.
    path: &'static str,
    pub(crate) handler: H,
}

impl<H> Route<H> {
    /// A row. `name` is the `NAME` of the library's operation.
    pub(crate) const fn new(name: &'static str, method: Method, path: &'static str, handler: H) -> Self {
        Self { name, method, path, handler }
    }

    /// The `{id}` of a path of this route, escaped as received; empty for a route without one.
    pub(crate) fn id_in<'p>(&self, path: &'p str) -> Option<&'p str> {
        let Some((before, after)) = self.path.split_once("{id}") else {
            return (path == self.path).then_some("");
        };
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_exactly() {
        let list = Route::new("list", Method::GET, "/v3/complaints", ());
        assert_eq!(list.id_in("/v3/complaints"), Some(""));
        for other in ["/v3/complaints/", "/v3/complaint", "/V3/complaints", "/v3/complaints/1", ""] {
            assert_eq!(list.id_in(other), None, "{other}");
        }
        let complete = Route::new("complete", Method::POST, "/v3/complaints/{id}/complete", ());
        assert_eq!(complete.id_in("/v3/complaints/a%2Fb/complete"), Some("a%2Fb"));
        for other in ["//complete", "/complete", "/complete", "/a/b/complete", "/1/complete/", "/1/reply"] {
            assert_eq!(complete.id_in(&format!("/v3/complaints{other}")), None, "{other}");
        }
    }
}
