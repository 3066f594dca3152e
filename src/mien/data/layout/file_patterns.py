"""How well-known sets of faces write the person, and what else, into a file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LUNDQVIST = "AF|AN|DI|HA|NE|SA|SU"
_YIN = "Angry|Disgust|Fear|Happy|Neutral|Sad|Surprise"
_FEGA = "Allegria|Arrabbiato|Disgusto|Neutra|Paura|Sorpresa|Tristezza"


@dataclass(frozen=True)
class FilePattern:
    """Names of one set's files.

    Attributes
    ----------
    name : str
        Of the set.
    example : str
        A file's name without its ending.
    expression : str
        Regular expression for the whole of it, in any case; its group ``subject`` is the person, ``code`` the
        expression, and others are what they are called. A ``/`` in it parts folders.
    source : str
        Where the set and its names are described.
    sure : bool
        Whether nothing but this set is likely to have such names.
    """

    name: str
    example: str
    expression: str
    source: str
    sure: bool = True


PATTERNS = (
    FilePattern("KDEF", "AF01ANS",
                rf"A?(?P<session>[AB])(?P<subject>[FM]\d\d)(?P<code>{_LUNDQVIST})(?P<angle>S|FL|FR|HL|HR)",
                "Lundqvist, Flykt & Öhman 1998: session (A, B), sex, person, expression, angle"),
    FilePattern("RaFD", "Rafd090_01_Caucasian_female_happy_frontal",
                r"Rafd\d{3}_(?P<subject>\d+)_[a-z]+_(?:fe)?male_[a-z]+_(?:frontal|left|right)",
                "Langner et al. 2010, Cogn. Emot. 24(8): camera, person, group, sex, expression, gaze"),
    FilePattern("CK+", "S005_001_00000011", r"(?P<subject>S\d{3})_(?P<sequence>\d{3})_(?P<frame>\d{8})",
                "Lucey et al. 2010, CVPR workshops: person, sequence, frame"),
    FilePattern("JAFFE", "KA.AN1.39",
                r"(?P<subject>[A-Z]{2})[.\-_](?P<code>AN|DI|FE|HA|NE|SA|SU)(?P<repetition>\d)[.\-_](?P<number>\d+)",
                "Lyons, Akamatsu, Kamachi & Gyoba 1998, FG: person, expression and number, number of the picture"),
    FilePattern("RAVDESS", "02-01-06-01-02-01-12",
                r"(?P<modality>0[1-3])-(?P<channel>0[12])-(?P<code>0[1-8])-(?P<intensity>0[12])-(?P<statement>0[12])-"
                r"(?P<repetition>0[12])-(?P<subject>[0-2]\d)",
                "Livingstone & Russo 2018, PLoS ONE 13(5): modality, channel, emotion, intensity, statement, "
                "repetition, actor"),
    FilePattern("CREMA-D", "1001_DFA_ANG_XX",
                r"(?P<subject>1\d{3})_(?P<sentence>[A-Z]{3})_(?P<code>ANG|DIS|FEA|HAP|NEU|SAD)_(?P<intensity>LO|MD|HI|XX?)",
                "Cao et al. 2014, IEEE Trans. Affect. Comput. 5(4): actor, sentence, emotion, intensity"),
    FilePattern("BU-4DFE", "F001/Angry/020", rf"(?P<subject>[FM]\d{{3}})[/_](?P<code>{_YIN})[/_](?P<frame>\d{{3,4}})",
                "Yin, Chen, Sun, Worm & Reale 2008, FG: person, expression, frame, as folders or in one name"),
    FilePattern("FEGA", "0_F_22_ann_Allegria_1",
                rf"(?P<series>\d+)_(?P<subject>[FM]_\d+_[^_/]+)_(?P<code>{_FEGA})_(?P<frame>\d+)",
                "github.com/Xavi3398/fer_benchmark, notebook 1: number, person (sex, age, name), expression, picture"),
    FilePattern("WSEFEP", "AD_7885", r"(?P<subject>[A-Z]{2}\d?)_(?P<number>\d{4})",
                "Olszanowski et al. 2015, Front. Psychol. 5:1516: person, picture", sure=False),
    FilePattern("ADFES", "F01-Anger-Face Forward", r"(?P<subject>[FM]\d\d)-[A-Za-z]+-.+",
                "van der Schalk, Hawk, Fischer & Doosje 2011, Emotion 11(4): person, emotion, direction"),
    FilePattern("NimStim", "01F_AN_C", r"(?P<subject>\d\d[FM])_(?:AN|CA|DI|FE|HA|NE|SA|SP)_[OCX]",
                "Tottenham et al. 2009, Psychiatry Res. 168(3): person, expression, mouth open or closed"),
    FilePattern("FACES", "004_o_m_a_a", r"(?P<subject>\d{3})_[ymo]_[fm]_[adfhns]_[ab]",
                "Ebner, Riediger & Lindenberger 2010, Behav. Res. Methods 42: person, age group, sex, expression, set"),
    FilePattern("CFD", "CFD-WM-033-025-HC", r"CFD-(?P<subject>[A-Z]{2}-\d{3})-\d{3}-(?:N|A|F|HO|HC)",
                "Ma, Correll & Wittenbrink 2015, Behav. Res. Methods 47: group and sex, person, picture, expression"),
    FilePattern("SAVEE", "DC_a01", r"(?P<subject>DC|JE|JK|KL)_?(?:sa|su|[adfhn])\d\d",
                "Haq & Jackson 2010, in Machine Audition: speaker, emotion and sentence"),
    FilePattern("Yale faces", "subject01.happy",
                r"(?P<subject>subject\d\d)[._](?:centerlight|glasses|happy|leftlight|noglasses|normal|rightlight|sad|"
                r"sleepy|surprised|wink)",
                "Belhumeur, Hespanha & Kriegman 1997, IEEE Trans. Pattern Anal. 19(7): person, condition"),
)  # fmt: skip
# What copies of files and pictures out of films are called by programs that mirror, copy, cut or extract them.
_WORDS = (
    r"(?:copy|kopie|aligned|cropped|crop|face|flipped|flip|mirrored|mirror|resized|thumb|still|"
    r"mp4|avi|mov|mkv|webm|mpe?g|wmv|flv)"
)
_FRAME = r"(?:[ _\-.]*(?:frame|frm|fr|f|img|image|pic|bild|shot|still|sec|second|ms|t)s?[ _\-.]*|[ _\-.]+)\d+(?:m?s)?"
_COPY = rf"(?:[ _\-.]*(?:{_WORDS}|\(\d+\))|{_FRAME})*"
_BEFORE = rf"(?:(?:{_WORDS}|frame|frm|img|image)[ _\-.]*\d*[ _\-.]+)*"


def known_pattern(stems: Sequence[str]) -> FilePattern | None:
    """The pattern that every name follows, or None.

    Parameters
    ----------
    stems : sequence of str
        Names of files without their endings.
    """
    sure = (row for row in PATTERNS if row.sure)
    return next((row for row in sure if stems and all(person_in(row, stem) for stem in stems)), None)


def pattern_of(name: str) -> FilePattern:
    """The pattern of the set of that name."""
    return next(row for row in PATTERNS if row.name == name)


def person_in(pattern: FilePattern, stem: str) -> str:
    """The person in a file's name; ``''`` where it does not follow the pattern."""
    return parts_in(pattern, stem).get("subject", "")


def parts_in(pattern: FilePattern, stem: str) -> dict[str, str]:
    """What a file's name says, by the names of the pattern's groups; empty where it does not follow the pattern."""
    match = re.fullmatch(_BEFORE + pattern.expression + _COPY, stem, re.IGNORECASE)
    return match.groupdict() if match else {}
