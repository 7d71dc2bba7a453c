# METADATA
# title: Places in an object
# description: |
#   Rules name the place of a result as a JSON pointer. What is missing may be named as well: the
#   finding then points to what should hold it.
package packs.place

import rego.v1

# METADATA
# title: A path as JSON pointer
pointer(path) := concat("/", array.concat([""], [escaped |
	some step in path
	escaped := strings.replace_n({"~": "~0", "/": "~1"}, sprintf("%v", [step]))
]))

# METADATA
# title: The place of all labels or annotations of an object
# description: The name of the object, if it has none.
metadata_map(it, field) := pointer(["metadata", field]) if {
	is_object(it.metadata[field])
	count(it.metadata[field]) > 0
} else := "/metadata/name"

# METADATA
# title: The place of a label or an annotation of an object
metadata(it, field, key) := place if {
	map := metadata_map(it, field)
	map != "/metadata/name"
	place := concat("", [map, pointer([key])])
} else := "/metadata/name"
