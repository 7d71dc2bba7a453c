//! IP addresses and networks.

use core::net::IpAddr;

use super::{Called, Val};
use crate::cel::{Error, Meter};

pub(super) const SIGNATURES: &str = "
ip string -> net.IP
isIP string -> bool
ip.isCanonical string -> bool
cidr string -> net.CIDR
isCIDR string -> bool
.family net.IP -> int
.isUnspecified net.IP -> bool
.isLoopback net.IP -> bool
.isLinkLocalMulticast net.IP -> bool
.isLinkLocalUnicast net.IP -> bool
.isGlobalUnicast net.IP -> bool
.containsIP net.CIDR net.IP -> bool
.containsIP net.CIDR string -> bool
.containsCIDR net.CIDR net.CIDR -> bool
.containsCIDR net.CIDR string -> bool
.ip net.CIDR -> net.IP
.masked net.CIDR -> net.CIDR
.prefixLength net.CIDR -> int
";

pub(super) fn call(name: &str, args: &[Val], _: &Meter) -> Called {
    Ok(Some(match (name, args) {
        ("ip", [Val::Str(it)]) => Val::Ip(ip(it)?),
        ("isIP", [Val::Str(it)]) => Val::Bool(ip(it).is_ok()),
        ("ip.isCanonical", [Val::Str(it)]) => Val::Bool(ip(it)?.to_string() == **it),
        ("cidr", [Val::Str(it)]) => cidr(it).map(|it| Val::Cidr(it.0, it.1))?,
        ("isCIDR", [Val::Str(it)]) => Val::Bool(cidr(it).is_ok()),
        ("family", [Val::Ip(it)]) => Val::Int(if it.is_ipv4() { 4 } else { 6 }),
        ("isUnspecified", [Val::Ip(it)]) => Val::Bool(it.is_unspecified()),
        ("isLoopback", [Val::Ip(it)]) => Val::Bool(it.is_loopback()),
        ("isLinkLocalMulticast", [Val::Ip(it)]) => Val::Bool(is_link_local_multicast(*it)),
        ("isLinkLocalUnicast", [Val::Ip(it)]) => Val::Bool(is_link_local(*it)),
        ("isGlobalUnicast", [Val::Ip(it)]) => Val::Bool(is_global_unicast(*it)),
        ("containsIP", [Val::Cidr(net, length), other]) => {
            let other = match other {
                Val::Ip(it) => *it,
                Val::Str(it) => ip(it)?,
                _ => return Ok(None),
            };
            Val::Bool(masked(*net, *length) == masked(other, *length) && net.is_ipv4() == other.is_ipv4())
        }
        ("containsCIDR", [Val::Cidr(net, length), other]) => {
            let (inner, longer) = match other {
                Val::Cidr(it, length) => (*it, *length),
                Val::Str(it) => cidr(it)?,
                _ => return Ok(None),
            };
            let is_inside = masked(*net, *length) == masked(inner, *length);
            Val::Bool(net.is_ipv4() == inner.is_ipv4() && length <= &longer && is_inside)
        }
        ("ip", [Val::Cidr(it, _)]) => Val::Ip(*it),
        ("masked", [Val::Cidr(it, length)]) => Val::Cidr(masked(*it, *length), *length),
        ("prefixLength", [Val::Cidr(_, length)]) => Val::Int(i64::from(*length)),
        _ => return Ok(None),
    }))
}

fn ip(text: &str) -> Result<IpAddr, Error> {
    let wrong = || Error::failed(format!("IP Address {text:?} parse error during conversion from string"));
    match text.parse().map_err(|_| wrong())? {
        IpAddr::V6(it) if it.to_ipv4_mapped().is_some() => {
            Err(Error::failed("IPv4-mapped IPv6 address is not allowed"))
        }
        it => Ok(it),
    }
}

fn cidr(text: &str) -> Result<(IpAddr, u8), Error> {
    let wrong =
        || Error::failed(format!("network address parse error during conversion from string: {text:?}"));
    let (address, length) = text.split_once('/').ok_or_else(wrong)?;
    let address = ip(address)?;
    let is_plain = length == "0" || !length.starts_with('0') && length.bytes().all(|it| it.is_ascii_digit());
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = length.parse().ok().filter(|it| *it <= most && is_plain).ok_or_else(wrong)?;
    Ok((address, length))
}

/// The address without the bits behind the prefix.
fn masked(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(it) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V4((u32::from(it) & mask).into())
        }
        IpAddr::V6(it) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length.into())).unwrap_or(0);
            IpAddr::V6((u128::from(it) & mask).into())
        }
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => it.octets()[..3] == [224, 0, 0],
        IpAddr::V6(it) => it.segments()[0] & 0xff0f == 0xff02,
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => it.is_link_local(),
        IpAddr::V6(it) => it.segments()[0] & 0xffc0 == 0xfe80,
    }
}

fn is_global_unicast(address: IpAddr) -> bool {
    let is_broadcast = matches!(address, IpAddr::V4(it) if it.is_broadcast());
    let is_special = address.is_unspecified() || address.is_loopback() || address.is_multicast();
    !is_broadcast && !is_special && !is_link_local(address)
}
