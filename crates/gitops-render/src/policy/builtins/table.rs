//! Every builtin of OPA, in the order of names: whose it is, or why it is refused.

use regorus::Value as Rego;

use super::regex::Cache;
use super::{Function, Outcome, print};
use super::{
    arithmetic, arithmetic::compare, casts, crypto, encoding, glob, jwt, net, objects, regex, strings, time,
    units,
};

/// One builtin.
pub(in crate::policy) struct Builtin {
    pub name: &'static str,
    pub arity: usize,
    pub source: Source,
}

/// Who evaluates a builtin.
#[derive(Clone, Copy)]
pub(in crate::policy) enum Source {
    /// The engine, which does as OPA does.
    Engine,
    /// The engine, which iterates over what it gives.
    Walk,
    Ours(Function),
    /// Ours, with expressions that are kept compiled.
    Regex(fn(&mut Cache, &[Rego]) -> Outcome),
    /// Nobody, and this is why.
    Refused(&'static str),
}

use Source::{Engine, Ours, Refused, Regex, Walk};

const NOW: &str = "its result is another one every time, and a check must not be";
const NETWORK: &str = "a check reads nothing from the network";
const ENVIRONMENT: &str = "a check reads nothing from the machine it runs on";
const KEYS: &str = "certificates and private keys are not read here";
const SIGNING: &str = "tokens are not signed here";
const ASYMMETRIC: &str =
    "only signatures with a shared key (`io.jwt.verify_hs256` and so on) are verified here";
const GRAPHQL: &str = "GraphQL is not read here";
const ZONES: &str = "times are not read and written by layouts here";

const fn b(name: &'static str, arity: usize, source: Source) -> Builtin {
    Builtin { name, arity, source }
}

/// The builtin of a name.
pub(in crate::policy) fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.binary_search_by(|it| it.name.cmp(name)).ok().map(|it| &BUILTINS[it])
}

#[rustfmt::skip]
pub(super) const BUILTINS: &[Builtin] = &[
    b("abs", 1, Engine),
    b("all", 1, Ours(casts::all)),
    b("and", 2, Ours(arithmetic::and)),
    b("any", 1, Ours(casts::any)),
    b("array.concat", 2, Ours(objects::concat)),
    b("array.flatten", 1, Ours(objects::flatten)),
    b("array.reverse", 1, Engine),
    b("array.slice", 3, Engine),
    b("base64.decode", 1, Ours(encoding::base64_decode)),
    b("base64.encode", 1, Ours(encoding::base64_encode)),
    b("base64.is_valid", 1, Ours(encoding::base64_is_valid)),
    b("base64url.decode", 1, Ours(encoding::base64url_decode)),
    b("base64url.encode", 1, Ours(encoding::base64url_encode)),
    b("base64url.encode_no_pad", 1, Ours(encoding::base64url_encode_no_pad)),
    b("bits.and", 2, Engine),
    b("bits.lsh", 2, Ours(arithmetic::left)),
    b("bits.negate", 1, Engine),
    b("bits.or", 2, Engine),
    b("bits.rsh", 2, Engine),
    b("bits.xor", 2, Engine),
    b("cast_array", 1, Ours(casts::cast_array)),
    b("cast_boolean", 1, Ours(casts::cast_boolean)),
    b("cast_null", 1, Ours(casts::cast_null)),
    b("cast_object", 1, Ours(casts::cast_object)),
    b("cast_set", 1, Ours(casts::cast_set)),
    b("cast_string", 1, Ours(casts::cast_string)),
    b("ceil", 1, Ours(arithmetic::ceil)),
    b("concat", 2, Ours(strings::concat)),
    b("contains", 2, Engine),
    b("count", 1, Ours(arithmetic::count)),
    b("crypto.hmac.equal", 2, Ours(crypto::hmac_equal)),
    b("crypto.hmac.md5", 2, Ours(crypto::hmac_md5)),
    b("crypto.hmac.sha1", 2, Ours(crypto::hmac_sha1)),
    b("crypto.hmac.sha256", 2, Ours(crypto::hmac_sha256)),
    b("crypto.hmac.sha512", 2, Ours(crypto::hmac_sha512)),
    b("crypto.md5", 1, Ours(crypto::md5)),
    b("crypto.parse_private_keys", 1, Refused(KEYS)),
    b("crypto.sha1", 1, Ours(crypto::sha1)),
    b("crypto.sha256", 1, Ours(crypto::sha256)),
    b("crypto.x509.parse_and_verify_certificates", 1, Refused(KEYS)),
    b("crypto.x509.parse_and_verify_certificates_with_options", 2, Refused(KEYS)),
    b("crypto.x509.parse_certificate_request", 1, Refused(KEYS)),
    b("crypto.x509.parse_certificates", 1, Refused(KEYS)),
    b("crypto.x509.parse_keypair", 2, Refused(KEYS)),
    b("crypto.x509.parse_rsa_private_key", 1, Refused(KEYS)),
    b("div", 2, Ours(arithmetic::div)),
    b("endswith", 2, Engine),
    b("equal", 2, Ours(compare::equal)),
    b("external_data", 1, Refused("Gatekeeper asks a provider in the cluster for it, and there is none here")),
    b("floor", 1, Ours(arithmetic::floor)),
    b("format_int", 2, Engine),
    b("glob.match", 3, Regex(glob::is_match)),
    b("glob.quote_meta", 1, Ours(glob::quote_meta)),
    b("graph.reachable", 2, Engine),
    b("graph.reachable_paths", 2, Engine),
    b("graphql.is_valid", 2, Refused(GRAPHQL)),
    b("graphql.parse", 2, Refused(GRAPHQL)),
    b("graphql.parse_and_verify", 2, Refused(GRAPHQL)),
    b("graphql.parse_query", 1, Refused(GRAPHQL)),
    b("graphql.parse_schema", 1, Refused(GRAPHQL)),
    b("graphql.schema_is_valid", 1, Refused(GRAPHQL)),
    b("gt", 2, Ours(compare::greater)),
    b("gte", 2, Ours(compare::at_least)),
    b("hex.decode", 1, Ours(encoding::hex_decode)),
    b("hex.encode", 1, Ours(encoding::hex_encode)),
    b("http.send", 1, Refused(NETWORK)),
    b("indexof", 2, Ours(strings::index_of)),
    b("indexof_n", 2, Ours(strings::index_of_n)),
    b("intersection", 1, Engine),
    b("io.jwt.decode", 1, Ours(jwt::decode)),
    b("io.jwt.decode_verify", 2, Refused("it compares the token with the time at which it is evaluated")),
    b("io.jwt.encode_sign", 3, Refused(SIGNING)),
    b("io.jwt.encode_sign_raw", 3, Refused(SIGNING)),
    b("io.jwt.verify_eddsa", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_es256", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_es384", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_es512", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_hs256", 2, Ours(jwt::verify_hs256)),
    b("io.jwt.verify_hs384", 2, Ours(jwt::verify_hs384)),
    b("io.jwt.verify_hs512", 2, Ours(jwt::verify_hs512)),
    b("io.jwt.verify_ps256", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_ps384", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_ps512", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_rs256", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_rs384", 2, Refused(ASYMMETRIC)),
    b("io.jwt.verify_rs512", 2, Refused(ASYMMETRIC)),
    b("is_array", 1, Engine),
    b("is_boolean", 1, Engine),
    b("is_null", 1, Engine),
    b("is_number", 1, Engine),
    b("is_object", 1, Engine),
    b("is_set", 1, Engine),
    b("is_string", 1, Engine),
    b("json.filter", 2, Ours(objects::json_filter)),
    b("json.is_valid", 1, Ours(encoding::json_is_valid)),
    b("json.marshal", 1, Ours(encoding::json_marshal)),
    b("json.marshal_with_options", 2, Ours(encoding::json_marshal_with_options)),
    b("json.match_schema", 2, Refused("schemas are not evaluated inside of policies")),
    b("json.patch", 2, Engine),
    b("json.remove", 2, Engine),
    b("json.unmarshal", 1, Ours(encoding::json_unmarshal)),
    b("json.verify_schema", 1, Refused("schemas are not evaluated inside of policies")),
    b("lower", 1, Ours(strings::lower)),
    b("lt", 2, Ours(compare::less)),
    b("lte", 2, Ours(compare::at_most)),
    b("max", 1, Ours(arithmetic::max)),
    b("min", 1, Ours(arithmetic::min)),
    b("minus", 2, Ours(arithmetic::minus)),
    b("mul", 2, Ours(arithmetic::mul)),
    b("neq", 2, Ours(compare::not_equal)),
    b("net.cidr_contains", 2, Ours(net::contains)),
    b("net.cidr_contains_matches", 2, Ours(net::contains_matches)),
    b("net.cidr_expand", 1, Ours(net::expand)),
    b("net.cidr_intersects", 2, Ours(net::intersects)),
    b("net.cidr_is_valid", 1, Ours(net::is_valid)),
    b("net.cidr_merge", 1, Ours(net::merge)),
    b("net.cidr_overlap", 2, Ours(net::contains)),
    b("net.lookup_ip_addr", 1, Refused(NETWORK)),
    b("numbers.range", 2, Ours(arithmetic::range)),
    b("numbers.range_step", 3, Ours(arithmetic::range_step)),
    b("object.filter", 2, Engine),
    b("object.get", 3, Engine),
    b("object.keys", 1, Engine),
    b("object.remove", 2, Engine),
    b("object.subset", 2, Ours(objects::subset)),
    b("object.union", 2, Engine),
    b("object.union_n", 1, Engine),
    b("opa.runtime", 0, Refused(ENVIRONMENT)),
    b("or", 2, Ours(arithmetic::or)),
    b("plus", 2, Ours(arithmetic::plus)),
    b("product", 1, Ours(arithmetic::product)),
    b("providers.aws.sign_req", 3, Refused(SIGNING)),
    b("rand.intn", 2, Refused(NOW)),
    b("re_match", 2, Regex(regex::is_match)),
    b("regex.find_all_string_submatch_n", 3, Regex(regex::find_all_string_submatch_n)),
    b("regex.find_n", 3, Regex(regex::find_n)),
    b("regex.globs_match", 2, Refused("two patterns are not compared here")),
    b("regex.is_valid", 1, Regex(regex::is_valid)),
    b("regex.match", 2, Regex(regex::is_match)),
    b("regex.replace", 3, Regex(regex::replace)),
    b("regex.split", 2, Regex(regex::split)),
    b("regex.template_match", 4, Regex(regex::template_match)),
    b("rego.metadata.chain", 0, Refused("a policy's annotations are not seen from inside of it")),
    b("rego.metadata.rule", 0, Refused("the rule has annotations that are not understood here")),
    b("rego.parse_module", 2, Refused("policies are not read inside of policies")),
    b("rem", 2, Ours(arithmetic::rem)),
    b("replace", 3, Ours(strings::replace)),
    b("round", 1, Engine),
    b("semver.compare", 2, Engine),
    b("semver.is_valid", 1, Engine),
    b("set_diff", 2, Ours(objects::set_diff)),
    b("sort", 1, Ours(arithmetic::sort)),
    b("split", 2, Ours(strings::split)),
    b("sprintf", 2, Ours(print)),
    b("startswith", 2, Engine),
    b("strings.any_prefix_match", 2, Engine),
    b("strings.any_suffix_match", 2, Engine),
    b("strings.count", 2, Ours(strings::count)),
    b("strings.render_template", 2, Refused("Go's templates are not filled in here: `sprintf` and `concat` do")),
    b("strings.replace_n", 2, Ours(strings::replace_n)),
    b("strings.reverse", 1, Engine),
    b("substring", 3, Ours(strings::substring)),
    b("sum", 1, Ours(arithmetic::sum)),
    b("time.add_date", 4, Ours(time::add_date)),
    b("time.clock", 1, Ours(time::clock)),
    b("time.date", 1, Ours(time::date)),
    b("time.diff", 2, Refused(ZONES)),
    b("time.format", 1, Refused(ZONES)),
    b("time.now_ns", 0, Refused(NOW)),
    b("time.parse_duration_ns", 1, Ours(time::parse_duration_ns)),
    b("time.parse_ns", 2, Refused(ZONES)),
    b("time.parse_rfc3339_ns", 1, Ours(time::parse_rfc3339_ns)),
    b("time.weekday", 1, Ours(time::weekday)),
    b("to_number", 1, Ours(casts::to_number)),
    b("trace", 1, Ours(casts::trace)),
    b("trim", 2, Engine),
    b("trim_left", 2, Engine),
    b("trim_prefix", 2, Engine),
    b("trim_right", 2, Engine),
    b("trim_space", 1, Engine),
    b("trim_suffix", 2, Engine),
    b("type_name", 1, Engine),
    b("union", 1, Engine),
    b("units.parse", 1, Ours(units::parse)),
    b("units.parse_bytes", 1, Ours(units::parse_bytes)),
    b("upper", 1, Ours(strings::upper)),
    b("urlquery.decode", 1, Ours(encoding::urlquery_decode)),
    b("urlquery.decode_object", 1, Ours(encoding::urlquery_decode_object)),
    b("urlquery.encode", 1, Ours(encoding::urlquery_encode)),
    b("urlquery.encode_object", 1, Ours(encoding::urlquery_encode_object)),
    b("uuid.parse", 1, Refused("identifiers are not taken apart here")),
    b("uuid.rfc4122", 1, Refused(NOW)),
    b("walk", 1, Walk),
    b("yaml.is_valid", 1, Ours(encoding::yaml_is_valid)),
    b("yaml.marshal", 1, Refused("YAML is not written inside of policies: `json.marshal` is, and is YAML too")),
    b("yaml.unmarshal", 1, Ours(encoding::yaml_unmarshal)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_the_engine_has_what_it_is_said_to_have() {
        assert!(BUILTINS.is_sorted_by(|a, b| a.name < b.name));
        let engine = &*regorus::unstable::BUILTINS;
        for builtin in BUILTINS.iter().filter(|it| matches!(it.source, Engine | Walk)) {
            let arity = engine.get(builtin.name).map(|it| usize::from(it.1));
            assert_eq!(arity, Some(builtin.arity), "{}", builtin.name);
        }
        // Whatever the engine has is in the table, so that none is used unseen.
        for name in engine.keys().filter(|it| !it.starts_with("__")) {
            assert!(find(name).is_some(), "{name}");
        }
    }
}
