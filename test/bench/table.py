"""The results: medians over rounds, ratios against brambled, and both as Markdown."""
# SPDX-License-Identifier: Apache-2.0
import json
import pathlib
import statistics

import rig

OURS = "brambled"
NUMBERS = ("value", "p50_ms", "p99_ms", "cpu_s", "rss_mib", "anon_mib")
QUIET = 0.05  # of the processors may go to others before a measurement is made again
PATIENCE_S = 15
HEAD = ("row", "server", "result", "brambled is", "p50 ms", "p99 ms", "CPU s", "RSS MiB", "anon MiB", "others", "notes")


def _short(number):
    """Three digits that say something."""
    if number is None:
        return ""
    if number >= 100 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


class Table:
    """Rows in the order in which they were first measured, grouped by part."""

    def __init__(self, rounds=1, attempts=1, only_servers=None):
        self.rounds, self.attempts, self.only_servers = rounds, attempts, only_servers
        self.part = ""
        self.cells = {}  # (part, row, unit) -> server -> list of facts

    def wants(self, server):
        return not self.only_servers or server in self.only_servers

    def add(self, row, unit, server, facts):
        """Takes one run; also says it at once, since a whole run is long."""
        self.cells.setdefault((self.part, row, unit), {}).setdefault(server, []).append(facts)
        numbers = ", ".join(f"{key} {_short(facts[key])}" for key in NUMBERS if facts.get(key) is not None)
        numbers += f", others {facts['others']:.0%}" if "others" in facts else ""
        print(f"{self.part}: {row}: {server}: {numbers} {unit} {facts.get('note', '')}".rstrip(), flush=True)
        return facts

    def measure(self, row, unit, server, run):
        """Takes what run() gives; where others worked beside it, it is run again, and the least disturbed one counts."""
        best = None
        for _ in range(self.attempts):
            if self.attempts > 1:
                rig.wait_for_quiet(PATIENCE_S, QUIET)
            facts = run()
            if best is None or facts.get("others", 1) < best.get("others", 1):
                best = facts
            if best.get("others", 0) < QUIET:
                break
        return self.add(row, unit, server, best)

    def save(self, path):
        """Every run's numbers, for load() or for another program."""
        rows = [{"part": part, "row": row, "unit": unit, "servers": servers} for (part, row, unit), servers in self.cells.items()]
        pathlib.Path(path).write_text(json.dumps(rows, indent=1))

    def load(self, path):
        """Adds what save() wrote."""
        for row in json.loads(pathlib.Path(path).read_text()):
            self.cells.setdefault((row["part"], row["row"], row["unit"]), {}).update(row["servers"])

    @staticmethod
    def _median(runs):
        """Each number's own median; the notes of the run whose value is it."""
        done = [run for run in runs if run.get("value") is not None]
        if not done:
            return runs[-1]
        middle = sorted(done, key=lambda run: run["value"])[(len(done) - 1) // 2]
        found = {key: statistics.median(run[key] for run in done if run.get(key) is not None)
                 for key in NUMBERS if any(run.get(key) is not None for run in done)}
        values = [run["value"] for run in done]
        if len(values) > 1:
            found["spread"] = (min(values), max(values))
        return {**middle, **found}

    def medians(self):
        return {key: {server: self._median(runs) for server, runs in row.items()} for key, row in self.cells.items()}

    @staticmethod
    def _ratio(ours, theirs):
        if not ours or not ours.get("value") or not theirs.get("value"):
            return ""
        times = theirs["value"] / ours["value"] if ours.get("lower_is_better") else ours["value"] / theirs["value"]
        return f"× {times:.2f}" if times < 10 else f"× {times:,.0f}"

    def markdown(self):
        """A table for each part; in a row brambled stands first, the others after it."""
        lines, part_before = [], None
        for (part, row, unit), servers in self.medians().items():
            if part != part_before:
                lines += ["", f"### {part}", "", "| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
                part_before = part
            for server, facts in sorted(servers.items(), key=lambda item: item[0] != OURS):
                result = f"{_short(facts['value'])} {unit}" if facts.get("value") is not None else "-"
                if "spread" in facts:
                    result += f" ({_short(facts['spread'][0])}-{_short(facts['spread'][1])})"
                ratio = "" if server == OURS else self._ratio(servers.get(OURS), facts)
                cells = [row, server, result, ratio, *(_short(facts.get(key)) for key in NUMBERS[1:]),
                         f"{facts['others']:.0%}" if "others" in facts else "", facts.get("note", "")]
                lines.append("| " + " | ".join(cells) + " |")
                row = ""
        return "\n".join(lines) + "\n"
