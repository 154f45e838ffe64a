"""Home addresses down to the house: a road, village or estate, and the number of a house, building, unit or room."""

import re
from collections.abc import Iterator

from audit.model.span import CharSpan
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_NUMBER = r"[0-9零一二三四五六七八九十百幺两]{1,6}[a-d甲乙丙丁]?"
# 号 alone is also a date or a telephone number, 楼 and 层 a floor: they count after a named place, not by themselves.
_HOUSE = rf"(?:[第附]?{_NUMBER}(?:号楼|号院|号门|号|排|栋|幢|座|单元|室|楼|层|组|弄|户|队|房|门牌|期)|[a-d]座)"
_PLACE = r"[\u4e00-\u9fff]{1,8}?(?:大道|大街|街道|胡同|小区|花园|新村|家园|公寓|社区|新城|名苑|华庭|佳苑|雅苑|山庄|庄园|路|街|巷|弄|苑|村|镇|乡|府|庭|湾|城|里|坊|屯|寨|庄|园|宿舍|大院|家属院|家属楼|家属区|厂区|农场|林场|公房|工房|筒子楼|平房)"
_ADDRESS = re.compile(
    rf"(?:{_PLACE}[,，]?(?:[\u4e00-\u9fff]{{0,4}}?){_HOUSE}(?:[,，的]?(?:{_PLACE})?[,，]?(?:{_HOUSE}|{_NUMBER}(?![0-9月天年点个块万千元期])))+)"
    rf"|(?:{_PLACE}{{1,3}}{_NUMBER}(?:组|队|社){_NUMBER}号?)"
    rf"|(?:(?:{_PLACE}){{1,3}}[\u4e00-\u9fff]{{0,3}}{_NUMBER}号(?!码|线|楼上|之前|以前|前|还|到|那天|左右|发|下午|上午))"
)


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Addresses with a house number. A road or an estate by itself is none."""
    for match in _ADDRESS.finditer(normalised.text):
        span = CharSpan(match.start(), match.end())
        units = len(re.findall(_HOUSE, match.group()))
        yield Identifier("address", span, 0.9 if units > 1 else 0.75, spoken=False, hidden=(span,))
