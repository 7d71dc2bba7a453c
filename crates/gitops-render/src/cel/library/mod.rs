//! The functions of CEL, of Kubernetes' libraries, and of those extensions that the API server turns on:
//! there is no `math`, no `base64` and no `cel.bind`.
//!
//! A file holds the functions about one thing: their signatures, which the check of types reads, and
//! what they do. A method's target is its first argument.

pub(super) mod convert;
pub(super) mod encoders;
mod formats;
pub(super) mod lists;
mod net;
pub(super) mod operators;
mod optional;
pub(super) mod printf;
pub(super) mod quantity;
pub(super) mod regex;
pub(super) mod semver;
mod strings;
pub(super) mod time;
pub(super) mod url;
pub(super) mod words;
mod zones;

use super::value::Val;
use super::{Error, Meter};

/// What a function returns; `None` if there is none for such arguments.
type Called = Result<Option<Val>, Error>;

/// A library: the signatures of its functions, and what calls them.
type Library = (&'static str, fn(&str, &[Val], &Meter) -> Called);

/// A signature is a line: a name, the types of what goes in, the type of what comes out. A method's name
/// begins with a dot. `A` and `B` stand for any type.
pub(super) const LIBRARIES: [Library; 12] = [
    (operators::SIGNATURES, operators::call),
    (strings::SIGNATURES, strings::call),
    (lists::SIGNATURES, lists::call),
    (convert::SIGNATURES, convert::call),
    (optional::SIGNATURES, optional::call),
    (regex::SIGNATURES, regex::call),
    (time::SIGNATURES, time::call),
    (quantity::SIGNATURES, quantity::call),
    (net::SIGNATURES, net::call),
    (url::SIGNATURES, url::call),
    (semver::SIGNATURES, semver::call),
    (formats::SIGNATURES, formats::call),
];

/// Calls a function.
pub(super) fn call(name: &str, args: &[Val], meter: &Meter) -> Result<Val, Error> {
    for (_, call) in &LIBRARIES {
        if let Some(value) = call(name, args, meter)? {
            return Ok(value);
        }
    }
    let types: Vec<&str> = args.iter().map(Val::type_name).collect();
    Err(Error::failed(format!("no such overload: {name}({})", types.join(", "))))
}
