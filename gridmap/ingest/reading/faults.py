"""What is said when a file or a row of it cannot be read, in Chinese and English."""

from __future__ import annotations

from gridmap.domain.incoming import Sentence
from gridmap.errors import FullDiskError, UserError


class ReadingError(UserError):
    """A file that cannot be read as a whole. sentence: what is wrong and what to do, in both languages."""

    slug = "bad-file"
    title_zh = "文件无法读取"
    title_en = "The file cannot be read"

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence

    @property
    def zh(self) -> str:
        """Return the sentence in Chinese."""
        return self.sentence.zh

    @property
    def en(self) -> str:
        """Return the sentence in English."""
        return self.sentence.en


def refusal(zh: str, en: str) -> ReadingError:
    """Return the error that refuses a file."""
    return ReadingError(Sentence(zh, en))


def no_room(error: OSError) -> ReadingError:
    """Return the error for a temporary folder that takes no more: it is nothing that the file's owner did."""
    why = error.strerror or str(error)
    found = refusal(
        f"临时文件夹写不下（{why}），请联系管理员；文件没有问题",
        f"the temporary folder cannot be written ({why}): make room there; nothing is wrong with the file",
    )
    found.status = FullDiskError.status
    return found


def joined(faults: list[Sentence]) -> Sentence | None:
    """Return the faults of a row as one sentence, at most three of them told; None when there are none."""
    if len(faults) < 2:
        return faults[0] if faults else None
    told = faults[:3]
    more = len(faults) - len(told)
    zh, en = "；".join(f.zh for f in told), "; ".join(f.en for f in told)
    return Sentence(f"{zh}；另有{more}处" if more else zh, f"{en}; and {more} more" if more else en)


def shown(text: str, longest: int = 40) -> str:
    """Return a text that fits into a sentence: one line, cut when it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def text_value(name: str, text: str, longest: int, faults: list[Sentence]) -> str | None:
    """Return a text as it may be kept, adding what was cut from it to the faults."""
    label = shown(name)
    if "\0" in text:
        text = text.replace("\0", "")
        faults.append(
            Sentence(f"{label}含有空字符（NUL），已去掉", f"{label} holds a NUL character, which was left out")
        )
    if len(text) > longest:
        faults.append(
            Sentence(
                f"{label}有{len(text)}字，最多{longest}字，已截断",
                f"{label} has {len(text)} characters; cut at {longest}",
            )
        )
        text = text[:longest]
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.encode("utf-8", "replace").decode()
        faults.append(Sentence(f"{label}含有不完整的字符", f"{label} holds half a character"))
    return text or None
