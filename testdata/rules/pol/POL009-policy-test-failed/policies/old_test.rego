package old

test_old_syntax {
	names := [name | name := input.names[_]] with input as {"names": ["a"]}
	names == ["b"] #! error[POL009]: `test_old_syntax` fails
}
