"""Serializers as browser forms.

An act's ``Input`` is a DRF serializer. Here it becomes a form; ``enforcement.web.posting`` makes it again of
a posted form:

    def act(request, ...):
        form = read_post(Input, request.POST, request.FILES, context=...)
        if rows_pressed(request.POST):                    # "add a row", "remove" without JavaScript
            return page(form)
        if form.is_valid(): ...
        return page(form, status=422)

    {{ form_html }}  with  form_html = render_form(form)  between the page's own <form> and its buttons

What was typed is shown again as it was typed, valid or not, and stands beside the error it caused.
Fields say how they want to look in DRF's ``style``:

    base_template   one of templates/forms/ ("money.html", "textarea.html", "radio.html", "hidden.html" …)
    template        another template altogether (a picker)
    input_type, placeholder, autocomplete, inputmode, rows, accept, min, max, step
    short           a narrow field            hide_label   the label is for screen readers only
    unit            what stands after a number, unless it is money (yuan)
    empty_label     the first option of a select
    min_rows        how many rows an empty list shows (1)
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.renderers import HTMLFormRenderer
from rest_framework.settings import api_settings
from rest_framework.utils.field_mapping import ClassLookupDict

from enforcement.web.posting import LISTS, initial_of, plain_of

#: Stands for the number of the row in the <template> that the script copies.
BLANK_ROW = "__row__"
#: Rows that one form may hold; more are imported from a file.
MAX_ROWS = 500


@dataclass
class Row:
    """One row of a list: its controls, and what is wrong with the row as a whole."""

    index: int | str
    name: str
    controls: list["Control"]
    errors: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.index + 1 if isinstance(self.index, int) else 1


@dataclass
class Option:
    value: str
    label: str
    chosen: bool
    id: str


@dataclass
class Control:
    """One field as the templates see it."""

    name: str
    id: str
    label: str
    help_text: str
    errors: list[str]
    template: str
    style: dict[str, Any]
    required: bool
    value: str = ""
    checked: bool = False
    max_length: int | None = None
    in_row: bool = False
    autofocus: bool = False
    groups: list[tuple[str, list[Option]]] = field(default_factory=list)
    children: list["Control"] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    blank: Row | None = None

    @property
    def hidden(self) -> bool:
        return self.template.endswith("/hidden.html")

    @property
    def describedby(self) -> str:
        parts = [f"{self.id}-hint"] if self.help_text else []
        return " ".join([*parts, f"{self.id}-error"] if self.errors else parts)

    @property
    def options(self) -> list[Option]:
        return [option for _label, options in self.groups for option in options]

    def walk(self) -> Iterator["Control"]:
        """Itself and everything in it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.walk()
        for row in self.rows:
            for child in row.controls:
                yield from child.walk()


#: How a kind of field is shown unless its own style says otherwise; a subclass takes after its base.
_STYLES: Any = {
    serializers.Field: {"base_template": "input.html", "input_type": "text"},
    serializers.EmailField: {"base_template": "input.html", "input_type": "email"},
    serializers.URLField: {"base_template": "input.html", "input_type": "url"},
    serializers.IntegerField: {
        "base_template": "input.html",
        "input_type": "text",
        "inputmode": "numeric",
        "short": True,
    },
    serializers.FloatField: {
        "base_template": "input.html",
        "input_type": "text",
        "inputmode": "decimal",
        "short": True,
    },
    serializers.DecimalField: {
        "base_template": "input.html",
        "input_type": "text",
        "inputmode": "decimal",
        "short": True,
    },
    serializers.DateTimeField: {
        "base_template": "date.html",
        "input_type": "datetime-local",
        "short": True,
    },
    serializers.DateField: {"base_template": "date.html", "input_type": "date", "short": True},
    serializers.TimeField: {"base_template": "date.html", "input_type": "time", "short": True},
    serializers.FileField: {"base_template": "file.html"},
    serializers.BooleanField: {"base_template": "checkbox.html"},
    serializers.ChoiceField: {"base_template": "select.html"},
    serializers.MultipleChoiceField: {"base_template": "checkbox_multiple.html"},
    serializers.RelatedField: {"base_template": "select.html"},
    serializers.ManyRelatedField: {"base_template": "select_multiple.html"},
    serializers.Serializer: {"base_template": "fieldset.html"},
    serializers.ListSerializer: {"base_template": "list_fieldset.html"},
    serializers.ListField: {"base_template": "list_fieldset.html"},
    serializers.DictField: {"base_template": "textarea.html"},
    serializers.JSONField: {"base_template": "textarea.html"},
}


class FormRenderer(HTMLFormRenderer):
    """Which of our templates shows which kind of field."""

    template_pack = "forms"
    base_template = "form.html"
    default_style: Any = ClassLookupDict(_STYLES)

    def style_of(self, serializer_field: serializers.Field) -> dict[str, Any]:
        return {**self.default_style[serializer_field], **serializer_field.style}

    def template_of(self, style: Mapping[str, Any]) -> str:
        if "template" in style:
            return str(style["template"])
        if style.get("input_type") == "hidden":
            return f"{self.template_pack}/hidden.html"
        return f"{style.get('template_pack', self.template_pack).strip('/')}/{style['base_template']}"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Mapping[str, Any] | None = None
    ) -> SafeString:
        return render_form(data.serializer)


_RENDERER = FormRenderer()


def render_form(
    serializer: serializers.BaseSerializer,
    *,
    errors: Mapping[str, Any] | Sequence[str] | str | None = None,
    initial: Mapping[str, Any] | None = None,
    summary: bool = True,
    prefix: str = "f",
) -> SafeString:
    """The fields of a serializer as HTML: error summary, then every field with what was typed.

    ``errors`` adds to what validation found: a refusal in words, or more messages by field. ``initial``
    fills a form that nobody has typed into yet. ``summary=False`` leaves the list on top to the page.
    ``prefix`` starts every id, for a page with two forms.
    """
    controls, loose = controls_of(serializer, errors=errors, initial=initial, prefix=prefix)
    wrong = [control for top in controls for control in top.walk() if control.errors]
    focus = next((c for c in wrong if not c.hidden and not c.rows and not c.children), None)
    if focus:
        focus.autofocus = True
    for top in controls:
        for control in top.walk():
            loose.extend(f"{control.label}: {text}" for text in (control.errors if control.hidden else []))
            loose.extend(text for row in control.rows for text in row.errors)
    listed = [
        {"id": control.id, "label": control.label, "message": message}
        for control in wrong
        if not control.hidden
        for message in control.errors
    ]
    return render_to_string(
        f"{_RENDERER.template_pack}/{_RENDERER.base_template}",
        {
            "controls": controls,
            "errors": [*({"id": "", "label": "", "message": text} for text in loose), *listed],
            "summary": summary,
            "has_rows": any(control.blank for top in controls for control in top.walk()),
        },
    )


def controls_of(
    serializer: serializers.BaseSerializer,
    *,
    errors: Mapping[str, Any] | Sequence[str] | str | None = None,
    initial: Mapping[str, Any] | None = None,
    prefix: str = "f",
) -> tuple[list[Control], list[str]]:
    """The controls of a form, for pages that place fields themselves, and the messages of no field."""
    typed = getattr(serializer, "initial_data", None)
    judged: Any = serializer.errors if hasattr(serializer, "_validated_data") else {}
    found = _merge(judged, errors)
    values: Any = typed if typed is not None else {**serializer.data, **(initial or {})}
    extra: set[str] = getattr(serializer, "extra_rows", set())
    builder = _Builder(prefix, extra)
    controls = builder.fields(serializer, values, found, "", in_row=False)
    known = {control.name for control in controls}
    loose = _messages(found.get(api_settings.NON_FIELD_ERRORS_KEY))
    # A message for a field that the page does not show must still be read.
    for name, value in found.items():
        if name != api_settings.NON_FIELD_ERRORS_KEY and name not in known:
            loose.extend(f"{name}: {text}" for text in _messages(value))
    return controls, loose


def _merge(found: Mapping[str, Any], more: Mapping[str, Any] | Sequence[str] | str | None) -> dict[str, Any]:
    merged = dict(found)
    if not more:
        return merged
    if not isinstance(more, Mapping):
        more = {api_settings.NON_FIELD_ERRORS_KEY: [more] if isinstance(more, str) else list(more)}
    for name, messages in more.items():
        if name not in merged:
            merged[name] = messages
        elif not isinstance(merged[name], Mapping) and not isinstance(messages, Mapping):
            merged[name] = [*_messages(merged[name]), *_messages(messages)]
    return merged


def _messages(errors: Any) -> list[str]:
    """Every message in a piece of ``serializer.errors``, flat."""
    if not errors:
        return []
    if isinstance(errors, Mapping):
        return [text for value in errors.values() for text in _messages(value)]
    if isinstance(errors, list | tuple):
        return [text for value in errors for text in _messages(value)]
    return [str(errors)]


def _own(errors: Any) -> list[str]:
    """Messages about a nested field as a whole, without those of its fields or rows."""
    if isinstance(errors, Mapping):
        return _messages(errors.get(api_settings.NON_FIELD_ERRORS_KEY))
    if isinstance(errors, list | tuple):
        return [str(one) for one in errors if not isinstance(one, Mapping | list | tuple)]
    return _messages(errors)


class _Builder:
    def __init__(self, prefix: str, extra_rows: set[str]) -> None:
        self.prefix = prefix
        self.extra_rows = extra_rows

    def fields(self, serializer: Any, values: Any, errors: Any, path: str, *, in_row: bool) -> list[Control]:
        shown = (
            one
            for one in serializer.fields.values()
            if not one.read_only and not isinstance(one, serializers.HiddenField)
        )
        return [
            self.control(
                one,
                _value(one, values),
                errors.get(one.field_name) if isinstance(errors, Mapping) else None,
                f"{path}{one.field_name}",
                in_row=in_row,
            )
            for one in shown
        ]

    def control(self, source: Any, value: Any, errors: Any, name: str, *, in_row: bool) -> Control:
        style = _RENDERER.style_of(source)
        nested = isinstance(source, (*LISTS, serializers.Serializer))
        control = Control(
            name=name,
            id=self.prefix + "-" + re.sub(r"[\[\].]+", "-", name).strip("-"),
            label=str(source.label or source.field_name.replace("_", " ")),
            help_text=str(source.help_text or ""),
            errors=_own(errors) if nested else _messages(errors),
            template=_RENDERER.template_of(style),
            style=style,
            required=bool(source.required and not getattr(source, "allow_blank", False)),
            max_length=getattr(source, "max_length", None),
            in_row=in_row,
        )
        if isinstance(source, LISTS) and not isinstance(source, serializers.MultipleChoiceField):
            self._rows(control, source, value, errors)
        elif isinstance(source, serializers.Serializer):
            control.children = self.fields(source, value or {}, errors, f"{name}.", in_row=in_row)
        elif isinstance(source, serializers.BooleanField):
            control.checked = str(value).lower() in {"true", "1", "on", "yes", "t", "y"}
        elif hasattr(source, "iter_options") and "input_type" not in style:
            self._options(control, source, value)
        elif not isinstance(source, serializers.FileField) and style.get("input_type") != "password":
            control.value = _text(value, style)
        return control

    def _rows(self, control: Control, source: Any, value: Any, errors: Any) -> None:
        values = list(value) if isinstance(value, list | tuple) else []
        wanted = len(values) + (1 if control.name in self.extra_rows else 0)
        count = min(max(wanted, control.style.get("min_rows", 1)), MAX_ROWS)
        for index in range(count):
            row_errors: Any = None
            if isinstance(errors, list) and index < len(errors):
                row_errors = errors[index]
            elif isinstance(errors, Mapping):
                row_errors = errors.get(index) or errors.get(str(index))
            control.rows.append(
                self._row(control, source, index, values[index] if index < len(values) else None, row_errors)
            )
        control.blank = self._row(control, source, BLANK_ROW, None, None)

    def _row(self, control: Control, source: Any, index: int | str, value: Any, errors: Any) -> Row:
        name = f"{control.name}[{index}]"
        if isinstance(source.child, serializers.Serializer):
            fresh = value if value is not None else {}
            return Row(
                index,
                name,
                self.fields(source.child, fresh, errors, name, in_row=True),
                _own(errors) if isinstance(errors, Mapping) else [],
            )
        child = self.control(source.child, value, errors, name, in_row=True)
        child.label = control.label
        return Row(index, name, [child])

    def _options(self, control: Control, source: Any, value: Any) -> None:
        many = isinstance(source, serializers.MultipleChoiceField | serializers.ManyRelatedField)
        chosen = {str(plain_of(one)) for one in value} if many and value else {str(plain_of(value))}
        group = ""
        for option in source.iter_options():
            if option.start_option_group:
                group = str(option.label)
            elif option.end_option_group:
                group = ""
            else:
                if not control.groups or control.groups[-1][0] != group:
                    control.groups.append((group, []))
                text = str(plain_of(option.value))
                number = sum(len(options) for _label, options in control.groups)
                control.groups[-1][1].append(
                    Option(text, str(option.display_text), text in chosen, f"{control.id}-{number}")
                )
        control.value = "" if many or value in (None, empty) else str(plain_of(value))


def _value(source: Any, values: Any) -> Any:
    """What a field holds in typed data (a QueryDict or a row of one), in ``serializer.data``, or nothing."""
    if hasattr(values, "getlist"):
        value = source.get_value(values)
    elif isinstance(values, Mapping):
        value = values.get(source.field_name, empty)
        if value is empty or value is None:
            value = initial_of(source)
    else:
        value = initial_of(source)
    return None if value is empty else value


def _text(value: Any, style: Mapping[str, Any]) -> str:
    if value is None:
        return ""
    kind = style.get("input_type")
    if kind == "datetime-local":
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                return value
        if isinstance(value, datetime):
            if timezone.is_aware(value):
                value = timezone.localtime(value)
            return value.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(plain_of(value))
