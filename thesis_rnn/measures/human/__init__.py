"""Whether relevance agrees with what people say."""
