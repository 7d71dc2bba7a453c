package main

deny contains msg if { #! info[POL003]: `main.deny` reads `input.items`, which no object has
	some item in input.items
	item.kind == "Secret"
	msg := sprintf("%s is a secret", [item.metadata.name])
}

# Whoever unwraps a List may well be asked about something else.
deny contains "no name" if {
	not input.items
	not input.metadata.name
}
