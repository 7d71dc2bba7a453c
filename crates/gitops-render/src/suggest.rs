//! “Did you mean”: names that are nearly the same.

/// How far two names are apart: the number of characters to insert, delete, replace, or swap with
/// their neighbour.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                let swapped: &Vec<usize> = &before;
                least = least.min(swapped[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// The candidate that `name` is most likely a slip of: the closest, if it is close.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // A long key is no slip of anything, and comparing it would be slow.
    if name.len() > 100 {
        return None;
    }
    let close = |candidate: &str| match name.chars().count().max(candidate.chars().count()) {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let measured = candidates.into_iter().map(|it| (if same(name, it) { 0 } else { distance(name, it) }, it));
    measured.filter(|(far, it)| *far <= close(it)).min().map(|it| it.1)
}

/// Whether two names differ only in case, dashes and underscores.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let plain = |it: &str| it.replace(['-', '_'], "").to_ascii_lowercase();
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_one_step() {
        for (a, b, steps) in [
            ("replicas", "replcas", 1),
            ("replicas", "repilcas", 1),
            ("image", "images", 1),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("über", "uber", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), steps, "{a} {b}");
            assert_eq!(distance(b, a), steps, "{b} {a}");
        }
    }

    #[test]
    fn only_what_is_close_is_suggested() {
        assert_eq!(nearest("imagePullPolcy", ["image", "imagePullPolicy"]), Some("imagePullPolicy"));
        assert_eq!(nearest("image_pull_policy", ["image", "imagePullPolicy"]), Some("imagePullPolicy"));
        assert_eq!(nearest("cpu", ["env", "tty", "name"]), None);
    }
}
