package packs.place_test

import rego.v1

import data.packs.place

test_pointers_are_escaped if {
	place.pointer(["metadata", "labels", "a/b~c", 0]) == "/metadata/labels/a~1b~0c/0"
	place.pointer([]) == ""
}

test_a_missing_label_belongs_among_the_labels if {
	place.metadata({"metadata": {"labels": {"a": "b"}}}, "labels", "x/y") == "/metadata/labels/x~1y"
	place.metadata_map({"metadata": {"labels": {"a": "b"}}}, "labels") == "/metadata/labels"
}

test_without_labels_it_belongs_to_the_name if {
	every metadata in [{}, {"labels": {}}, {"labels": null}] {
		place.metadata({"metadata": metadata}, "labels", "x") == "/metadata/name"
		place.metadata_map({"metadata": metadata}, "labels") == "/metadata/name"
	}
}
