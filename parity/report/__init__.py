"""Reports of results: rows, then Markdown, JSON and the terminal. They never see an array."""
