package main

deny contains "the others still work" if input.kind == "ConfigMap"
