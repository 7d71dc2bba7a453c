# Nobody asks for more GPUs than a node has.
package main

deny contains msg if {
	some container in containers
	wanted := to_number(container.resources.limits["nvidia.com/gpu"])
	wanted > 8
	msg := sprintf("`%s` asks for %v GPUs", [container.name, wanted)   #! error[POL001]: parsing array
}
