"""The cases, as data, in files named as refnet's: they import case and registry only."""
