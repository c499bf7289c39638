//! The names under which the desk is reached.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Uri, header};

use super::refusal::Refusal;

/// The names under which the desk is reached, as a request's `Host` has them. Requests under other
/// names are refused: a page of any site can make its own name lead to this address.
///
/// ```
/// let hosts = complaint_server::Hosts::of("127.0.0.1:8080".parse().unwrap()).and("complaints.merchant.example");
/// # let _ = hosts;
/// ```
#[derive(Debug, Clone)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// The names of a bound address: the address itself, and `localhost` if it is a loopback one. One
    /// that stands for every address, such as `0.0.0.0`, has loopback's names too, which no page of
    /// another site has. Add its others.
    #[must_use]
    pub fn of(address: SocketAddr) -> Self {
        let (ip, port) = (address.ip(), address.port());
        let mut names = vec![match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        }];
        if ip.is_unspecified() {
            names.extend(["127.0.0.1", "[::1]"].map(str::to_owned));
        }
        if ip.is_unspecified() || ip.is_loopback() {
            names.push("localhost".to_owned());
        }
        // Clients leave the port out if it is HTTP's own.
        let names = names.into_iter();
        Self(names.flat_map(|name| [Some(format!("{name}:{port}")), (port == 80).then_some(name)]).flatten().collect())
    }

    /// Adds a name, with its port if clients send one.
    #[must_use]
    pub fn and(mut self, host: impl Into<String>) -> Self {
        self.0.push(host.into());
        self
    }

    /// Refuses a request under another name, and one that a page of another site sent.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut named = headers.get_all(header::HOST).iter();
        let host = named.next().and_then(|host| host.to_str().ok()).filter(|host| self.has(host));
        // A target with a host of its own goes before the header.
        let target = uri.authority().is_none_or(|authority| self.has(authority.as_str()));
        if host.is_none() || named.next().is_some() || !target {
            return Err(Refusal::UnknownHost);
        }
        let is_known = |origin: &str| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.is_some_and(|host| self.has(host))
        };
        let mut origins = headers.get_all(header::ORIGIN).iter();
        if origins.all(|origin| origin.to_str().is_ok_and(is_known)) { Ok(()) } else { Err(Refusal::ForeignOrigin) }
    }

    fn has(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn check(hosts: &Hosts, target: &str, headers: &[(HeaderName, &str)]) -> Result<(), Refusal> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        hosts.check(&target.parse().unwrap(), &map)
    }

    #[test]
    fn an_unknown_host_is_refused() {
        let hosts = Hosts::of("127.0.0.1:8080".parse().unwrap()).and("desk.example");
        let under = |host: &str| check(&hosts, "/", &[(header::HOST, host)]);
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "desk.example"] {
            assert_eq!(under(host), Ok(()), "{host}");
        }
        for host in
            ["127.0.0.1", "localhost", "localhost:8081", "evil.example", "desk.example:8080", "", "desk.example."]
        {
            assert_eq!(under(host), Err(Refusal::UnknownHost), "{host}");
        }
        let none = check(&hosts, "/", &[]);
        let two = check(&hosts, "/", &[(header::HOST, "desk.example"), (header::HOST, "desk.example")]);
        let target = check(&hosts, "http://evil.example/", &[(header::HOST, "desk.example")]);
        assert_eq!([none, two, target], [const { Err(Refusal::UnknownHost) }; 3]);
        assert_eq!(check(&hosts, "http://desk.example/", &[(header::HOST, "desk.example")]), Ok(()));
    }

    #[test]
    fn a_foreign_origin_is_refused() {
        let hosts = Hosts::of("[::1]:80".parse().unwrap());
        let from = |origin: &str| check(&hosts, "/", &[(header::HOST, "[::1]"), (header::ORIGIN, origin)]);
        for origin in ["http://localhost", "https://localhost", "http://[::1]", "http://[::1]:80"] {
            assert_eq!(from(origin), Ok(()), "{origin}");
        }
        for origin in
            ["null", "", "http://evil.example", "ftp://localhost", "localhost", "http://localhost.evil.example"]
        {
            assert_eq!(from(origin), Err(Refusal::ForeignOrigin), "{origin}");
        }
    }

    #[test]
    fn an_address_that_stands_for_all_has_loopbacks_names() {
        for address in ["0.0.0.0:8080", "[::]:8080"] {
            let hosts = Hosts::of(address.parse().unwrap());
            for host in [address, "127.0.0.1:8080", "[::1]:8080", "localhost:8080"] {
                assert!(hosts.has(host), "{address} {host}");
            }
            for host in ["127.0.0.1", "localhost", "localhost:8081", "192.0.2.1:8080", "evil.example:8080"] {
                assert!(!hosts.has(host), "{address} {host}");
            }
        }
    }

    #[test]
    fn an_address_that_others_reach_is_not_named_localhost() {
        let hosts = Hosts::of("192.0.2.1:8080".parse().unwrap());
        assert!(hosts.has("192.0.2.1:8080") && !hosts.has("localhost:8080"));
        assert!(!Hosts::of("192.0.2.1:80".parse().unwrap()).has("localhost"));
    }
}
