//! Facts about the Kubernetes API and its versions, and views of its objects that several rules
//! need.

pub mod cron;
pub mod deprecated;
pub mod format;
pub mod go_regex;
pub mod go_time;
pub mod life_cycle;
pub mod meaning;
pub mod merge_keys;
pub mod minor;
pub mod names;
pub mod native;
pub mod quantity;
pub mod requirement;
pub mod scope;
pub mod views;
