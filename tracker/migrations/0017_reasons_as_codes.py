"""Why an issue came back is kept as a code with values; it was kept as a sentence.

A sentence that is none of those that were ever written stays as it is. Everything that this needs is here: what the
codes are today in `tracker.lifecycle.reasons` may change.
"""

import re

from django.db import migrations, transaction

AT_ONCE = 1_000
FIXED = "in which it was fixed"
NEWEST = "the newest release when it was resolved"
SENTENCES = {
    "after": "The event happened after it was resolved",
    "after_without_release": "The event happened after it was resolved (it names no release, so time decides)",
    "is_the_fix": f"{{release}} is the release {FIXED}",
    "newer_than_fix": f"{{release}} is newer than {{other}}, {FIXED}{{basis}}",
    "same_as_fix": f"{{release}} is the same version as {{other}}, {FIXED}",
    "no_release_was_known": "{release} came after it was resolved, when no release was known",
    "newer_than_newest": f"{{release}} is newer than {{other}}, {NEWEST}{{basis}}",
    "not_below_range": f"{{release}} is not older than {{other}}, {FIXED}",
}
"""What made a regression; other verdicts were never stored."""
BASES = {
    "": "",
    "date": " (by date: their names are not versions of one package)",
    "not_known_yet": " (it had not been seen before)",
}


def pattern_of(sentence):
    text = re.escape(sentence)
    for name in ("release", "other"):
        text = text.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>.+)")
    return re.compile(text.replace(re.escape("{basis}"), f"(?P<basis>{'|'.join(map(re.escape, BASES.values()))})"))


PATTERNS = {code: pattern_of(sentence) for code, sentence in SENTENCES.items()}
CODE_OF_BASIS = {words: code for code, words in BASES.items()}


def code_of(sentence):
    """The code with its values; None for a sentence that cannot be made of any."""
    for code, pattern in PATTERNS.items():
        if found := pattern.fullmatch(sentence):
            values = found.groupdict()
            if "basis" in values:
                values["basis"] = CODE_OF_BASIS[values["basis"]]
            form = {"code": code} | {name: value for name, value in values.items() if value}
            if sentence_of(form) == sentence:
                return form
    return None


def sentence_of(form):
    """The sentence that was written before; None for a code that was not there then."""
    if form.get("code") not in SENTENCES:
        return None
    values = {"release": form.get("release", ""), "other": form.get("other", "")}
    return SENTENCES[form["code"]].format(**values, basis=BASES[form.get("basis", "")])


def rewrite(apps, change):
    """Give each regression's reason to `change`, and keep what it returns: a batch at a time, each committed."""
    regressions = apps.get_model("tracker", "Activity").objects.filter(kind="regressed").order_by("id")
    last = 0
    while rows := list(regressions.filter(id__gt=last).only("id", "details")[:AT_ONCE]):
        changed = [row for row in rows if isinstance(row.details, dict) and change_row(row, change)]
        with transaction.atomic():
            regressions.bulk_update(changed, ["details"], batch_size=200)
        last = rows[-1].id


def change_row(row, change):
    """Whether there was anything to change."""
    reason = change(row.details.get("reason"))
    if reason is not None:
        row.details = {**row.details, "reason": reason}
    return reason is not None


def to_codes(apps, schema_editor):
    rewrite(apps, lambda reason: code_of(reason) if isinstance(reason, str) else None)


def to_sentences(apps, schema_editor):
    rewrite(apps, lambda reason: sentence_of(reason) if isinstance(reason, dict) else None)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tracker", "0016_repair_drifted_schema")]

    operations = [migrations.RunPython(to_codes, to_sentences)]
