"""Operations, one or one tight family per file: the forward function with its VJP under it."""
