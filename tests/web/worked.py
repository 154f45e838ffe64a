"""A desk at which people have worked: decisions, a disagreement, an appeal, a sampling plan, tokens of the API."""

from audit.model.review import Opinion, UserRole, Verdict
from audit.model.span import CharSpan
from audit.store.appeals import file_appeal
from audit.store.database import Store
from audit.store.review import add_missed, decide
from audit.store.sampling import Draw, create_plan, give_opinion, next_sample
from audit.store.tables import findings
from audit.store.tokens import make
from audit.store.users import add_user, named
from tests.web.conftest import NAMES

OFFICER, LEAD, ADMIN = (NAMES[role] for role in (UserRole.OFFICER, UserRole.LEAD, UserRole.ADMIN))
SECOND = "officer-2"


def work(url: str) -> None:
    """Do a day's work in the sample store."""
    with Store(url) as store:
        add_user(store, SECOND, UserRole.OFFICER, "test")
        with store.reading() as connection:
            query = findings.select().where(findings.c.label.not_like("signal.%")).order_by(findings.c.id)
            found = connection.execute(query).all()
        for place, finding in enumerate(found[:30]):
            if place % 4 == 3:
                decide(store, finding.id, OFFICER, Verdict.DISMISS, reason="转述或引用他人的话", comment="复述客户原话")
            else:
                decide(store, finding.id, OFFICER, Verdict.CONFIRM)
        decide(store, found[0].id, SECOND, Verdict.DISMISS, reason="识别有误，原话不是这样", comment="听音为“别躲了”")
        decide(store, found[30].id, SECOND, Verdict.UNSURE, comment="声音太小")
        file_appeal(store, found[1].id, SECOND, "我当时在复述客户的话，请复听前后十秒。")
        file_appeal(store, found[4].id, LEAD, "客户先骂人，我没有说这句。")
        add_missed(store, found[0].call, OFFICER, "conduct.pressure", turn=0, span=CharSpan(0, 4), comment="语气施压")
        make(store, named(store, ADMIN).number, "周报脚本")
        make(store, named(store, LEAD).number, "数据仓库", 365)
        plan, _ = create_plan(store, "三月双盲复查", Draw(findings=0.2, calls=0.5), 2, True, LEAD)
        for name, verdicts in ((SECOND, "ccdcuc"), (ADMIN, "ccddcc")):
            for letter in verdicts:
                sample = next_sample(store, plan, name)
                if sample is None:
                    break
                said = {"c": Opinion.CONFIRM, "d": Opinion.DISMISS, "u": Opinion.UNSURE}[letter]
                if sample.finding is None:
                    said = Opinion.MISSED if letter == "d" else Opinion.CLEAN
                give_opinion(
                    store, sample.id, name, said, reason="识别有误，原话不是这样" if said is Opinion.DISMISS else ""
                )
