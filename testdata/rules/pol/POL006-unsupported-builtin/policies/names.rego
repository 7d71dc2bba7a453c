package main

deny contains msg if {
	owner := http.send({"method": "get", "url": "https://owners"}).body   #! error[POL006]: `http.send` is not supported
	not owner[input.metadata.name]
	msg := "nobody owns this"
}

violation contains msg if {
	is_old
	msg := "this is old"
}

is_old if time.now_ns() > 0   #! error[POL006]: its result is another one every time

# What is ours in the engine's place, and what rests on none of the above.
deny_short contains "the name is too short" if {
	crypto.md5(input.metadata.name) != ""
	count(input.metadata.name) < 10
}
