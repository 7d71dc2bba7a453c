package main

deny contains msg if {
	some port in input.spec.ports
	port.port > 1000
	msg := sprintf("port %d is high", [port.port])
}
