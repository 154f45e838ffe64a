"""What the words around a match do to it: negation, report, question, apology, lawful condition.

Each predicate is a small named function. It gets the utterance and where the words of a match start and end (normalised
text), and answers with the cue that it rests on, or None. Rules name the predicates that lift their finding. A new one is a
function in the file of its kind and one line here.
"""

from collections.abc import Callable, Sequence

from audit.text.context.dealings import (
    is_about_real_papers,
    is_borrowing_discouraged,
    is_cautioned,
    is_credit_asked,
    is_no_claim,
    is_no_promise,
    is_official_payment,
    is_past_the_opening,
    is_secret_kept,
    is_told_of_pretenders,
    is_truly_liable,
)
from audit.text.context.law import is_fraud_warning, is_lawful, is_scam_warning, is_under_a_judgment
from audit.text.context.negation import is_declined, is_disclaimed, is_negated
from audit.text.context.report import is_abuse_reported, is_apologised, is_asked, is_quoted, is_rule_read_aloud
from audit.text.context.stance import is_caring, is_courteous, is_disowned, is_helpful, is_service, is_service_in_clause
from audit.text.context.subject import is_a_name, is_about_a_thing, is_about_oneself, is_owned
from audit.text.context.utterance import Utterance

__all__ = ["PREDICATES", "Predicate", "Utterance"]

Predicate = Callable[[Utterance, Sequence[int], Sequence[int]], str | None]

PREDICATES: dict[str, Predicate] = {
    "negated": is_negated,
    "quoted": is_quoted,
    "asked": is_asked,
    "apologised": is_apologised,
    "rule_read_aloud": is_rule_read_aloud,
    "lawful": is_lawful,
    "about_oneself": is_about_oneself,
    "disclaimed": is_disclaimed,
    "declined": is_declined,
    "abuse_reported": is_abuse_reported,
    "fraud_warning": is_fraud_warning,
    "a_name": is_a_name,
    "owned": is_owned,
    "about_a_thing": is_about_a_thing,
    "service": is_service,
    "service_in_clause": is_service_in_clause,
    "caring": is_caring,
    "helpful": is_helpful,
    "courteous": is_courteous,
    "disowned": is_disowned,
    "court_condition": is_under_a_judgment,
    "legal_news": is_scam_warning,
    "papers_real": is_about_real_papers,
    "liability_true": is_truly_liable,
    "negated_promise": is_no_promise,
    "borrowing_discouraged": is_borrowing_discouraged,
    "credit_asked": is_credit_asked,
    "official_payment": is_official_payment,
    "secret_kept": is_secret_kept,
    "cautioned": is_cautioned,
    "pretenders": is_told_of_pretenders,
    "no_claim": is_no_claim,
    "past_the_opening": is_past_the_opening,
}
