package packs.quantity_test

import rego.v1

import data.packs.quantity

test_quantities_are_numbers if {
	every text, number in {
		"500m": 0.5,
		"1.5": 1.5,
		"2": 2,
		"64": 64,
		"4Gi": 4294967296,
		"2000M": 2000000000,
		"1k": 1000,
		"1e3": 1000,
		"0.5Gi": 536870912,
		"128974848000m": 128974848,
		"250000u": 0.25,
		"500000000n": 0.5,
	} {
		quantity.number(text) == number
	}
	quantity.number(2) == 2
	quantity.number(1.5) == 1.5
}

test_units_count if {
	quantity.number("64000m") > quantity.number("32")
	quantity.number("500m") < quantity.number("8")
	quantity.number("300G") > quantity.number("256Gi")
	quantity.number("256G") < quantity.number("256Gi")
}

test_what_is_no_quantity_is_not_read if {
	every it in ["", "lots", "5 Gi", "1GB", "Gi", "${CPU}", null, true, ["1"]] {
		not quantity.is_readable(it)
	}
	quantity.is_readable("1")
}
