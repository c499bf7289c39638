//! Whose connection it is.

use std::net::IpAddr;
use std::str::FromStr;
use std::task::{Context, Poll};

use http::Request;
use ipnet::IpNet;
use tower_service::Service;

use crate::error::ConfigError;
use crate::slots::Group;

/// The bits before an IPv4 address that is written as IPv6.
const V4_AT: u8 = 96;

/// An address, or a network such as `10.0.0.0/8` or `fd00::/8`. An IPv4 address written as IPv6 is
/// IPv4.
///
/// ```
/// use http_transport::Network;
///
/// let network: Network = "10.0.0.0/8".parse().unwrap();
/// assert!(network.contains("10.1.2.3".parse().unwrap()));
/// assert!("10.0.0.0/33".parse::<Network>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether an address belongs to it.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(address.to_canonical().into())
    }
}

/// An address, or an address, `/` and the number of bits that count.
impl FromStr for Network {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(address.into());
        }
        let network: IpNet = text.parse().map_err(|_| ConfigError::Network)?;
        let IpNet::V6(of_v6) = network else { return Ok(Self(network)) };
        // Bits beyond those before the IPv4 address are bits of IPv4.
        match (of_v6.addr().to_ipv4_mapped(), of_v6.prefix_len().checked_sub(V4_AT)) {
            (Some(address), Some(bits)) => IpNet::new(address.into(), bits).map(Self).map_err(|_| ConfigError::Network),
            _ => Ok(Self(network)),
        }
    }
}

/// The address of the peer, which a [`Listener`](crate::Listener) puts into the extensions of each
/// request. A proxy's, if requests come through one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// A service whose requests tell the peer.
#[derive(Clone)]
pub(crate) struct OfPeer<S> {
    pub(crate) service: S,
    pub(crate) peer: Peer,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for OfPeer<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.peer);
        self.service.call(request)
    }
}

/// The group of a peer that may come through one of these proxies.
pub(crate) fn group(peer: IpAddr, proxies: &[Network]) -> Group {
    let address = peer.to_canonical();
    if address.is_loopback() || proxies.iter().any(|proxy| proxy.contains(address)) {
        Group::Exempt
    } else {
        Group::of(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_group_is_an_ipv4_address_or_64_bits_of_ipv6() {
        let of = |text| group(address(text), &[]);
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }

    struct Told;

    impl Service<Request<()>> for Told {
        type Response = Option<Peer>;
        type Error = std::convert::Infallible;
        type Future = std::future::Ready<Result<Option<Peer>, Self::Error>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            std::future::ready(Ok(request.extensions().get().copied()))
        }
    }

    #[tokio::test]
    async fn a_request_tells_its_peer() {
        let peer = Peer(address("192.0.2.1"));
        let mut service = OfPeer { service: Told, peer };
        assert_eq!(service.call(Request::new(())).await, Ok(Some(peer)));
    }

    #[test]
    fn loopback_and_proxies_are_exempt() {
        let proxies = ["192.0.2.0/24", "2001:db8::7"].map(|text| text.parse().unwrap());
        for exempt in
            ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "192.0.2.255", "::ffff:192.0.2.0", "2001:db8::7"]
        {
            assert_eq!(group(address(exempt), &proxies), Group::Exempt, "{exempt}");
        }
        for other in ["192.0.1.255", "192.0.3.0", "2001:db8::8", "::ffff:192.0.3.0"] {
            assert_ne!(group(address(other), &proxies), Group::Exempt, "{other}");
        }
    }

    #[test]
    fn an_ipv4_network_written_as_ipv6_is_ipv4() {
        for (text, within, beyond) in [
            ("::ffff:10.0.0.0/104", "10.255.255.255", "11.0.0.0"),
            ("::ffff:192.0.2.0/120", "::ffff:192.0.2.255", "192.0.3.0"),
            ("::ffff:192.0.2.1/128", "192.0.2.1", "192.0.2.2"),
            ("::ffff:0.0.0.0/96", "192.0.2.1", "::fffe:192.0.2.1"),
            // One bit less is more than IPv4, and names no address of it.
            ("::fffe:0:0/95", "::fffe:192.0.2.1", "192.0.2.1"),
        ] {
            let network: Network = text.parse().unwrap();
            assert!(network.contains(address(within)) && !network.contains(address(beyond)), "{text}");
        }
    }

    #[test]
    fn what_is_no_network() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "proxy.example", "10.0.0/8", " 10.0.0.1"] {
            assert_eq!(text.parse::<Network>(), Err(ConfigError::Network), "{text}");
        }
    }
}
