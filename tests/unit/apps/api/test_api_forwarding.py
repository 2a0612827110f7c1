import pytest
from hypothesis import given
from hypothesis import strategies as st

from matinee.apps.api.forwarding import client_of, networks
from matinee.errors import InputError

TRUSTED = networks("127.0.0.1, 10.0.0.0/8,::1, fd00::/8")


def client(peer, **headers):
    """Who asks, by the peer and the headers given; a tuple of values is a header sent twice."""
    sent = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, values in headers.items()
        for value in (values if isinstance(values, tuple) else (values,))
    ]
    return client_of({"client": (peer, 1) if peer else None, "headers": sent}, TRUSTED)


def test_nobody_else_is_believed():
    assert client("192.0.2.1", x_forwarded_for="198.51.100.7") == "192.0.2.1"
    assert client("192.0.2.1", forwarded="for=198.51.100.7") == "192.0.2.1"
    assert client_of({"client": ("127.0.0.1", 1), "headers": []}, ()) == "127.0.0.1"
    assert client("127.0.0.1") == "127.0.0.1"
    assert client(None) is None
    assert client("testclient") is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("1.1.1.1, 198.51.100.7", "198.51.100.7"),  # the first is the client's own word
        ("127.0.0.1, 198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, 10.1.2.3,  10.9.9.9", "198.51.100.7"),
        ("rubbish, 198.51.100.7 ,10.1.2.3", "198.51.100.7"),
        ("10.1.2.3, 10.9.9.9", "10.1.2.3"),
        ("fd00::5", "fd00::5"),
        ("unknown", None),
        ("198.51.100.7, unknown, 10.1.2.3", None),
        ("", None),
        (",", None),
        ("198.51.100.7,", None),
        ("198.51.100.777", None),
        ("[198.51.100.7]extra", None),
        (", ".join(["198.51.100.7"] + ["10.0.0.1"] * 31), "198.51.100.7"),
        (", ".join(["198.51.100.7"] + ["10.0.0.1"] * 32), None),
        ("9" * 5000, None),
    ],
)
def test_x_forwarded_for_is_read_from_the_right(value, found):
    assert client("127.0.0.1", x_forwarded_for=value) == found


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("for=198.51.100.7", "198.51.100.7"),
        ('For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ("for=192.0.2.43, for=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7"),
        ("proto=http ; for=198.51.100.7, for=10.2.2.2", "198.51.100.7"),
        (r'for="198\.51.100.7"', "198.51.100.7"),
        ('host="a,b;for=1.1.1.1";for=198.51.100.7', "198.51.100.7"),
        ("for=_hidden", None),
        ("for=unknown", None),
        ("proto=https", None),
        ("for=1.1.1.1;for=198.51.100.7", None),
        ('for="1.1.1.1, for=198.51.100.7', None),
        ("rubbish", None),
        ("for=1.1.1.1 for=198.51.100.7", None),
        ("for=198.51.100.7,", None),
    ],
)
def test_forwarded_is_read_from_the_right(value, found):
    assert client("10.0.0.1", forwarded=value) == found


def test_a_header_sent_twice_is_one_list():
    assert client("::1", x_forwarded_for=("1.1.1.1", "198.51.100.7")) == "198.51.100.7"


def test_of_both_headers_one_may_be_the_clients_own():
    assert client("127.0.0.1", x_forwarded_for="198.51.100.7", forwarded="for=127.0.0.1") is None


@given(st.text(st.characters(max_codepoint=255), max_size=200), st.sampled_from(["xff", "fwd"]))
def test_what_is_written_left_of_a_proxys_word_changes_nothing(text, kind):
    if kind == "xff":
        assert client("127.0.0.1", x_forwarded_for=f"{text},198.51.100.7") == "198.51.100.7"
    else:  # a list may be malformed, and then nobody is named, but never another
        found = client("127.0.0.1", forwarded=f"{text},for=198.51.100.7")
        assert found in {"198.51.100.7", None}


def test_the_setting_says_what_is_wrong_with_it():
    assert networks("") == networks(" , ") == ()
    assert [str(one) for one in networks("10.1.2.3/8")] == ["10.0.0.0/8"]
    with pytest.raises(InputError, match="MATINEE_TRUSTED_PROXIES: 'nginx'"):
        networks("127.0.0.1, nginx")
