"""MPDs for Hypothesis, built from the tables that say what each element holds."""

from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from matinee.formats.dash import schema, values

WORDS = st.text("az09 äß<&\"'./:", max_size=5).map(str.strip)
OWN = st.sampled_from(
    [
        '<n0:own xmlns:n0="urn:own" a="1"><n0:child>text</n0:child></n0:own>',
        '<cenc:pssh xmlns:cenc="urn:mpeg:cenc:2013">AAAA</cenc:pssh>',
    ]
)
NAMES = st.sampled_from(["own", "{urn:mpeg:cenc:2013}default_KID", "{urn:own}a"])
OF_KIND = {
    schema.TEXT: WORDS,
    schema.INTEGER: st.integers(0, 2**60),
    schema.BOOLEAN: st.booleans(),
    schema.DURATION: st.decimals(0, 10**6, places=3, allow_nan=False).map(Decimal.normalize),
    schema.LIST: st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2).map(tuple),
    schema.TYPE: st.sampled_from(["static", "dynamic"]),
}


@st.composite
def of(draw, kind, depth=5):
    shape = schema.SHAPES[kind]
    required = {one.name for one in msgspec.structs.fields(kind) if one.required}
    fields = {}
    for field, attribute in shape.attributes.values():
        # Lists and the type have defaults that are no None.
        if field in required or draw(st.integers(0, 3)) == 0:
            fields[field] = draw(OF_KIND[attribute])
    for child in shape.children.values() if depth else ():
        drawn = WORDS if child.kind is str else of(child.kind, depth - 1)
        if child.many and draw(st.integers(0, 2)) == 0:
            fields[child.field] = tuple(draw(st.lists(drawn, max_size=2)))
        elif not child.many and draw(st.integers(0, 3)) == 0:
            fields[child.field] = draw(drawn)
    if shape.text is not None:
        fields[shape.text] = draw(WORDS)
    if issubclass(kind, values.Element) and draw(st.integers(0, 5)) == 0:
        fields["attributes"] = draw(st.dictionaries(NAMES, WORDS, max_size=2))
        fields["elements"] = tuple(draw(st.lists(OWN, max_size=2)))
    return kind(**fields)


def mpds():
    return of(values.Mpd)
