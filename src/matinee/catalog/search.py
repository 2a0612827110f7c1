"""The words of a text, and a query over them, in the form that both databases index alike.

Text is folded here (case, width, accents) and cut into letters-and-digits words, so SQLite's and
PostgreSQL's own tokenizers find nothing left to disagree about, and a query holds nothing that
could be read as an operator. Scripts written without spaces (Han, kana, Thai ...) are cut into
single characters; a run of them matches as a phrase.
"""

import unicodedata

_MAXIMUM_QUERY = 256
_MAXIMUM_WORDS = 12
_MAXIMUM_WORD = 64
# First and last code points of the scripts written without spaces between words.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic iteration mark and zero
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xF900, 0xFAFF),  # CJK compatibility
    (0x20000, 0x323AF),  # CJK extensions B to H
)

Phrase = tuple[str, ...]
"""Words that must stand beside each other; the last may be the beginning of a longer one."""


def words(text: str) -> str:
    """Return the searchable words of *text*, in order, separated by single spaces."""
    return " ".join(word for phrase in _phrases(text) for word in phrase)


def query(text: str) -> tuple[Phrase, ...]:
    """Return the phrases a searcher asked for; () if *text* holds no word at all."""
    return tuple(_phrases(text[:_MAXIMUM_QUERY]))[:_MAXIMUM_WORDS]


def fts5(phrases: tuple[Phrase, ...]) -> str:
    """Write the query for SQLite: all phrases, each as a prefix. <https://sqlite.org/fts5.html>."""
    return " AND ".join(
        f'{"name_words : " if _is_letter(phrase) else ""}"{" ".join(phrase)}" *'
        for phrase in phrases
    )


def tsquery(phrases: tuple[Phrase, ...]) -> str:
    """Write the query for PostgreSQL's to_tsquery('simple', ...)."""
    return " & ".join(
        "(" + " <-> ".join(f"'{word}'" for word in phrase) + f":*{'A' * _is_letter(phrase)})"
        for phrase in phrases
    )


def _is_letter(phrase: Phrase) -> bool:
    """Whether this is one letter, which begins some word of nearly every synopsis.

    It is looked for in names alone (weight A of PostgreSQL); a character of an unspaced script is
    a word, not a beginning.
    """
    return len(phrase) == 1 and len(phrase[0]) == 1 and not _unspaced(phrase[0])


def _phrases(text: str) -> list[Phrase]:
    """Return one phrase for each run of letters and digits; marks (accents, vowel signs) go."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    phrases: list[Phrase] = []
    run: list[str] = []
    for letter in [*folded, " "]:
        if letter.isalnum():
            _extend(run, letter)
        elif run and not unicodedata.category(letter).startswith("M"):
            phrases.append(tuple(word[:_MAXIMUM_WORD] for word in run))
            run = []
    return phrases


def _extend(run: list[str], letter: str) -> None:
    """Add *letter* to the run's last word, or as a word of its own."""
    if not run or _unspaced(letter) or _unspaced(run[-1][-1]):
        run.append(letter)
    else:
        run[-1] += letter


def _unspaced(letter: str) -> bool:
    point = ord(letter)
    return point >= _UNSPACED[0][0] and any(first <= point <= last for first, last in _UNSPACED)
