"""XML -> MPD values. The bytes are hostile: no entities, no network, bounded size and depth."""

from typing import Any, TypeVar

import msgspec
from lxml import etree

from matinee.errors import InputError
from matinee.formats.dash.schema import NAMESPACE, PREFIXES, SHAPES, XML_NAMESPACE, Child, Shape
from matinee.formats.dash.values import Element, Mpd

MAX_BYTES = 64 * 1024 * 1024
MAX_ELEMENTS = 2_000_000
MAX_DEPTH = 64
MAX_ATTRIBUTES = 200

T = TypeVar("T", bound=msgspec.Struct)


def parse(document: bytes) -> Mpd:
    """Return the value of an MPD *document*.

    Raises:
        InputError: not XML, not an MPD, a broken value (the message has line and element), or
            beyond bounds. Documents with a DTD are refused.
    """
    root = read_tree(document)
    name = etree.QName(root)
    if name.localname != "MPD" or name.namespace != NAMESPACE:
        raise InputError(f"not an MPD: its root is {name.text[:80]!r}")
    return _read(Mpd, root)


def read_tree(document: bytes) -> Any:  # noqa: ANN401  lxml has no public node type
    """Parse *document* into an element tree under the bounds of this module.

    Raises:
        InputError: not XML, a DTD, or beyond bounds.
    """
    if len(document) > MAX_BYTES:
        raise InputError(f"MPD is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_blank_text=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"not well-formed XML: {str(error)[:200]}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError("an MPD with a document type declaration is refused")
    _bound(root)
    return root


def _bound(root: Any) -> None:  # noqa: ANN401
    depth = count = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise InputError(f"MPD has more than {MAX_ELEMENTS} elements or {MAX_DEPTH} levels")
        # lxml takes the square of their number to read them.
        if event == "start" and len(node.attrib) > MAX_ATTRIBUTES:
            raise InputError(f"an element of the MPD has more than {MAX_ATTRIBUTES} attributes")


def _read(kind: type[T], node: Any) -> T:  # noqa: ANN401
    shape = SHAPES[kind]
    fields: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    for name, text in node.attrib.items():
        if name not in shape.attributes:
            attributes[name] = text
            continue
        field, attribute = shape.attributes[name]
        try:
            fields[field] = attribute.read(text)
        except ValueError as error:
            raise _fault(node, f"@{name} {error}") from None
    elements = _children(shape, node, fields)
    if issubclass(kind, Element):
        fields |= {"attributes": attributes, "elements": elements}
    if shape.text is not None:
        fields[shape.text] = (node.text or "").strip()
    missing = _REQUIRED[kind] - fields.keys()
    if missing:
        names = [one for one, (field, _) in shape.attributes.items() if field in missing]
        raise _fault(node, f"required attribute {', '.join(sorted(names))} is missing")
    return kind(**fields)


def _children(shape: Shape, node: Any, fields: dict[str, Any]) -> tuple[str, ...]:  # noqa: ANN401
    """Read the children that *shape* knows into *fields*; return the others as XML."""
    elements: list[str] = []
    lists: dict[str, list[Any]] = {}
    for child in node:
        name = etree.QName(child)
        known = shape.children.get(name.localname) if name.namespace == NAMESPACE else None
        if known is None:
            elements.append(_canonical(child))
            continue
        lists.setdefault(known.field, []).append(_value(known, child))
    for known in shape.children.values():
        found = lists.get(known.field)
        if found is None:
            continue
        if not known.many and len(found) > 1:
            raise _fault(node, f"holds {len(found)} {known.field} where one may stand")
        fields[known.field] = tuple(found) if known.many else found[0]
    return tuple(elements)


def _canonical(node: Any) -> str:  # noqa: ANN401
    """Write *node* with prefixes chosen by us, so that equal content is equal text."""
    names = {etree.QName(one).namespace for one in node.iter(etree.Element)}
    names |= {
        etree.QName(name).namespace for one in node.iter(etree.Element) for name in one.attrib
    }
    prefixes: dict[Any, str] = {prefix: name for prefix, name in PREFIXES.items() if name in names}
    foreign = sorted(names - set(PREFIXES.values()) - {None, XML_NAMESPACE})
    prefixes |= {f"n{place}": name for place, name in enumerate(foreign)}
    return str(etree.tostring(_copy(node, prefixes), encoding="unicode", with_tail=False))


def _copy(node: Any, prefixes: dict[Any, str]) -> Any:  # noqa: ANN401
    copy = etree.Element(node.tag, dict(sorted(node.attrib.items())), nsmap=prefixes)
    copy.text = node.text
    for child in node.iterchildren(etree.Element):
        twin = _copy(child, prefixes)
        twin.tail = child.tail
        copy.append(twin)
    return copy


def _value(known: Child, node: Any) -> Any:  # noqa: ANN401
    if isinstance(known.kind, type) and issubclass(known.kind, msgspec.Struct):
        return _read(known.kind, node)
    return (node.text or "").strip()


def _fault(node: Any, message: str) -> InputError:  # noqa: ANN401
    return InputError(f"line {node.sourceline}: {etree.QName(node).localname}: {message}")


_REQUIRED = {
    kind: {one.name for one in msgspec.structs.fields(kind) if one.required} - {shape.text}
    for kind, shape in SHAPES.items()
}
