def title_slug(title: str, limit: int = 20) -> str:
    """Turn a title into something that fits in a URL."""
    lowered = title.strip().lower()
    spaced = "".join(c if c.isalnum() else " " for c in lowered)
    words = spaced.split()
    slug = "-".join(words)
    if len(slug) > limit:
        slug = slug[:limit].rstrip("-")
    return slug or "untitled"
