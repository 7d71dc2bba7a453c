# A library needs no tests of its own: what it is for has some.
package lib

teams := {"shop"}
