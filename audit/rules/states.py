"""Who hears the agent, as a report shows it."""

from audit.model.call import Role
from audit.model.report import DialogueState
from audit.rules.dialogue import Dialogue


def dialogue_states(dialogue: Dialogue) -> tuple[DialogueState, ...]:
    """Who hears the agent, wherever that changes."""
    states: list[DialogueState] = []
    for turn in dialogue.turns_of({Role.AGENT}):
        state = DialogueState(turn, dialogue.listener(turn).value, dialogue.identified(turn))
        if not states or (state.listener, state.identified) != (states[-1].listener, states[-1].identified):
            states.append(state)
    return tuple(states)
