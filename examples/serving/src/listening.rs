//! The address that a server listens at, from its environment.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

/// The address that a server listens at, and the name under which it is reached.
#[derive(Debug, PartialEq, Eq)]
pub struct Listening {
    /// `LISTEN`: the address. Default: `127.0.0.1:8443`.
    pub address: SocketAddr,
    /// `PUBLIC_URL`: scheme and host under which the platform reaches it. Default:
    /// `https://merchant.example:8443`.
    pub public_url: String,
    /// `TLS_CHAIN` and `TLS_KEY`; `None` where neither is set, for a server behind a proxy.
    pub tls: Option<TlsFiles>,
    /// `PROXIES`: addresses and networks between commas. Default: none.
    proxies: Vec<String>,
}

/// A server's certificate chain and key.
#[derive(PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain, PEM.
    pub chain: Vec<u8>,
    /// Its private key, PEM.
    pub key: Vec<u8>,
}

/// The key is a secret.
impl fmt::Debug for TlsFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsFiles").finish_non_exhaustive()
    }
}

impl Listening {
    /// From the process's environment.
    ///
    /// # Errors
    /// [`ListeningError`].
    pub fn from_env() -> Result<Self, ListeningError> {
        Self::from(|name| env::var_os(name))
    }

    /// The proxies in front, as the server's own type has addresses and networks.
    ///
    /// # Errors
    /// [`ListeningError`]: one of them is no such thing.
    pub fn proxies<N: FromStr<Err: fmt::Display>>(&self) -> Result<Vec<N>, ListeningError> {
        let parsed = self.proxies.iter().map(|proxy| proxy.parse());
        parsed.collect::<Result<_, _>>().map_err(|error| ListeningError::new("PROXIES", error))
    }

    fn from(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, ListeningError> {
        let text = |name: &'static str, default: &str| match variable(name) {
            Some(value) => value.into_string().map_err(|_| ListeningError::new(name, "not UTF-8")),
            None => Ok(default.to_owned()),
        };
        let file = |name: &'static str, path: OsString| {
            read_bounded(Path::new(&path)).map_err(|error| ListeningError::new(name, error))
        };
        let alone = |name: &'static str, other: &str| {
            Err(ListeningError::new(name, format_args!("it belongs together with {other}, which is not set")))
        };
        let address = text("LISTEN", "127.0.0.1:8443")?;
        let tls = match (variable("TLS_CHAIN"), variable("TLS_KEY")) {
            (Some(chain), Some(key)) => Some(TlsFiles { chain: file("TLS_CHAIN", chain)?, key: file("TLS_KEY", key)? }),
            (None, None) => None,
            (Some(_), None) => return alone("TLS_CHAIN", "TLS_KEY"),
            (None, Some(_)) => return alone("TLS_KEY", "TLS_CHAIN"),
        };
        Ok(Self {
            address: address.parse().map_err(|error| ListeningError::new("LISTEN", error))?,
            public_url: text("PUBLIC_URL", "https://merchant.example:8443")?,
            tls,
            proxies: text("PROXIES", "")?
                .split(',')
                .map(str::trim)
                .filter(|one| !one.is_empty())
                .map(Into::into)
                .collect(),
        })
    }
}

/// A variable that is missing, or has another value than it must have. Its value is not quoted.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ListeningError {
    variable: &'static str,
    problem: String,
}

impl ListeningError {
    fn new(variable: &'static str, problem: impl fmt::Display) -> Self {
        Self { variable, problem: problem.to_string() }
    }
}

/// Largest file read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(std::io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn listening(set: &[(&str, &str)]) -> Result<Listening, ListeningError> {
        Listening::from(|name| set.iter().find(|(of, _)| *of == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn with_nothing_set_it_listens_on_loopback_in_clear() {
        let listening = listening(&[]).unwrap();
        assert_eq!(listening.address, SocketAddr::from(([127, 0, 0, 1], 8443)));
        assert_eq!(listening.public_url, "https://merchant.example:8443");
        assert_eq!(listening.tls, None);
        assert_eq!(listening.proxies::<IpAddr>().unwrap(), [] as [IpAddr; 0]);
    }

    #[test]
    fn half_a_tls_pair_is_refused_by_the_names_of_both() {
        for (set, missing) in [("TLS_CHAIN", "TLS_KEY"), ("TLS_KEY", "TLS_CHAIN")] {
            let error = listening(&[(set, "c4n4ry.pem")]).unwrap_err().to_string();
            assert_eq!(error, format!("{set}: it belongs together with {missing}, which is not set"));
        }
    }

    #[test]
    fn a_file_too_large_is_refused_and_not_cut() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, [b'k'; 64 * 1024]).unwrap();
        assert_eq!(read_bounded(&path).unwrap().len(), 64 * 1024);
        std::fs::write(&path, [b'k'; 64 * 1024 + 1]).unwrap();
        assert_eq!(read_bounded(&path).unwrap_err().kind(), std::io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn what_is_set_is_read() {
        let folder = tempfile::TempDir::new().unwrap();
        let [chain, key] = ["chain.pem", "key.pem"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
        std::fs::write(&chain, "a chain").unwrap();
        std::fs::write(&key, "its c4n4ry").unwrap();
        let set = [
            ("LISTEN", "[::]:443"),
            ("PUBLIC_URL", "https://shop.example"),
            ("TLS_CHAIN", &*chain),
            ("TLS_KEY", &*key),
            ("PROXIES", "192.0.2.1, ::1,"),
        ];
        let listening = listening(&set).unwrap();
        assert_eq!(listening.address.to_string(), "[::]:443");
        assert_eq!(listening.public_url, "https://shop.example");
        let tls = TlsFiles { chain: b"a chain".to_vec(), key: b"its c4n4ry".to_vec() };
        assert_eq!(listening.tls, Some(tls));
        assert_eq!(
            listening.proxies::<IpAddr>().unwrap(),
            ["192.0.2.1", "::1"].map(|proxy| proxy.parse::<IpAddr>().unwrap())
        );
        assert!(!format!("{listening:?}").contains(&format!("{:?}", b"its c4n4ry")));
    }

    #[test]
    fn an_error_names_the_variable_and_does_not_quote_it() {
        let absent = [("TLS_CHAIN", "c4n4ry.pem"), ("TLS_KEY", "c4n4ry.pem")];
        for (set, name) in [(&[("LISTEN", "c4n4ry:8443")][..], "LISTEN: "), (&absent[..], "TLS_CHAIN: ")] {
            let error = listening(set).unwrap_err().to_string();
            assert!(error.starts_with(name) && !error.contains("c4n4ry"), "{error}");
        }
        let error = listening(&[("PROXIES", "c4n4ry")]).unwrap().proxies::<IpAddr>().unwrap_err().to_string();
        assert!(error.starts_with("PROXIES: ") && !error.contains("c4n4ry"), "{error}");
    }
}
