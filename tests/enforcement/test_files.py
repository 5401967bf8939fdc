"""Uploads: only what is what it says, without anything that acts, kept once and whole."""

import errno
import io
import os
import zipfile

import openpyxl
import pikepdf
import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework import serializers

from enforcement import files
from enforcement.engine import UploadField
from enforcement.engine.history import recorded
from enforcement.files import UnacceptableFile
from enforcement.models import StoredFile
from law import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store_of_its_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def kept_files(settings) -> list[str]:
    return [name for _place, _folders, names in os.walk(settings.MEDIA_ROOT) for name in names]


def pdf(change=None, **options) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    if change:
        change(document)
    target = io.BytesIO()
    document.save(target, **options)
    return target.getvalue()


def picture(kind: str = "PNG", **options) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, kind, **options)
    return target.getvalue()


def workbook(extra: dict[str, bytes] | None = None) -> bytes:
    target = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["案由", "金额"])
    book.save(target)
    if extra:
        with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
            for name, content in extra.items():
                archive.writestr(name, content)
    return target.getvalue()


def send(world, content: bytes, name: str, purpose: str = "proof", case=None) -> StoredFile:
    return files.store(
        SimpleUploadedFile("x", content),
        name=name,
        person=world.clerk,
        purpose=purpose,
        case=case,
        at=clock.now(),
    )


@pytest.mark.parametrize(
    ("name", "content", "purpose", "content_type"),
    [
        ("回证.pdf", pdf(), "proof", "application/pdf"),
        ("照片.JPG", picture("JPEG"), "proof", "image/jpeg"),
        ("截图.png", picture(), "proof", "image/png"),
        ("立案.xlsx", workbook(), "import", files.XLSX_TYPE),
        ("立案.csv", "案由,金额\n买卖合同纠纷,1.00\n".encode("gb18030"), "import", "text/csv"),
    ],
)
def test_a_good_file_is_kept_under_its_hash_and_read_back(world, name, content, purpose, content_type):
    stored = send(world, content, name, purpose)
    assert stored.content_type == content_type
    assert stored.name == name
    assert stored.path.endswith(stored.sha256)
    with files.open_file(stored) as opened:
        assert len(opened.read()) == stored.size


def launches(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")


def runs_script(document):
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def hides_script_in_an_annotation(document):
    document.pages[0].Annots = pikepdf.Array(
        [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link,
                            A=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="x"), Rect=[0, 0, 9, 9])]
    )  # fmt: skip


def attaches(document):
    document.attachments["virus.exe"] = b"MZ"


def grows(document):
    for _ in range(2000):
        document.pages.append(document.pages[0])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", b"<html><script>alert(1)</script></html>", "not what its name says"),
        ("a.pdf", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "not what its name says"),
        ("a.pdf", b"<?php system($_GET[0]);", "not what its name says"),
        ("a.pdf", workbook(), "not what its name says"),
        ("a.pdf", picture(), "not what its name says"),
        ("a.png", pdf(), "not what its name says"),
        ("a.pdf", pdf() + b"<script>alert(1)</script>", "besides a PDF"),
        ("a.pdf", pdf()[:-200], "besides a PDF|damaged"),
        ("a.pdf", b"%PDF-1.7\nnothing\n%%EOF", "damaged"),
        ("a.pdf", pdf(runs_script), "scripts"),
        ("a.pdf", pdf(launches), "scripts"),
        ("a.pdf", pdf(hides_script_in_an_annotation), "scripts"),
        ("a.pdf", pdf(attaches), "attached files"),
        ("a.pdf", pdf(grows), "more than 2000 pages"),
        ("a.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "encrypted"),
        ("a.pdf", pdf(encryption=pikepdf.Encryption(owner="o", user="")), "encrypted"),
        ("a.png", picture()[:-30], "damaged"),
        ("a.png", b"", "empty"),
        ("a.svg", b"<svg/>", "Only these kinds"),
        ("a.pdf.exe", pdf(), "Only these kinds"),
        ("CON", pdf(), "Only these kinds"),
        ("a.html", b"<p>", "Only these kinds"),
    ],
)
def test_a_proof_that_is_not_what_it_says_or_acts_is_refused_in_words(world, settings, name, content, says):
    with pytest.raises(UnacceptableFile, match=says):
        send(world, content, name)
    assert not StoredFile.objects.exists()
    assert not kept_files(settings)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", pdf(), "not what its name says"),
        ("a.xlsx", workbook({"xl/vbaProject.bin": b"macro"}), "macros"),
        ("a.xlsx", workbook({"xl/embeddings/oleObject1.bin": b"x"}), "macros or embedded"),
        ("a.xlsx", workbook({"xl/worksheets/sheet9.xml": b"\0" * 30_000_000}), "unpacks to far more"),
        ("a.xlsx", workbook({f"xl/{n}.xml": b"" for n in range(2100)}), "unpacks to far more"),
        ("a.xlsx", workbook()[:900], "damaged|not what"),
        ("a.csv", workbook(), "not what its name says"),
        ("a.csv", b"<html><script>", "not what its name says"),
        ("a.csv", b"a,b\0c", "not what its name says"),
        ("a.xls", b"x", "Only these kinds"),
    ],
)
def test_a_workbook_with_macros_or_a_bomb_is_refused_in_words(world, name, content, says):
    with pytest.raises(UnacceptableFile, match=says):
        send(world, content, name, "import")


def test_a_picture_too_large_to_decode_is_refused_from_its_header(world):
    # A header that claims 50 000 × 50 000 pixels; nothing of that size is ever allocated.
    content = bytearray(picture())
    content[16:24] = (50_000).to_bytes(4, "big") * 2
    import zlib

    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    with pytest.raises(UnacceptableFile, match="million pixels|damaged"):
        send(world, bytes(content), "a.png")


def test_a_file_above_the_limit_is_refused_before_it_is_read(world, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    with pytest.raises(UnacceptableFile, match="larger than"):
        send(world, b"%PDF-" + b"0" * 2000, "a.pdf")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/x.pdf", "x.pdf"),
        ("C:\\users\\x.pdf", "x.pdf"),
        ("a\u202efdp.x.pdf", "afdp.x.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ('"quoted" <b>.pdf', '"quoted" <b>.pdf'),
    ],
)
def test_a_name_is_data_only(world, settings, given, shown):
    stored = send(world, pdf(), given)
    assert stored.name == shown
    assert kept_files(settings) == [stored.sha256]


def test_a_long_name_keeps_its_ending(world):
    assert len(files.clean_name("长" * 300 + ".pdf")) == 200
    assert files.clean_name("长" * 300 + ".pdf").endswith(".pdf")


def test_the_same_file_twice_is_kept_once(world, settings, filed):
    content = pdf()
    first = send(world, content, "a.pdf", case=filed)
    again = send(world, content, "a.pdf", case=filed)
    elsewhere = send(world, content, "a.pdf")
    assert first == again != elsewhere
    assert len(kept_files(settings)) == 1


def test_a_full_disk_leaves_nothing_and_says_so(world, settings, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UnacceptableFile, match="Nothing was saved"):
        send(world, pdf(), "a.pdf")
    assert not StoredFile.objects.exists()
    assert not kept_files(settings)


def test_where_a_photo_was_taken_and_by_whom_is_not_kept(world):
    exif = Image.Exif()
    exif[0x013B] = "A. Photographer"
    exif.get_ifd(0x8825)[1] = "N"
    content = picture("JPEG", exif=exif, comment=b"secret place")
    assert b"Photographer" in content
    stored = send(world, content, "a.jpg")
    with files.open_file(stored) as opened:
        kept = opened.read()
    assert b"Photographer" not in kept
    assert b"secret place" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_polyglot_picture_loses_its_script(world):
    stored = send(world, picture("JPEG") + b"<script>alert(1)</script>", "a.jpg")
    with files.open_file(stored) as opened:
        assert b"<script>" not in opened.read()


class Proof(serializers.Serializer):
    proof = UploadField(purpose="proof")


def test_an_act_takes_an_upload_and_history_keeps_its_hash_and_name(filed, world):
    form = Proof(
        data={"proof": SimpleUploadedFile("回证.pdf", pdf())}, context={"case": filed, "actor": world.clerk}
    )
    assert form.is_valid(), form.errors
    stored = form.validated_data["proof"]
    assert (stored.case, stored.stored_by) == (filed, world.clerk)
    assert recorded(form, form.validated_data)["proof"] == {
        "uid": str(stored.uid),
        "sha256": stored.sha256,
        "name": "回证.pdf",
    }


def test_a_file_sent_before_is_named_by_its_sender_on_its_case_only(filed, world):
    stored = send(world, pdf(), "a.pdf", case=filed)
    other = world.file_case()

    def named(case, actor, value):
        form = Proof(data={"proof": value}, context={"case": case, "actor": actor})
        return form.is_valid() and form.validated_data["proof"]

    assert named(filed, world.clerk, str(stored.uid)) == stored
    assert named(filed, world.clerk, recorded(Proof(), {"proof": stored})["proof"]) == stored
    assert not named(filed, world.finance, str(stored.uid))
    assert not named(other, world.clerk, str(stored.uid))
    assert not named(filed, world.clerk, "../../etc/passwd")
    assert not named(filed, world.clerk, 7)


def test_the_store_is_outside_every_web_root(settings):
    served = [settings.STATIC_ROOT, *settings.STATICFILES_DIRS]
    assert isinstance(default_storage, FileSystemStorage)
    assert not any(str(default_storage.base_location).startswith(str(place)) for place in served)
