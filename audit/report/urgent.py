"""Talk of suicide: what obliges a person to act at once, whatever else a call holds (RULES.md section 3.13)."""

from audit.i18n import tr

SELF_HARM = "signal.self_harm"


def urgent_steps() -> tuple[str, ...]:
    """What to do, in order."""
    return (
        tr(
            "立即通知值班主管和合规负责人，由专人尽快与对方联系；不必等待复核。",
            "Alert the supervisor and the compliance officer at once; a person contacts the other side now. Do not wait for a review.",
        ),
        tr(
            "立即停止对此人的一切催收和自动外呼。",
            "Stop all collection from this person now, automatic calls included.",
        ),
        tr(
            "有现实危险时拨打 110 或 120；可告知对方心理援助热线 12356。",
            "In immediate danger call the police (110) or an ambulance (120); offer the helpline 12356.",
        ),
        tr(
            "听录音核实，记录处理经过，保存录音。",
            "Listen to the recording, write down what was done, and keep the recording.",
        ),
    )
