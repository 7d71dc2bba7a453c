package main

deny contains msg if {
	msg := no_such_function(input)   #! error[POL001]: no_such_function
}
