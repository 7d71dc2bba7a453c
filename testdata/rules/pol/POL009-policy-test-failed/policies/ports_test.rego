package main_test

import data.main

service(ports) := {"spec": {"ports": [{"port": it} | some it in ports]}}

test_high_ports_are_denied if {
	found := main.deny with input as service([80, 8080])
	found == {"port 80 is high"} #! error[POL009]: `test_high_ports_are_denied` fails
}

test_low_ports_are_fine if count(main.deny) == 0 with input as service([80])

test_nothing_is_fine if {
	main.deny["nothing"] with input as service([]) #! error[POL009]: `test_nothing_is_fine` fails
}

test_each_port[name] if {
	some name, port in {"low": 80, "high": 9000}
	count(main.deny) == 0 with input as service([port]) #! error[POL009]: `test_each_port[high]` fails
}

test_verdict := "fine" #! error[POL009]: `test_verdict` is a string, and not `true`

todo_test_later if false
