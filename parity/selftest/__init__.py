"""The gate proves itself: bugs put into refnet and the adapters, each of which must be caught."""
