"""EXT-X-DEFINE: replaces variable references in a playlist's text (RFC 8216bis §4.3)."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from matinee.errors import InputError
from matinee.formats.hls import attributes
from matinee.formats.hls.values import Define

MAX_CHARACTERS = 64 * 1024 * 1024
_REFERENCE = re.compile(r"\{\$([A-Za-z0-9_-]{1,256})\}")
_QUOTED = re.compile(r'"[^"]*"')
_TAG = "#EXT-X-DEFINE:"


def substitute(
    text: str, address: str = "", imported: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """Replace references in URI lines and quoted attribute values.

    Args:
        text: a playlist.
        address: its own URI, whose query QUERYPARAM reads.
        imported: variables of the multivariant playlist, which IMPORT reads.

    Returns:
        The text, and the variables it defines. A text without EXT-X-DEFINE comes back as it is.

    Raises:
        InputError: a definition is broken, its variable is not given or comes twice, a reference
            names none, or the text grows beyond bounds.
    """
    if _TAG not in text:
        return text, {}
    variables: dict[str, str] = {}
    lines, size = [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if line.startswith(_TAG):
                name, value = _definition(line.rstrip("\r"), address, imported or {})
                _define(variables, name, value)
                replaced = line
            else:
                replaced = _replace(line, variables)
        except ValueError as error:
            raise InputError(f"line {number}: {error}") from None
        size += len(replaced)
        if size > MAX_CHARACTERS:
            raise InputError(f"line {number}: the playlist grows beyond {MAX_CHARACTERS}")
        lines.append(replaced)
    return "\n".join(lines), variables


def _define(variables: dict[str, str], name: str, value: str) -> None:
    if name in variables:
        raise ValueError(f"variable {name} is defined twice")
    variables[name] = value


def _definition(line: str, address: str, imported: Mapping[str, str]) -> tuple[str, str]:
    define = attributes.read(Define, line.partition(":")[2])
    if define.name is not None and define.value is not None:
        return define.name, define.value
    if define.import_name is not None:
        if define.import_name not in imported:
            raise ValueError(f"variable {define.import_name} cannot be imported")
        return define.import_name, imported[define.import_name]
    if define.query_parameter is not None:
        found = parse_qs(urlsplit(address).query, max_num_fields=1000).get(define.query_parameter)
        if not found:
            raise ValueError(f"query parameter {define.query_parameter} is missing")
        return define.query_parameter, found[0]
    raise ValueError("EXT-X-DEFINE has neither NAME and VALUE, nor IMPORT, nor QUERYPARAM")


def _replace(line: str, variables: Mapping[str, str]) -> str:
    if "{$" not in line:
        return line

    def value(match: re.Match[str]) -> str:
        if match[1] not in variables:
            raise ValueError(f"variable {match[1]} is not defined")
        return variables[match[1]]

    if not line.startswith("#"):
        return _REFERENCE.sub(value, line)
    return _QUOTED.sub(lambda quoted: _REFERENCE.sub(value, quoted[0]), line)
