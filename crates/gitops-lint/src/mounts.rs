//! Which folders are on no disk: the kernel shows there what goes on, as if it were files.
//!
//! A walk stays out of them. There is no end of what lies there, half of it is gone before it can be opened,
//! and nobody keeps manifests in it. It does go into other disks: containers have repositories mounted in parts.

use std::fs;
use std::path::{Path, PathBuf};

/// Where they are on every Unix. Some of them are made of what a repository may be on, too, such as `tmpfs`.
const USUAL: [&str; 3] = ["/dev", "/proc", "/sys"];

/// Where Linux tells what is mounted.
const MOUNTS: &str = "/proc/self/mounts";

/// What is mounted there of which nothing is on a disk.
const VIRTUAL: [&str; 22] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "sysfs",
    "tracefs",
];

/// Folders that a walk stays out of.
#[derive(Clone, Debug, Default)]
pub struct Virtual(Vec<PathBuf>);

impl Virtual {
    /// Those in and below folders, which are absolute and without symbolic links. Inside of a Git repository
    /// nobody looks for them.
    pub fn below<'a>(folders: impl IntoIterator<Item = &'a PathBuf>, is_repository: bool) -> Virtual {
        if is_repository || cfg!(windows) {
            return Virtual::default();
        }
        let tops: Vec<&PathBuf> = folders.into_iter().collect();
        let mounts = fs::read_to_string(MOUNTS).unwrap_or_default();
        let all = USUAL.iter().map(PathBuf::from).chain(mounted(&mounts));
        Virtual(all.filter(|it| tops.iter().any(|top| it.starts_with(top))).collect())
    }

    /// Whether this is one.
    pub fn holds(&self, folder: &Path) -> bool {
        self.0.iter().any(|it| it == folder)
    }
}

/// Where something is mounted that is on no disk.
fn mounted(mounts: &str) -> impl Iterator<Item = PathBuf> {
    mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        VIRTUAL.contains(&kind).then(|| PathBuf::from(unescaped(place)))
    })
}

/// A path as it is written there: blanks and backslashes in octal digits.
fn unescaped(place: &str) -> String {
    [(r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\")]
        .iter()
        .fold(place.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_shows_is_told_from_disks() {
        let mounts = "/dev/sda / ext4 rw 0 0\nproc /proc proc rw 0 0\noverlay /home overlay rw 0 0\n\
                      proc /srv/an\\040image/proc proc rw 0 0\ntmpfs /tmp tmpfs rw 0 0\nhalf\n";
        let found: Vec<PathBuf> = mounted(mounts).collect();
        assert_eq!(found, [Path::new("/proc"), Path::new("/srv/an image/proc")]);
    }

    #[cfg(unix)]
    #[test]
    fn they_are_looked_for_only_below_what_is_walked_through() {
        let below = |folder: &str, is_repository| Virtual::below([&PathBuf::from(folder)], is_repository);
        assert!(below("/", false).holds("/proc".as_ref()) && below("/", false).holds("/dev".as_ref()));
        assert!(!below("/", false).holds("/".as_ref()) && !below("/", false).holds("/dev/shm".as_ref()));
        assert!(below("/proc", false).holds("/proc".as_ref()));
        assert!(!below("/", true).holds("/proc".as_ref()) && !below("/usr", false).holds("/proc".as_ref()));
    }
}
