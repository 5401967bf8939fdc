"""A posted form as the serializer it came from: numbers cleaned, blank rows dropped, row buttons obeyed."""

import re
import unicodedata
from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.fields import empty

S = TypeVar("S", bound=serializers.BaseSerializer)

ADD_ROW = "_add_row"
REMOVE_ROW = "_remove_row"

_NUMBERS = (serializers.DecimalField, serializers.IntegerField, serializers.FloatField)
_PICKED = (serializers.ChoiceField, serializers.BooleanField)
_STEP = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
_THOUSANDS = re.compile(r"^-?\d{1,3}(,\d{3})+(\.\d*)?$")
_ROW = re.compile(r"^(?P<list>.+)\[(?P<index>\d+)\]$")
LISTS = (serializers.ListSerializer, serializers.ListField)


def read_post(
    serializer_class: type[S],
    post: QueryDict,
    files: MultiValueDict | None = None,
    **kwargs: Any,
) -> S:
    """A serializer bound to a posted form.

    Numbers lose what people write into them (thousands separators, spaces, full-width digits); rows left
    entirely blank are dropped and the rest numbered from 0, so that errors find their row; a pressed
    "add" or "remove" button is obeyed.
    """
    serializer = serializer_class(**kwargs)
    data: MultiValueDict = MultiValueDict({name: list(post.getlist(name)) for name in post})
    if files:
        for name in files:
            data.setlist(name, files.getlist(name))
    for name in list(data):
        if isinstance(_field_at(serializer, name), _NUMBERS):
            data.setlist(name, [_plain_number(text) for text in data.getlist(name)])

    extra = post.get(ADD_ROW, "")
    removed = _ROW.match(post.get(REMOVE_ROW, ""))
    if removed:
        data = _without_rows(data, removed["list"], {int(removed["index"])})
    if not rows_pressed(post):
        for path in _lists_posted(serializer, data):
            data = _without_rows(data, path, _blank_rows(serializer, data, path))
        _drop_unanswered(serializer, data)

    bound = serializer_class(data=data, **kwargs)
    bound.extra_rows = {extra} if extra else set()  # type: ignore[attr-defined]
    return bound


def rows_pressed(post: QueryDict) -> bool:
    """True if the submit was a row button: show the form again, judge nothing yet."""
    return ADD_ROW in post or REMOVE_ROW in post


def _plain_number(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lstrip("¥").replace("−", "-")
    # Only commas that part thousands: "1,5" may mean one and a half, and is for the field to refuse.
    return plain.replace(",", "") if _THOUSANDS.match(plain) else plain


def _drop_unanswered(serializer: Any, data: MultiValueDict) -> None:
    """A choice, date or number left open is missing ("required"), not a wrong choice, date or number."""
    for name in list(data):
        found = _field_at(serializer, name)
        text = isinstance(found, serializers.CharField)
        if found is None or text or not found.required or found.allow_null or hasattr(found, "fields"):
            continue
        if all(isinstance(value, str) and not value.strip() for value in data.getlist(name)):
            del data[name]


def _field_at(serializer: Any, name: str) -> Any:
    """The field that a posted name belongs to: "items[2]amount", "address.street"."""
    current = serializer
    for index, key in _STEP.findall(name):
        if index:
            current = getattr(current, "child", None)
        else:
            current = getattr(current, "fields", {}).get(key)
        if current is None:
            return None
    return current


def _lists_posted(serializer: Any, data: MultiValueDict) -> list[str]:
    """Paths of the nested lists in the data, the innermost first."""
    paths = {name[: match.start()] for name in data for match in re.finditer(r"\[\d+\]", name)}
    known = [path for path in paths if isinstance(_field_at(serializer, path), LISTS)]
    return sorted(known, key=len, reverse=True)


def _rows_of(data: MultiValueDict, path: str) -> dict[int, list[str]]:
    rows: dict[int, list[str]] = {}
    pattern = re.compile(re.escape(path) + r"\[(\d{1,6})\]")
    for name in data:
        if match := pattern.match(name):
            rows.setdefault(int(match[1]), []).append(name)
    return dict(sorted(rows.items()))


def _blank_rows(serializer: Any, data: MultiValueDict, path: str) -> set[int]:
    """Rows nobody wrote into: empty, or with nothing but choices and ticks as a new row shows them."""

    def blank(value: Any) -> bool:
        return value is None or (isinstance(value, str) and not value.strip())

    def as_new(name: str, value: Any) -> bool:
        shown = initial_of(_field_at(serializer, name))
        return value in ("true", "on") if shown is True else str(value) == str(plain_of(shown))

    blanks = set()
    for index, names in _rows_of(data, path).items():
        picked = {name for name in names if isinstance(_field_at(serializer, name), _PICKED)}
        if all(
            blank(value) or (name in picked and len(picked) < len(names) and as_new(name, value))
            for name in names
            for value in data.getlist(name)
        ):
            blanks.add(index)
    return blanks


def _without_rows(data: MultiValueDict, path: str, gone: set[int]) -> MultiValueDict:
    """The data without some rows of one list, the others numbered from 0 in their order."""
    rows = _rows_of(data, path)
    numbers = {old: new for new, old in enumerate(index for index in rows if index not in gone)}
    moved: dict[str, list[Any]] = {}
    dropped = {name for index in gone for name in rows.get(index, [])}
    for name in data:
        if name in dropped:
            continue
        match = re.match(re.escape(path) + r"\[(\d{1,6})\](.*)$", name, re.DOTALL)
        moved[f"{path}[{numbers[int(match[1])]}]{match[2]}" if match else name] = data.getlist(name)
    return MultiValueDict(moved)


def initial_of(source: Any) -> Any:
    """What a field shows before anything is typed: its initial value, else its default."""
    value = source.get_initial()
    default = getattr(source, "default", empty)
    return default if value in (None, "", empty) and default is not empty and not callable(default) else value


def plain_of(value: Any) -> Any:
    """An object of a relation as its key, an enum member as its value."""
    if value is None:
        return ""
    return getattr(value, "pk", getattr(value, "value", value))
