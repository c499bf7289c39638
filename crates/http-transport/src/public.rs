//! Addresses that are not of this machine or its networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address may be another machine's on the public internet: none that the IANA registries
/// of special-purpose addresses set aside, none for groups.
///
/// An IPv4 address within an IPv6 one counts as itself, where the network translates it (`::ffff:0:0/96`,
/// `64:ff9b::/96`).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.segments() {
            [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(last_four(address)),
            _ => {
                !is_within(address.to_bits(), V6_BITS, &V6_SET_ASIDE)
                    && is_within(address.to_bits(), V6_BITS, &[V6_PUBLIC])
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !is_within(u128::from(address.to_bits()), V4_BITS, &V4_SET_ASIDE)
}

fn last_four(address: Ipv6Addr) -> Ipv4Addr {
    let [.., a, b, c, d] = address.octets();
    Ipv4Addr::new(a, b, c, d)
}

/// A network: its first address, and the length of its prefix.
type Net = (u128, u32);

fn is_within(address: u128, bits: u32, networks: &[Net]) -> bool {
    networks.iter().any(|(first, prefix)| (address ^ first) >> (bits - prefix) == 0)
}

const V4_BITS: u32 = 32;

const V6_BITS: u32 = 128;

const fn v4(a: u8, b: u8, c: u8, prefix: u32) -> Net {
    (u32::from_be_bytes([a, b, c, 0]) as u128, prefix)
}

const fn v6(a: u16, b: u16, prefix: u32) -> Net {
    (((a as u128) << 112) | ((b as u128) << 96), prefix)
}

const V4_SET_ASIDE: [Net; 15] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
];

/// The only IPv6 addresses that are given out.
const V6_PUBLIC: Net = v6(0x2000, 0, 3);

/// Of these: protocols (Teredo among them), documentation, 6to4, documentation.
const V6_SET_ASIDE: [Net; 4] = [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

#[cfg(test)]
mod tests {
    use super::*;

    fn all(addresses: &str, expected: bool) {
        for address in addresses.split_whitespace() {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    /// The registries: RFC 6890 with its updates, and RFC 9637.
    #[test]
    fn special_addresses_are_not_public() {
        all(
            "0.0.0.0 0.255.255.255 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255
             169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1
             192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1
             255.255.255.255
             :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1
             64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1::1 3fff:fff::1
             fc00::1 fdff::1 fe80::1 febf::1 fec0::1 ff02::1 4000::1 1fff::1",
            false,
        );
    }

    #[test]
    fn the_addresses_beside_them_are() {
        all(
            "1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
             169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.88.98.1 192.88.100.1 192.167.255.255
             192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.1 198.51.101.1 203.0.112.1 203.0.114.1 223.255.255.255
             ::ffff:1.1.1.1 64:ff9b::101:101 2000::1 2001:200::1 2001:db9::1 2003::1 2400::1 3fff:1000::1",
            true,
        );
    }
}
