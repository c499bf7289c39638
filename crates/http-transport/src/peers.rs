//! Whose connection it is.

use core::net::IpAddr;
use core::str::FromStr;

use ipnet::IpNet;

use crate::error::ConfigError;
use crate::slots::Group;

/// An address, or a network such as `10.0.0.0/8` or `fd00::/8`. An IPv4 address written as IPv6 is IPv4.
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
        text.parse().map(Self).map_err(|_| ConfigError::Network)
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
    fn what_is_no_network() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0.0/", "proxy.example", "10.0.0/8", " 10.0.0.1"] {
            assert_eq!(text.parse::<Network>(), Err(ConfigError::Network), "{text}");
        }
    }
}
