# Settings that end in _SECONDS are numbers: the store does not start with anything else.
package main

deny contains {"msg": msg, "at": sprintf("/data/%s", [name])} if {
	input.kind == "ConfigMap"
	some name, value in input.data
	endswith(name, "_SECONDS")
	not regex.match(`^[0-9]+$`, value)
	msg := sprintf("`%s` is `%s`, which is no number of seconds", [name, value])
}
