import pytest

from matinee.errors import InputError, NotFoundError
from matinee.model.presentation import ByteRange
from matinee.verify.reader import FolderReader


@pytest.fixture
def reader(tmp_path):
    root = tmp_path / "film"
    (root / "text").mkdir(parents=True)
    (root / "a b.vtt").write_bytes(b"0123456789")
    (root / "text" / "1.vtt").write_bytes(b"one")
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "link").symlink_to(tmp_path / "secret")
    return FolderReader(root)


@pytest.mark.parametrize(
    ("base", "reference", "address"),
    [
        ("master.m3u8", "a%20b.vtt", "a b.vtt"),
        ("master.m3u8", "text/1.vtt?x=1#y", "text/1.vtt"),
        ("text/list.m3u8", "1.vtt", "text/1.vtt"),
        ("text/list.m3u8", "../a.vtt", "a.vtt"),
        ("text/list.m3u8", "/a.vtt", "a.vtt"),
        ("text/list.m3u8", "././/1.vtt", "text/1.vtt"),
        ("manifest.mpd", "text/", "text/"),
        ("text/", "1.vtt", "text/1.vtt"),
        ("text/deep/a.mpd", "..", "text/"),
    ],
)
def test_references_are_resolved_within_the_folder(reader, base, reference, address):
    assert reader.resolve(base, reference) == address


@pytest.mark.parametrize(
    "reference",
    [
        "../secret",
        "text/../../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "file:///etc/hosts",
        "http://host/a",
        "//host/a",
        "data:,x",
    ],
)
def test_nothing_outside_the_folder_is_named(reader, reference):
    with pytest.raises(InputError):
        reader.resolve("master.m3u8", reference)


def test_links_out_of_the_folder_are_not_followed(reader):
    with pytest.raises(InputError, match="leads out"):
        reader.read("link", None, 99)


def test_ranges_are_read_and_sizes_told(reader):
    body = reader.read("a b.vtt", ByteRange(2, 3), 99)
    assert (body.data, body.size) == (b"234", 10)
    assert reader.read("a b.vtt", ByteRange(8, 5), 99).data == b"89"


def test_what_is_missing_or_too_large_is_refused(reader):
    for address in ("none", "text", "a b.vtt/x", "\x00"):
        with pytest.raises(NotFoundError):
            reader.read(address, None, 99)
    with pytest.raises(InputError, match="larger than 5"):
        reader.read("a b.vtt", None, 5)
    with pytest.raises(InputError, match="larger than 5"):
        reader.read("a b.vtt", ByteRange(0, 10**12), 5)
