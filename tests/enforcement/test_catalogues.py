"""Translations are compiled without any program of the machine."""

import gettext

import pytest
from django.core.management import CommandError, call_command

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def catalogue(settings, tmp_path):
    folder = tmp_path / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    settings.LOCALE_PATHS = [tmp_path]
    return folder / "django.po"


def test_a_catalogue_is_compiled_and_unsure_texts_are_left_out(catalogue):
    catalogue.write_text(
        HEAD + 'msgid "Case"\nmsgstr "案件"\n\n#, fuzzy\nmsgid "Court"\nmsgstr "院"\n', encoding="utf-8"
    )
    call_command("compile_catalogues", verbosity=0)
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        texts = gettext.GNUTranslations(compiled)
    assert texts.gettext("Case") == "案件"
    assert texts.gettext("Court") == "Court"


def test_a_translation_with_a_place_the_text_does_not_have_is_named(catalogue):
    catalogue.write_text(
        HEAD + '#, python-format\nmsgid "Due on %(day)s"\nmsgstr "于%(date)s到期"\n', encoding="utf-8"
    )
    with pytest.raises(CommandError, match="zh_Hans.*Due on"):
        call_command("compile_catalogues", verbosity=0)
