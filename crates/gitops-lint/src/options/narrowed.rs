//! Whether flags take something away of what the options file says.
//!
//! What is silenced was found with all that the file says. A run that asks less has no say in whether it
//! is still there: a job for one version of Kubernetes, say, out of several. Where the file says no version
//! and a flag does, there may be other jobs with other flags.

use gitops_render::Minors;

use crate::locations::Found;
use crate::options::chain::Chain;
use crate::options::flags::Flags;
use crate::policies::Place;

/// What is asked less than the options file says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// Versions of Kubernetes, or places of schemas.
    pub schemas: bool,
    /// Policies, or packages of them.
    pub policies: bool,
}

impl Narrowed {
    /// Compares what flags say with what the files say.
    pub fn new(flags: &Flags, chain: &Chain) -> Narrowed {
        let last = |is: &dyn Fn(usize) -> bool| (0..chain.files.len()).rev().find(|it| is(*it));
        let places = |index: Option<usize>| index.map(|it| &chain.files[it].1);
        let all_of =
            |wanted: &[Place], has: &[Place]| wanted.iter().all(|it| has.iter().any(|has| holds(has, it)));
        let lacks = |wanted: Option<&Vec<Place>>, has: Option<Vec<Place>>| {
            wanted.zip(has).is_some_and(|(wanted, has)| !all_of(wanted, &has))
        };
        let of = |flag: Result<Option<Vec<Place>>, crate::Failure>| flag.ok().flatten();
        let policies = places(last(&|it| chain.files[it].1.policies.is_some()));
        let data = places(last(&|it| chain.files[it].1.data.is_some()));
        let found = places(last(&|it| chain.files[it].1.locations.is_some()));
        let lacks_location = |wanted: &Vec<Found>, has: Vec<Found>| !wanted.iter().all(|it| has.contains(it));
        let locations = found.and_then(|it| it.locations.as_ref()).zip(flags.locations().ok().flatten());
        Narrowed {
            schemas: lacks_versions(flags, chain)
                || locations.is_some_and(|(wanted, has)| lacks_location(wanted, has)),
            policies: lacks(policies.and_then(|it| it.policies.as_ref()), of(flags.policies()))
                || lacks(data.and_then(|it| it.data.as_ref()), of(flags.data()))
                || lacks_packages(flags, chain),
        }
    }
}

/// Whether a place holds all that is in another.
fn holds(has: &Place, wanted: &Place) -> bool {
    match (has, wanted) {
        (Place::Disk(has), Place::Disk(wanted)) => wanted.starts_with(has),
        (Place::Pack(has), Place::Pack(wanted)) => has.name == wanted.name,
        _ => false,
    }
}

/// Whether there may be other versions than those of the flags.
fn lacks_versions(flags: &Flags, chain: &Chain) -> bool {
    let Some(has) = &flags.versions else { return false };
    if chain.versions().is_none() {
        return true;
    }
    let of_environments = chain.files.iter().flat_map(|it| &it.0.environments);
    let mut wanted = of_environments.filter_map(|it| it.versions.as_ref()).chain(chain.versions());
    wanted.any(|it| !has_all(has, it))
}

/// Whether all of the versions are among others.
pub fn has_all(has: &Minors, wanted: &Minors) -> bool {
    wanted.as_slice().iter().all(|it| has.as_slice().contains(it))
}

fn lacks_packages(flags: &Flags, chain: &Chain) -> bool {
    let Some(file) = chain.packages().filter(|_| !flags.policy.namespaces.is_empty()) else { return false };
    let mut wanted = file.namespaces.iter().flatten();
    file.all_namespaces == Some(true) || !wanted.all(|it| flags.policy.namespaces.contains(&it.text))
}
