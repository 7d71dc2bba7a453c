//! Addresses and networks.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use regorus::Value as Rego;

use super::{MOST_ITEMS, Outcome, fits, set, string, strings};

/// A network, or a single address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    is_v6: bool,
    /// The first address.
    first: u128,
    last: u128,
}

fn bits(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(it) => (false, u32::from(it).into()),
        // Go takes these for addresses of v4.
        IpAddr::V6(it) => match it.to_ipv4_mapped() {
            Some(it) => (false, u32::from(it).into()),
            None => (true, it.into()),
        },
    }
}

fn address(is_v6: bool, bits: u128) -> String {
    match is_v6 {
        true => Ipv6Addr::from(bits).to_string(),
        false => Ipv4Addr::from(bits as u32).to_string(),
    }
}

impl Network {
    /// Go's `ParseCIDR`.
    fn read(text: &str) -> Option<Network> {
        let (ip, length) = text.split_once('/')?;
        let ip: IpAddr = ip.parse().ok()?;
        let is_number =
            !length.is_empty() && length.len() < 4 && length.bytes().all(|it| it.is_ascii_digit());
        let length: u32 = is_number.then(|| length.parse().ok())??;
        let width = if ip.is_ipv4() { 32 } else { 128 };
        let rest = width_minus(width, length)?;
        let is_v6 = ip.is_ipv6();
        let bits = match ip {
            IpAddr::V4(it) => u32::from(it).into(),
            IpAddr::V6(it) => u128::from(it),
        };
        let hosts = if rest == 128 { u128::MAX } else { (1 << rest) - 1 };
        Some(Network { is_v6, first: bits & !hosts, last: bits | hosts })
    }

    fn has(self, is_v6: bool, bits: u128) -> bool {
        self.is_v6 == is_v6 && (self.first..=self.last).contains(&bits)
    }

    fn holds(self, other: Network) -> bool {
        self.has(other.is_v6, other.first) && self.has(other.is_v6, other.last)
    }
}

fn width_minus(width: u32, length: u32) -> Option<u32> {
    width.checked_sub(length)
}

pub(super) fn is_valid(args: &[Rego]) -> Outcome {
    Ok(strings(args).is_some_and(|[it]| Network::read(it).is_some()).into())
}

pub(super) fn contains(args: &[Rego]) -> Outcome {
    Ok(strings(args).and_then(|[a, b]| holds(a, b)).map_or(Rego::Undefined, Rego::from))
}

/// Whether a network holds an address or a network; nothing if one of them is none.
fn holds(network: &str, other: &str) -> Option<bool> {
    let network = Network::read(network)?;
    match other.parse::<IpAddr>() {
        Ok(ip) => {
            let (is_v6, bits) = bits(ip);
            Some(network.has(is_v6, bits))
        }
        Err(_) => Some(network.holds(Network::read(other)?)),
    }
}

pub(super) fn intersects(args: &[Rego]) -> Outcome {
    let networks = strings(args).and_then(|[a, b]| Some((Network::read(a)?, Network::read(b)?)));
    Ok(networks.map_or(Rego::Undefined, |(a, b)| (a.has(b.is_v6, b.first) || b.has(a.is_v6, a.first)).into()))
}

pub(super) fn expand(args: &[Rego]) -> Outcome {
    let Some(network) = strings(args).and_then(|[it]| Network::read(it)) else { return Ok(Rego::Undefined) };
    fits(usize::try_from(network.last - network.first).unwrap_or(usize::MAX), MOST_ITEMS, "addresses")?;
    Ok(set((network.first..=network.last).map(|it| address(network.is_v6, it).into())))
}

/// Networks and addresses put together as far as they touch. An address stands for its class.
pub(super) fn merge(args: &[Rego]) -> Outcome {
    let Some(items) = args.first().and_then(super::items) else { return Ok(Rego::Undefined) };
    let networks: Option<Vec<_>> = items.into_iter().map(|it| of_class(string(it)?)).collect();
    let Some(mut networks) = networks else { return Ok(Rego::Undefined) };
    networks.sort_by_key(|(it, _)| (it.is_v6, it.last, it.first));
    let mut at = networks.len();
    while at > 1 {
        at -= 1;
        let (network, before) = (networks[at].0, networks[at - 1].0);
        if network.is_v6 == before.is_v6 && network.first.saturating_sub(1) <= before.last {
            let first = network.first.min(before.first);
            networks[at - 1] = (Network { first, ..network }, None);
            networks.remove(at);
        }
    }
    let mut out = vec![];
    for (network, written) in networks {
        match written {
            Some(it) => out.push(it),
            None => cut(network, &mut out),
        }
    }
    Ok(set(out.into_iter().map(Rego::from)))
}

/// A network, or the network that an address of v4 has by its class; and how it is written.
fn of_class(text: &str) -> Option<(Network, Option<String>)> {
    match text.parse::<IpAddr>().map(bits) {
        Ok((false, bits)) => {
            let length = match bits >> 24 {
                0..128 => 8,
                128..192 => 16,
                192..224 => 24,
                // There is no class for it, and Go makes something strange of that.
                _ => return None,
            };
            let written = format!("{}/{length}", address(false, bits));
            Some((Network::read(&written)?, Some(written)))
        }
        Ok((true, _)) => None,
        Err(_) => {
            let network = Network::read(text)?;
            let length = text.split_once('/')?.1.trim_start_matches('0');
            let length = if length.is_empty() { "0" } else { length };
            Some((network, Some(format!("{}/{length}", address(network.is_v6, network.first)))))
        }
    }
}

/// The fewest networks that are a range of addresses.
fn cut(range: Network, out: &mut Vec<String>) {
    let width = if range.is_v6 { 128 } else { 32 };
    let mut first = range.first;
    loop {
        let mut size = first.trailing_zeros().min(width);
        while size > 0 && last_of(first, size) > range.last {
            size -= 1;
        }
        out.push(format!("{}/{}", address(range.is_v6, first), width - size));
        let last = last_of(first, size);
        if last >= range.last {
            return;
        }
        first = last + 1;
    }
}

fn last_of(first: u128, size: u32) -> u128 {
    if size >= 128 { u128::MAX } else { first | ((1 << size) - 1) }
}

/// Pairs of keys for which the one's network holds the other's.
pub(super) fn contains_matches(args: &[Rego]) -> Outcome {
    let [a, b] = args else { return Ok(Rego::Undefined) };
    let (Some(a), Some(b)) = (keyed(a), keyed(b)) else { return Ok(Rego::Undefined) };
    fits(a.len().saturating_mul(b.len()), MOST_ITEMS * 10, "pairs")?;
    let mut found = vec![];
    for (network, first) in &a {
        for (other, second) in &b {
            match holds(network, other) {
                Some(true) => found.push(super::array(vec![first.clone(), second.clone()])),
                Some(false) => {}
                None => return Ok(Rego::Undefined),
            }
        }
    }
    Ok(set(found))
}

/// The networks of a collection, each with its key. A string is its own key.
fn keyed(value: &Rego) -> Option<Vec<(&str, Rego)>> {
    // Borrowed where it stands in the collection.
    fn borrowed(it: &Rego) -> Option<&str> {
        match it {
            Rego::Array(items) => string(items.first()?),
            other => string(other),
        }
    }
    match value {
        Rego::String(it) => Some(vec![(it, value.clone())]),
        Rego::Array(items) => {
            items.iter().enumerate().map(|(index, it)| Some((borrowed(it)?, index.into()))).collect()
        }
        Rego::Set(items) => items.iter_sorted().map(|it| Some((borrowed(it)?, it.clone()))).collect(),
        Rego::Object(entries) => {
            entries.iter_sorted().map(|(key, it)| Some((borrowed(it)?, key.clone()))).collect()
        }
        _ => Some(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_addresses_and_networks() {
        let ask = |a: &str, b: &str| contains(&[a.into(), b.into()]).unwrap();
        assert_eq!(ask("10.0.0.0/8", "10.1.2.3"), true.into());
        assert_eq!(ask("10.0.0.0/8", "10.1.0.0/16"), true.into());
        assert_eq!(ask("10.0.0.0/16", "10.0.0.0/8"), false.into());
        assert_eq!(ask("10.9.9.9/8", "::ffff:10.1.2.3"), true.into());
        assert_eq!(ask("fd00::/8", "fd00::1"), true.into());
        assert_eq!(ask("10.0.0.0/33", "10.0.0.1"), Rego::Undefined);
        assert_eq!(ask("10.0.0.0/8", "x"), Rego::Undefined);
        let few = expand(&["10.0.0.254/30".into()]).unwrap();
        assert_eq!(few.to_string(), r#"["10.0.0.252","10.0.0.253","10.0.0.254","10.0.0.255"]"#);
        assert!(expand(&["::/0".into()]).is_err());
    }
}
