from decimal import Decimal

import msgspec
import pytest

from matinee.formats.dash import schema


@pytest.mark.parametrize("kind", schema.SHAPES, ids=lambda kind: kind.__name__)
def test_every_field_has_its_place_in_xml(kind):
    shape = schema.SHAPES[kind]
    placed = {field for field, _ in shape.attributes.values()}
    placed |= {child.field for child in shape.children.values()} | {shape.text or "attributes"}
    fields = {one.name for one in msgspec.structs.fields(kind)}
    assert fields - placed <= {"attributes", "elements"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ("10", "PT10S"),
        ("596.458000", "PT596.458S"),
        ("0", "PT0S"),
        ("100", "PT100S"),
        ("1E+2", "PT100S"),
    ],
)
def test_durations_are_written_in_seconds(seconds, text):
    assert schema.write_duration(Decimal(seconds)) == text
    assert schema.read_duration(text) == Decimal(seconds)
