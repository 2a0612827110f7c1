"""MPD values -> XML."""

from typing import Any

import msgspec
from lxml import etree

from matinee.errors import InputError
from matinee.formats.dash.schema import NAMESPACE, ORDER, PREFIXES, SHAPES, TEXT
from matinee.formats.dash.values import Element, Mpd


def render(mpd: Mpd) -> bytes:
    """Return *mpd* as UTF-8 XML, children in the schema's order.

    Raises:
        InputError: a text holds characters that XML cannot, or a kept element is not XML.
    """
    root = etree.Element(f"{{{NAMESPACE}}}MPD", nsmap=PREFIXES)
    try:
        _fill(root, mpd)
    except ValueError as error:
        raise InputError(f"a text of the MPD cannot stand in XML: {error}") from None
    etree.cleanup_namespaces(root)
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content + b"\n"


def _fill(node: Any, value: msgspec.Struct) -> None:  # noqa: ANN401  lxml has no public node type
    shape = SHAPES[type(value)]
    for name, (field, kind) in shape.attributes.items():
        content = getattr(value, field)
        if content is not None and content != () and not (name == "r" and content == 0):
            node.set(name, kind.write(content))
    children: list[tuple[str, Any]] = []
    for name, child in shape.children.items():
        content = getattr(value, child.field)
        items = content if child.many else () if content is None else (content,)
        children += [(name, one) for one in items]
    if isinstance(value, Element):
        for name, text in value.attributes.items():
            node.set(name, text)
        children += [_kept(text) for text in value.elements]
    order = {name: place for place, name in enumerate(ORDER.get(etree.QName(node).localname, ()))}
    # The schema lets elements of other namespaces stand last; the sort is stable.
    for name, one in sorted(children, key=lambda pair: order.get(pair[0], len(order))):
        if isinstance(one, etree._Element):  # noqa: SLF001  the only name lxml gives its nodes
            node.append(one)
            continue
        child_node = etree.SubElement(node, f"{{{NAMESPACE}}}{name}")
        if isinstance(one, str):
            child_node.text = TEXT.write(one)
        else:
            _fill(child_node, one)
    if shape.text is not None:
        node.text = getattr(value, shape.text) or None


def _kept(text: str) -> tuple[str, Any]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        node = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise InputError(f"a kept element is not XML: {error}") from None
    name = etree.QName(node)
    return (name.localname if name.namespace == NAMESPACE else f"{{{name.namespace}}}", node)
