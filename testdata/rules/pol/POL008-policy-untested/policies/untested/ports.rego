package ports

deny_high contains "the port is high" if input.spec.ports[_].port > 1000 #! info[POL008]: `ports.deny_high` and one more rule have no test

deny_high contains "the node port is high" if input.spec.ports[_].nodePort > 32000

warn_unnamed contains "a port has no name" if not input.spec.ports[0].name
