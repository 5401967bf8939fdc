"""The Tibetan texts that wait for a translator's approval, as a list to work through."""

import pytest
from django.core.management import call_command

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
TIBETAN = """
# draft
#: templates/b.html enforcement/a.py
msgid "Case"
msgstr "གྱོད་གཞི།"

#: enforcement/a.py
msgid "Court"
msgstr "ཁྲིམས་ཁང་།"

# draft
#: templates/b.html
msgid "%(n)s case | one"
msgid_plural "%(n)s cases"
msgstr[0] "གྱོད་གཞི་ %(n)s"
"""
CHINESE = """
#: enforcement/a.py
msgid "Case"
msgstr "案件"

#: templates/b.html
msgid "%(n)s case | one"
msgid_plural "%(n)s cases"
msgstr[0] "%(n)s件案件"
"""


@pytest.fixture
def written(settings, tmp_path) -> str:
    for language, texts in (("bo", TIBETAN), ("zh_Hans", CHINESE)):
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "django.po").write_text(HEAD + texts, encoding="utf-8")
    settings.LOCALE_PATHS = [tmp_path]
    call_command("tibetan_review", output=tmp_path / "review.md", verbosity=0)
    return (tmp_path / "review.md").read_text(encoding="utf-8")


def test_each_draft_stands_once_with_its_english_and_chinese(written):
    assert written.count("| Case | 案件 | གྱོད་གཞི། |") == 1
    assert "| %(n)s case \\| one<br>%(n)s cases | %(n)s件案件 | གྱོད་གཞི་ %(n)s |" in written


def test_drafts_stand_under_the_file_that_uses_them(written):
    ours, pages = written.index("## `enforcement/a.py`"), written.index("## `templates/b.html`")
    assert ours < written.index("| Case |") < pages < written.index("%(n)s case")


def test_an_approved_text_is_not_listed(written):
    assert "ཁྲིམས་ཁང་།" not in written
    assert "2 texts are drafts" in written


def test_the_names_of_the_laws_tables_are_listed_beside_the_chinese(written):
    names = written[written.index("## `law/data/tibetan.csv`") :]
    assert "| nodes | node.appraisal | 取得评估报告 | དཔྱད་དཔོག་སྙན་ཞུ་ཐོབ་པ |" in names
    assert "| instruments | CPL | 民事诉讼法 |" in names
