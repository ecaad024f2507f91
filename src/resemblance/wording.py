"""Numbers in sentences: "1 identity", "2,000 identities"."""


def counted(number: int, one: str, several: str | None = None) -> str:
    """A number with what is counted.

    Args:
        number: of them.
        one: what a single one is called.
        several: what others are called; None adds an s.

    >>> counted(1, "identity", "identities"), counted(2000, "image"), counted(0, "image")
    ('1 identity', '2,000 images', '0 images')
    """
    return f"{number:,} {agreeing(number, one, several or f'{one}s')}"


def agreeing(number: int, one: str, several: str) -> str:
    """The word that agrees with a number.

    >>> agreeing(1, "is", "are"), agreeing(2, "is", "are")
    ('is', 'are')
    """
    return one if number == 1 else several
