"""A task's conversation in the forms that providers send."""

from __future__ import annotations

from fiverounds.providers.base import Message


def with_system(messages: tuple[Message, ...], system: str | None) -> tuple[Message, ...]:
    """The provider's system prompt first, unless the conversation already starts with one."""
    if system is None or (messages and messages[0].role == "system"):
        return messages
    return (Message("system", system), *messages)


def as_text(messages: tuple[Message, ...]) -> str:
    """One text for those who take a single prompt: bare if there is one turn, else with roles."""
    system = [message.content for message in messages if message.role == "system"]
    turns = [message for message in messages if message.role != "system"]
    if len(turns) <= 1:
        return "\n\n".join([*system, *(turn.content for turn in turns)])
    told = [f"## {turn.role.capitalize()} said\n\n{turn.content}" for turn in turns]
    return "\n\n".join([*system, *told])
