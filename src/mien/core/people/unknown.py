"""Names that say that nobody knows who is shown: words, empty cells, and codes such as 999 or -9."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mien.core.names import visible

# How programs write "no value".
_NO_VALUE = {
    "", "nan", "None", "NaN", "NAN", "-nan", "null", "NULL", "NaT", "<NA>", "n/a", "N/A", "#N/A", "#NA", "#NV",
    "nan(ind)", "-nan(ind)", "-1.#IND", "1.#QNAN",
}  # fmt: skip
_NOT_KNOWN = (
    "unknown|unkown|unknwon|unidentified|unnamed|anonymous|anonym|anonyme|anonymer|anonymus|anonymised|anonymized|"
    "anonimo|anonima|anónimo|missing|unbekannt|unbekannte|unbekannter|inconnu|inconnue|desconocido|desconocida|"
    "desconhecido|desconhecida|sconosciuto|sconosciuta|onbekend|onbekende|okänd|ukjent|ukendt|nieznany|nieznana|"
    "neznámý|neznámá|neznámy|neznan|nepoznat|ismeretlen|necunoscut|tuntematon|bilinmiyor|bilinmeyen|"
    "неизвестно|неизвестный|неизвестная|неизвестен|невідомо|невідомий|άγνωστοσ|άγνωστη|άγνωστο|"
    "不明|未知|不详|不詳|匿名|불명|미상|알수없음|غيرمعروف|غيرمعروفة|مجهول|مجهولة|לאידוע"
)
_SEX = "female|male|man|woman|boy|girl|child|adult|frau|mann|junge|mädchen|kind|homme|femme|hombre|mujer|uomo|donna"
# What spreadsheets write where a formula fails.
_FORMULA = "ref|bezug|wert|value|valeur|valor|name|nom|div/0|zahl|num|nombre|null|nul|nv|n/v|calc|spill|überlauf"
_WHO = (
    "person|people|subject|subj|participant|identity|identities|id|face|actor|name|speaker|patient|individual|model|"
    "proband|probandin|vp|teilnehmer|teilnehmerin|personne|persona|persoon"
)
_SAID = "angabe|angaben|answer|data|info|information|value|entry|eintrag|namen|match|response"
# Of a name without case, spaces, dashes and brackets.
_WORDS = re.compile(
    rf"(?:{_NOT_KNOWN})(?:{_WHO})?\(?(?:{_SEX})?\)?|(?:{_SEX})\(?(?:{_NOT_KNOWN})\)?|#¡?(?:{_FORMULA})|"
    rf"(?:{_WHO})(?:{_NOT_KNOWN}|unclear|unklar|tbd)|"
    rf"(?:no|not|kein|keine|ohne|without|sans|sin)(?:{_WHO}|{_SAID}|one)|"
    r"not(?:known|available|applicable|specified|recorded|given|stated|provided|reported|identified|assigned)|"
    r"n\.?n\.|n\.?b\.|k\.?a\.|o\.?a\.|n\.?a\.|n\.?v\.|k/a|unk|unkn|ukn|tbd|tba|tbc|tobe(?:determined|defined|announced)|"
    r"none|null|undefined|undef|unspecified|unassigned|noid|nobody|niemand|keiner|keine|wei(?:ß|ss)nicht|"
    r"don['’]?tknow|idk|unclear|unklar|unsure|anon|redacted|withheld|empty|blank|leer|\?+|-+|–+|—+|\.+|/+"
)
# Whoever is so called may be a person, too: initials, letters, somebody's word.
_INITIALS, _LETTERS = {"na", "nn", "ka", "oa"}, re.compile("x+")
_ROMAN = re.compile(r"(?=.)x{0,3}(?:ix|iv|v?i{0,3})")
_DOUBTFUL = {
    "other", "others", "andere", "anderer", "sonstige", "various", "several", "diverse", "someone", "jemand", "guest",
    "mixed", "multiple", "many", "all", "both", "group", "misc", "miscellaneous", "somebody", "anyone", "anybody",
    "mehrere", "viele", "alle", "beide", "gruppe", "gemischt", "verschiedene", "plusieurs", "tous", "divers", "varios",
    "todos", "vari", "people", "persons", "subjects", "participants", "patients", "probanden", "teilnehmende",
    "individual", "human", "user", "users", "volunteer", "model", "actor", "speaker", "versuchsperson", "vp", "nb",
    "gast", "stranger", "dummy", "default", "nameless", "nil", "john doe", "jane doe",
    "subject", "participant", "person", "patient", "proband", "teilnehmer",
    "crowd", "extra", "extras", "audience", "background", "bystander", "passerby", "passer-by", "statist", "komparse",
    "publikum", "passant", "figurant",
}  # fmt: skip
# 'unknown 1' may be one stranger, met again; 'P?' and 'Anna?' are somebody's guess.
_GUESS = re.compile(rf"(?:{_NOT_KNOWN})(?:{_WHO})?\d+|[^\W_].*\?+")
# As the row above has it, which only people can see.
_DITTO = {'"', "''", "〃", "“", "”", "″", ",,", "ditto", "dito", "dto", "dto.", "idem", "s.o.", "s. o.", "wie oben",
          "same as above", "ibid", "ibid.", "same", "same person", "see above", "siehe oben", "gleich",
          "gleiche person", "dieselbe", "derselbe", "idem."}  # fmt: skip
# A prefix and a code of nines, as in 'P99'.
_PREFIXED = re.compile(r"([^\W\d_]+)[\s_-]*(\d+)")
_WHOLE = re.compile(r"([+\-\u2212\u2010-\u2015]?)(\d+)(?:[.,]0*)?")
# 99, 999, 88, 777 ..., as questionnaires code "no answer".
_CODE = re.compile(r"([6-9])\1+")
# A number is out of line if it stands in more than this many times the rows of any other person.
_OFTEN = 3
# A name in so many rows, and in at least this share of all, may be what was written for everybody.
_MANY, _NEARLY_ALL = 10, 0.8
# A word stands out among so many names with numbers, all written in few ways.
_NUMBERED, _WAYS = 5, 3
# Letters and initials are codes of people where so many others are written alike.
_ALIKE = 2
# Questionnaires have few negative codes; numbers behind a dash are many.
_CODES = 3
OWN = "unknown person in "


@dataclass(frozen=True)
class Unknown:
    """Names that say that nobody knows, and those that may say so; each with the number of its rows."""

    sure: dict[str, int]
    doubtful: dict[str, int]


def says_nothing(value: Any) -> bool:
    """Whether a name is no name at all: empty, ``None``, or a number that is none."""
    return value is None or value != value or _plain(str(value)) == "" or str(value).strip() in _NO_VALUE


def says_unknown(value: Any) -> bool:
    """Whether a name by itself says that the person is not known, in words or by saying nothing."""
    return says_nothing(value) or bool(_WORDS.fullmatch(_word(str(value))))


def own_person(row: Any) -> str:
    """What somebody unknown is called in a row; ``row`` is what the row is called."""
    return f"{OWN}{row}"


def is_own(name: Any) -> bool:
    """Whether a name was given to somebody unknown by ``own_person``."""
    return str(name).startswith(OWN)


def unknown_among(names: Iterable[str]) -> Unknown:
    """Which of some names say that nobody knows who is shown.

    Parameters
    ----------
    names : iterable of str, shape (rows,)

    Notes
    -----
    Words such as 'unknown' say so by themselves. Codes are judged by the other names: -9 is one where others are not
    negative, 999 where the other numbers end far below it or there are none; 'x' and 'NN' where no other names are
    letters of that length. What remains open (999 where numbers come near it, a number in many more rows than any
    person, one name in nearly all rows, a word among numbered people) is doubtful.
    """
    rows = Counter(name for name in names if not is_own(name))
    sure = {name: count for name, count in rows.items() if says_unknown(name)}
    others = {name: count for name, count in rows.items() if name not in sure}
    verdicts = {**_of_everybody(others), **_of_letters(others), **_of_numbers(others), **_of_prefixed(others)}
    sure.update({name: others[name] for name, certain in verdicts.items() if certain})
    return Unknown(sure, {name: others[name] for name, certain in verdicts.items() if not certain})


def unknown_notes(unknown: Unknown, rows: int, first: str) -> tuple[str, ...]:
    """What has to be said of them; ``first`` is the first row of somebody unknown, of ``rows`` in all."""
    notes = []
    many = sum(unknown.sure.values())
    if many:
        numbers = [name for name in unknown.sure if any(c.isdigit() for c in name)]
        how = f" (written {listed_names(unknown.sure)})" if any(name.strip() for name in unknown.sure) else ""
        rename = (
            f" If '{numbers[0]}' is a person, name that person otherwise, such as 'P{numbers[0]}'." if numbers else ""
        )
        if many == rows:
            sentence = (
                f"Nothing says who is shown{how}: each of the {rows} rows counts as a person of its own. Should "
                "several show one person, that person can be in training and test, and scores are too good: name "
                "the people if that is possible."
            )
        else:
            sentence = (
                f"Who is shown is unknown in {many} row{'' if many == 1 else 's'}, such as '{visible(first)}'{how}; "
                "each counts as a person of its own. Should one show somebody who is in another row, that person can "
                "be in training and test, and scores are too good: leave such rows out if that is possible."
            )
        notes.append(sentence + rename)
    ditto = [name for name in unknown.doubtful if _plain(name) in _DITTO]
    if ditto:
        notes.append(
            f"The subject {listed_names(ditto)} counts as one person's name, whatever stands in the row above: if it "
            "means the person above, write the name out."
        )
    doubtful = {name: count for name, count in unknown.doubtful.items() if name not in ditto}
    if doubtful:
        named = _listed([f"'{visible(n)}' ({c} row{'' if c == 1 else 's'})" for n, c in doubtful.items()])
        one = len(doubtful) == 1
        notes.append(
            f"The subject{'' if one else 's'} {named} may mean that nobody knows who is shown, but "
            f"{'counts as one person' if one else 'count as one person each'}. If nobody knows, or several people are "
            "meant, leave these cells empty: then each row is a person of its own."
        )
    return tuple(notes)


def listed_names(names: Iterable[str]) -> str:
    """Names in quotation marks, the first of many."""
    return _listed([f"'{visible(name)}'" if name.strip() else "an empty cell" for name in names])


def _listed(words: list[str], most: int = 6) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc")).strip()


def _word(name: str) -> str:
    text = re.sub(r"[\s_]+|(?<=\w)-+(?=\w)", "", _plain(name))
    # In brackets or with a mark behind it, as '<unknown>' and 'unknown?'; a name of nothing else stays.
    return text.strip("()[]<>{}*'\"„“”").rstrip("?!") or text


def _of_letters(others: dict[str, int]) -> dict[str, bool]:
    """Letters, initials and words that may mean nobody, and whether they surely do."""
    result: dict[str, bool] = {}
    # Among people who are counted in Roman numerals X is the tenth.
    roman = sum(bool(_ROMAN.fullmatch(_plain(n))) and not _LETTERS.fullmatch(_plain(n)) for n in others) > _ALIKE
    for name, count in others.items():
        word = _plain(name)
        if roman and _LETTERS.fullmatch(word):
            continue
        if _may_be_nobody(word):
            alike = sum(len(n) == len(name) and n.isalpha() and not _may_be_nobody(_plain(n)) for n in others)
            rest = [c for n, c in others.items() if n != name]
            if alike < _ALIKE:
                result[name] = word != "na" and bool(rest)
            elif word not in _INITIALS or _out_of_line(count, rest):
                result[name] = False
        elif count > 1 and (word in _DOUBTFUL or word in _DITTO or _GUESS.fullmatch(_word_of_guess(name))):
            result[name] = False
    return result


def _word_of_guess(name: str) -> str:
    return re.sub(r"[\s_-]+", "", _plain(name))


def _of_prefixed(others: dict[str, int]) -> dict[str, bool]:
    """Numbers such as 99 behind the prefix of the others, far above them."""
    numbers: dict[str, dict[str, int]] = {}
    for name in others:
        if match := _PREFIXED.fullmatch(_plain(name)):
            numbers.setdefault(match[1], {})[name] = int(match[2])
    found = {}
    for of_name in numbers.values():
        for name, number in of_name.items():
            if number == 0 and _out_of_line(others[name], [rows for other, rows in others.items() if other != name]):
                found[name] = False
            # Among thousands of people few numbers are codes: only these are compared with all others.
            if _CODE.fullmatch(str(number)) and others[name] > 1:
                below = [other for other in of_name.values() if other < number]
                if len(below) >= _CODES and number > 3 * max(below):
                    found[name] = False
    return found


def _of_everybody(others: dict[str, int]) -> dict[str, bool]:
    """A name in nearly all rows, and a word where all others are numbered alike: neither is surely one person."""
    result, rows = {}, sum(others.values())
    numbered = [name for name in others if any(c.isdigit() for c in name)]
    ways = {re.sub(r"\d+", "0", _plain(name)) for name in numbered}
    for name, count in others.items():
        most = count >= max(_MANY, _NEARLY_ALL * rows)
        alone = count > 1 and name not in numbered and len(numbered) == len(others) - 1
        if most or (alone and len(numbered) >= _NUMBERED and len(ways) <= _WAYS):
            result[name] = False
    return result


def _may_be_nobody(word: str) -> bool:
    return word in _INITIALS or bool(_LETTERS.fullmatch(word))


def _of_numbers(others: dict[str, int]) -> dict[str, bool]:
    """Numbers that may be codes, and whether they surely are."""
    signed = {name: match for name in others if (match := _WHOLE.fullmatch(_plain(name)))}
    negative = [name for name, match in signed.items() if match[1] not in ("", "+")]
    value = {name: int(match[2]) for name, match in signed.items() if name not in negative}
    code = {name for name, number in value.items() if _CODE.fullmatch(str(number))}
    known = sorted({number for name, number in value.items() if name not in code})
    words = len(others) > len(signed)
    result = {}
    alone = len(others) == 1
    if len(negative) <= max(_CODES, len(value)) and (value or words or alone):
        result = dict.fromkeys(negative, True)
    for name, number in value.items():
        if name not in code and number != 0:
            continue
        often = _out_of_line(others[name], [c for n, c in others.items() if n != name and n not in code])
        if name in code and not known:
            result[name] = words or alone
        elif name in code and number > known[-1]:
            reach, steps = number - known[-1], [b - a for a, b in pairwise(known)]
            if reach > max(known[-1] - known[0], 10) or often:
                result[name] = True
            elif reach > 2 * max(steps, default=1):
                result[name] = False
        elif often and (name in code or number == 0):
            result[name] = False
    return result


def _out_of_line(count: int, others: list[int]) -> bool:
    return bool(others) and count > max(_OFTEN * max(others), _OFTEN)
