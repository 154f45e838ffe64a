"""Chinese text: normalising with offsets kept, toneless pinyin, tokens, and what the words around a match do to it."""
