"""One cell again: what differs in it, on inputs as small as possible, as a script of its own."""
