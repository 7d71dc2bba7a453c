# METADATA
# title: Quantities
# description: |
#   Kubernetes writes amounts as numbers (`2`, `1.5`), in thousandths (`500m`), and with decimal or
#   binary units (`2000M`, `4Gi`). They compare as numbers, never as texts.
package packs.quantity

import rego.v1

# METADATA
# title: The number that a quantity stands for
# description: |
#   Undefined if it is none. `units.parse` fits memory too: `units.parse_bytes` takes the `m` of
#   `128974848000m`, which Kubernetes accepts and writes, for millions.
number(it) := it if is_number(it)

number(it) := units.parse(it) if {
	is_string(it)
	regex.match(`^[+-]?[0-9.]*[0-9][0-9.]*([eE][+-]?[0-9]+|[KMGTPE]i|[mkMGTPE])?$`, it)
}

# OPA knows neither.
number(it) := to_number(trim_suffix(it, unit)) / parts if {
	is_string(it)
	some unit, parts in {"n": 1000000000, "u": 1000000}
	regex.match(sprintf(`^[0-9]+([.][0-9]+)?%s$`, [unit]), it)
}

# METADATA
# title: Whether a quantity can be read
is_readable(it) if is_number(number(it))
