"""``srbench challenge predict``: where figures would stand among a year's published ones."""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from srbench.cli.options import json_option, plugin_option

if TYPE_CHECKING:
    from srbench.rules import Rules
    from srbench.rules.ranking import Reason


def _values(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for text in value:
        name, _, written = text.partition("=")
        key = name.strip()
        if key in found:
            raise click.BadParameter(f"{key} is given twice; give it once.")
        try:
            number = Decimal(written.strip())
        except InvalidOperation:
            raise click.BadParameter(f"'{text}' is not COLUMN=NUMBER, for example runtime=30.5.") from None
        if not math.isfinite(number):
            raise click.BadParameter(f"'{text}' is not finite.")
        if number <= 0:
            raise click.BadParameter(f"'{text}' is not above 0.")
        found[key] = number
    return found


@click.command("predict")
@click.argument("values", nargs=-1, required=True, callback=_values, metavar="COLUMN=VALUE...")
@click.option("--rules", "rules_id", required=True, help="Challenge (srbench challenge list), or a rules.toml.")
@plugin_option
@json_option
def command(values: dict[str, Decimal], rules_id: str, as_json: bool) -> None:
    """Rank figures among those that a challenge published, in the units of its table: ms, millions, 10^9 MACs, dB, MiB.

    Entries are published here for ntire2022-esr; of other years the baseline alone, which gives scores and no ranks.

    \b
    Examples:
      srbench challenge predict --rules ntire2022-esr runtime=30 params=0.28 flops=17 psnr-valid=29.01
      srbench challenge predict --rules ntire2022-esr runtime=30 --json
    """
    from srbench.challenge.predict import by_column, predict
    from srbench.report.challenge_table import score_text
    from srbench.rules import get_rules

    rules = get_rules(rules_id)
    found = predict(rules, values)
    given = by_column(rules, values)
    rows: list[dict[str, Any]] = [
        {
            "track": stand.track, "title": stand.title, "rank": stand.rank, "among": stand.among,
            "log_score": stand.score.log_score if stand.score else None,
            "score": score_text(stand.score) if stand.score else None, "before": stand.before, "behind": stand.behind,
            "reasons": [_reason(reason, rules, given) for reason in stand.reasons],
        }
        for stand in found.stands
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps({"rules": rules.id, "stands": rows, "notes": list(found.notes)}, indent=1))
        return
    click.echo(f"your figures: {', '.join(_given(given, rules))}")
    for row in rows:
        if row["reasons"]:
            click.echo(f"{row['title']}: not ranked: {'; '.join(row['reasons'])}")
        elif row["rank"] is None:
            click.echo(f"{row['title']}: score {row['score']}")
        else:
            around = [
                f"behind {row['before']}" if row["before"] else "",
                f"before {row['behind']}" if row["behind"] else "",
            ]
            where = ", ".join(part for part in around if part)
            click.echo(f"{row['title']}: rank {row['rank']} of {row['among']} (score {row['score']}); {where}")
    for note in found.notes:
        click.echo(f"note: {note}", err=True)


def _reason(reason: Reason, rules: Rules, given: dict[str, Decimal]) -> str:
    """Why figures are not ranked; nothing is measured here, so what lacks was not given."""
    from srbench.challenge.standing import reason_text

    if reason.kind == "not measured":
        title = rules.column(reason.column).title
        return f"the baseline has no {title}" if reason.column in given else f"{title} was not given"
    return reason_text(reason, rules)


def _given(values: dict[str, Decimal], rules: Rules) -> list[str]:
    """``runtime 30 ms`` each."""
    return [f"{key} {value} {rules.column(key).unit}".strip() for key, value in values.items()]
