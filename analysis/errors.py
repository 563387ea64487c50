"""The one way in which the method says no."""

from __future__ import annotations

from .texts import text


class RefusalError(ValueError):
    """Input that can't be used: one sentence, in the reader's language.

    Parameters
    ----------
    key
        Key of the sentence in ``resources/texts`` (``theme.key``).
    **values
        Values of its placeholders.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(self.sentence("en"))

    def sentence(self, language: str) -> str:
        """The sentence in ``nl`` or ``en``."""
        return text(self.key, language, **self.values)
