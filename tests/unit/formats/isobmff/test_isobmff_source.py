from matinee.formats.isobmff import MemorySource


def test_reads_within_and_to_the_end():
    source = MemorySource(b"abcdef")
    assert source.size == 6
    assert source.read(2, 3) == b"cde"
    assert source.read(4, 10) == b"ef"
