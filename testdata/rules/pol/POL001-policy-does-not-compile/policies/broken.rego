package main

deny contains msg if {
	msg := sprintf("%s", [input.metadata.name)   #! error[POL001]: array
}
