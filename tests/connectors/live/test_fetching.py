"""What can be wrong with a download, and with the key that a call is signed with."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from entrepot.connectors.live import fetching, sending
from entrepot.connectors.live.bills import Link, Packing, address_of
from entrepot.connectors.live.contract import Request
from entrepot.connectors.live.errors import KeyUnreadable
from entrepot.connectors.live.fetching import unpack
from entrepot.connectors.live.rsa import signed
from entrepot.connectors.live.sending import HttpTransport
from entrepot.sandbox.http import Sandbox, SandboxServer

PLAIN = "交易时间,商户号\r\n`2026-11-01 10:00:00,`1900000109\r\n".encode() * 40
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def unpacked(tmp_path: Path, content: bytes, link: Link) -> tuple[str, bytes | None]:
    (tmp_path / "packed").write_bytes(content)
    problem = unpack(tmp_path / "packed", link, tmp_path / "file.csv")
    return problem, None if problem else (tmp_path / "file.csv").read_bytes()


def link(packing: Packing, **stated: object) -> Link:
    return Link("http://127.0.0.1/x", packing, **stated)  # type: ignore[arg-type]


def zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ledger.csv", content)
    return out.getvalue()


def test_a_digest_is_of_the_unpacked_file_however_it_is_written(tmp_path: Path) -> None:
    digest = hashlib.sha1(PLAIN).hexdigest()
    for stated in (digest, digest.upper()):
        found = unpacked(tmp_path, gzip.compress(PLAIN), link(Packing.GZIP, digest_name="sha1", digest=stated))
        assert found == ("", PLAIN)
    other = gzip.compress(PLAIN.replace(b"10:00", b"11:00"))
    problem, _ = unpacked(tmp_path, other, link(Packing.GZIP, digest_name="sha1", digest=digest))
    assert problem == "another digest than the platform states"
    problem, _ = unpacked(tmp_path, other, link(Packing.GZIP, digest_name="sm3of", digest=digest))
    assert problem == "a digest of an unknown kind (sm3of)"


@pytest.mark.parametrize(
    ("packing", "content"), [(Packing.GZIP, gzip.compress(PLAIN)), (Packing.ZIP, zipped(PLAIN))], ids=["gzip", "zip"]
)
def test_an_archive_that_breaks_off_or_was_changed_is_damaged(packing: Packing, content: bytes, tmp_path: Path) -> None:
    whole, _ = unpacked(tmp_path, content, link(packing))
    assert whole == ""
    middle = len(content) // 2
    for spoilt in (
        content[:middle],
        content[:-3],
        content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        b"<html>expired</html>",
    ):
        problem, _ = unpacked(tmp_path, spoilt, link(packing))
        assert problem.startswith("a damaged archive"), spoilt[:20]
    # An empty file passes for a gzip file of nothing.
    assert unpacked(tmp_path, b"", link(packing)) == ("nothing in it", None)


def test_a_download_of_another_size_than_stated_is_damaged(tmp_path: Path) -> None:
    assert unpacked(tmp_path, PLAIN, link(Packing.PLAIN, size=len(PLAIN))) == ("", PLAIN)
    assert (
        unpacked(tmp_path, PLAIN[:-1], link(Packing.PLAIN, size=len(PLAIN)))[0]
        == f"{len(PLAIN) - 1} bytes of {len(PLAIN)}"
    )


def test_what_unpacks_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "UNPACKED_BYTES_MAX", len(PLAIN))
    monkeypatch.setattr(fetching, "_CHUNK", 100)
    for packing, pack in ((Packing.GZIP, gzip.compress), (Packing.ZIP, zipped)):
        assert unpacked(tmp_path, pack(PLAIN), link(packing))[0] == ""
        assert unpacked(tmp_path, pack(PLAIN * 2), link(packing))[0] != "", packing


def test_a_download_is_written_as_it_came_and_given_up_where_it_goes_on_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, target = HttpTransport(), tmp_path / "file"
    with SandboxServer(Sandbox(("wechatpay",), orders=2, days=1)) as server:
        request = Request("GET", f"{server.base_url}/sandbox/truth/wechatpay")
        assert transport.save(request, target).status == 200
        assert target.read_bytes() == transport.send(request).body
        monkeypatch.setattr(sending, "FILE_BYTES_MAX", -1)
        with pytest.raises(httpx.ReadError, match="more than"):
            transport.save(request, target)
    transport.close()


def test_an_address_without_encryption_is_asked_with_it() -> None:
    said = {
        "http://dwbillcenter.alipay.com/x?fileId=1": "https://dwbillcenter.alipay.com/x?fileId=1",
        "https://api.mch.weixin.qq.com/x?token=1": "https://api.mch.weixin.qq.com/x?token=1",
        "http://127.0.0.1:80/x": "http://127.0.0.1:80/x",
        "http://127.0.0.1.example.com/x": "https://127.0.0.1.example.com/x",
    }
    assert {url: address_of(Link(url)) for url in said} == said


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL], ids=["pkcs8", "pkcs1"])
def test_a_key_signs_however_it_was_kept(form: PrivateFormat) -> None:
    pem = KEY.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    bare = base64.b64encode(KEY.private_bytes(Encoding.DER, form, NoEncryption())).decode()
    for kept in (pem, pem.replace("\n", "\\n"), pem.replace("\n", "\r\n"), bare):
        KEY.public_key().verify(
            base64.b64decode(signed("要签名的", kept)), "要签名的".encode(), padding.PKCS1v15(), SHA256()
        )


def test_what_is_no_usable_key_is_told_without_showing_it() -> None:
    locked = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")).decode()
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for kept, why in (
        (locked, "locked with a password"),
        (other.decode(), "not an RSA key"),
        ("c2VjcmV0", "neither PEM"),
    ):
        with pytest.raises(KeyUnreadable, match=why) as told:
            signed("text", kept)
        assert kept not in str(told.value)
