"""The measures of a team, each by its one definition, over a period of London days [first, last]. Pure.

Denominators are explicit; unknown counts as not achieved, and is told beside. Nothing here says that the team did
anyone good: `impact.effect` is for that.
"""
