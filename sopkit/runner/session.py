"""What a notebook's cells call: the tables of its stage, the cycle as a function, and the hand-over
of its results."""

import inspect
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pandas import DataFrame

from sopkit import lineage, scenarios
from sopkit.collaboration import append_inputs
from sopkit.collaboration.form_rows import form_rows, plan_before_inputs
from sopkit.cycle import computing, replanning, stages, what_if
from sopkit.demand import backtest
from sopkit.io import readers, sql
from sopkit.reporting import notebook_output
from sopkit.reporting.exhibit import Exhibit, display, made
from sopkit.reporting.exhibits import data_review
from sopkit.reporting.notebook_output import show_line
from sopkit.rules.call import call, name_of
from sopkit.runner import (
    artifacts,
    drawing,
    fits,
    parameters,
    planning_inputs,
    progress,
    project,
)
from sopkit.scenarios import Scenario
from sopkit.schema.stages import BASE
from sopkit.schema.tables import TABLES
from sopkit.store import comments, revisions, status
from sopkit.tables import conform

PARAMETERS = ("company", "cycle", "scenario", "workspace", "store")  # of every notebook


class Review:
    """One stage's notebook.

    In a run the tables come from the run's draft and results go to it. In a notebook opened by hand
    the inputs come from the workspace, what earlier stages say is computed in memory, and results
    are checked but not kept: `sopkit run` makes revisions.
    """

    def __init__(
        self,
        stage: str,
        company: str,
        cycle: str,
        scenario: str = BASE,
        workspace: str = "",
        store: str = "",
    ) -> None:
        parameters.refuse_unknown(PARAMETERS)
        self.stage = stages.stage(stage)
        self.company, self.cycle, self.scenario = company, str(cycle), scenario
        self._workspace, self._store = workspace, store
        self._draft, self._drawer = artifacts.folder(), drawing.Drawer()
        self._results = {}
        self._loaded = {}  # tables of the draft

    def header(self) -> None:
        """Show what is planned and where the tables come from; the conclusions follow when it is
        finished."""
        source = (
            "this run's draft"
            if self._draft
            else "the workspace; earlier stages computed in memory, nothing is saved"
        )
        show_line(
            f"{self.company} · cycle {self.cycle} · scenario {self.scenario} · tables from {source}"
        )
        notebook_output.reserve_conclusions()

    def run(self, step: Callable) -> DataFrame | tuple[DataFrame, ...]:
        """Run one of the stage's steps or analyses on the tables that it names.

        Returns
        -------
        the table that it writes; a NamedTuple of tables where it writes several

        Raises
        ------
        ValueError : the step is another stage's, or a step before it was not run; which one is
            named.
        """
        if step in self.stage.analyses:
            result = fits.kept(step, self)
            self._results |= (
                result._asdict() if isinstance(result, tuple) else {step.__name__: result}
            )
            return type(result)(*map(_own, result)) if isinstance(result, tuple) else _own(result)
        if step not in self.stage.steps:
            raise ValueError(f"{name_of(step)} is not a step of {self.stage.name}")
        written = computing.compute(step, self, replan=self._plan_scenarios)
        self._results |= written
        own = {name: _own(table) for name, table in written.items()}
        result = inspect.signature(step).return_annotation
        return result(**own) if len(own) > 1 else next(iter(own.values()))

    def get(self, name: str, default: object = None) -> Any:
        """A table by name, for a step or an exhibit: written here, by an earlier stage, or given;
        else the default.

        Raises
        ------
        ValueError : the table is written by a step of this stage that was not run yet.
        """
        if name in self._results:
            return _own(self._results[name])
        if name in SESSION_TABLES:
            return SESSION_TABLES[name](self)
        for step in (*self.stage.steps, *self.stage.analyses):
            if name in stages.writes(step):
                raise ValueError(f"run {name_of(step)} first: it writes {name}")
        if name not in TABLES:
            return default
        found = self._table(name)
        return default if found is None else _own(found)

    def show(self, exhibit: Callable[..., Exhibit]) -> None:
        """Show an exhibit of the tables that it names: its headline, chart and table.

        Raises
        ------
        ValueError : a table is written by a step of this stage that was not run yet; which one is
            named.
        """
        display(exhibit, self, self._drawer)

    def finish(self, *concluding: Callable[..., Exhibit]) -> None:
        """Show what is assumed, conclude with the headlines of exhibits, and hand the tables over.

        The conclusions stand at the head of the notebook.

        Raises
        ------
        ValueError : a step of the stage was not run.
        """
        self.show(data_review.assumptions)
        shown = [one for each in concluding for one in made(each, self)[:1]]
        notebook_output.show_conclusions([one.headline for one in shown])
        results = {}
        for name in stages.stage_writes(self.stage.name):
            results[name] = conform(name, self.get(name))
        self._results = results
        if self._draft:
            artifacts.save(self._draft / "plan", results)

    def figures(self) -> DataFrame:
        """What the plan comes to, as far as this stage knows it by now; see `scenarios.figures`."""
        if not self._draft and not self._planned:
            return self._supposed[1]
        return self._measured(self._compared)

    def suppose(self, changes: DataFrame) -> tuple[DataFrame, DataFrame]:
        """Plan again in memory under changes, as far as a plan is shown.

        Returns
        -------
        (figures of the plan under the changes, of the base plan); see `scenarios.figures`
        """
        replanned, base = self._supposed
        return self._measured(replanned(changes)), base

    def keep_scenario(self, changes: DataFrame, author: str, reason: str) -> None:
        """Write changes as a scenario into the company's tables; see `append_inputs`."""
        append_inputs.add_scenario(self._location, changes, author, reason)

    def keep_demand_inputs(self, rows: DataFrame, author: str, reason: str) -> None:
        """Write what a function expects into the company's tables; see `append_inputs`."""
        append_inputs.add_demand_inputs(self._location, rows, author, reason)

    def input_lines(self, family: str | None, product: str | None, market: str | None) -> DataFrame:
        """What an input may refer to: see `form_rows.form_rows`, for one series, by period.

        Parameters
        ----------
        family : a family or a group; empty for a product
        market : a market or a group; empty: all
        """
        products = self.inputs["products"].set_index("product")["family"]
        scope = {
            "contributor": "",
            "function": "",
            "family": family or products[product],
            "market": market,
            "answers_by": "product" if product else "group",
        }
        rows = form_rows(DataFrame([scope]), self.cycle, self.inputs, self._before_inputs)
        if product:
            rows = rows[rows["product"] == product]
        return rows.set_index("period")

    def place(self) -> str:
        """Where what is kept is written, in words: the company's tables."""
        if "://" in str(self._location):
            return sql.shown(self._location)
        path = Path(self._location).resolve()
        return str(
            path.relative_to(project.root()) if path.is_relative_to(project.root()) else path
        )

    def replay(self, cycles: int = 12) -> backtest.Replay:
        """Plan past cycles again with only what was known then, for exhibits; see
        `backtest.replay`."""
        replayed = backtest.replay(self.inputs, self.cycle, replanning.replan, cycles)
        self._results |= {
            "forecast_value_added": replayed.value_added,
            "forecast_accuracy": replayed.accuracy,
            "replay_assumptions": replayed.assumptions,
        }
        return replayed

    def explain(
        self, table: str, key: Sequence[str] | Callable[..., Sequence[str]], column: str = ""
    ) -> DataFrame:
        """Say where a number of this stage or of an earlier one comes from; see `lineage.explain`.

        `key` is the number's key, or a function of tables that chooses it.
        """
        key = call(key, self) if callable(key) else key
        located = partial(readers.located, self._location)
        tables = self.inputs | self._plan | self._results
        explanation = lineage.explain(table, key, tables, column, located, self.scenario)
        self._results["explanation"] = explanation
        return explanation

    @property
    def _location(self):
        return project.workspace_location(self.company, self._workspace)

    def _table(self, name):
        kind = "inputs" if TABLES[name].is_input else "plan"
        if self._draft:
            if (kind, name) not in self._loaded:
                self._loaded[kind, name] = artifacts.load(self._draft / kind, name)
            return self._loaded[kind, name]
        return (self.inputs if kind == "inputs" else self._plan).get(name)

    @cached_property
    def _supposed(self):
        """The cycle as a function of changes, as far as a plan is shown; the base plan."""
        steps = stages.leading_to(frozenset(scenarios.SHOWN))
        known = self._plan | self._results if self._planned else {}
        with progress.shown() as tell:
            base = replanning.replan(
                self.inputs,
                self.cycle,
                until=stages.MEASURED_ON,
                known=known,
                only=steps,
                tell=tell,
            )
        replanned = what_if.what_if(self.inputs, self.cycle, base, scenarios.SHOWN)
        return replanned, self._measured(base)

    @property
    def _planned(self):
        """Whether a plan table was read, so that earlier stages are computed."""
        return "_plan" in vars(self)

    @property
    def _compared(self):
        """The tables by which this plan is measured, those that are written yet."""
        found = {name: self._results.get(name) for name in scenarios.SHOWN}
        found |= {name: self._table(name) for name, table in found.items() if table is None}
        return {name: table for name, table in found.items() if table is not None}

    def _measured(self, plan):
        return scenarios.figures({**plan, "products": self._table("products")})

    def _plan_scenarios(self, asked: Sequence[Scenario]) -> DataFrame:
        """Plan scenarios from what this stage knows by now; see `replanning.scenario_engine`."""
        known = {**self._plan, **self._results}
        return what_if.scenario_engine(self.inputs, self.cycle, known, progress.of_cell)(asked)

    def _assumed(self):
        """What this stage assumes for optional tables that are absent: table, statement."""
        return stages.absent_inputs(self.stage.name, self.inputs)

    def _story(self):
        """Approval history; see `status.story`."""
        return status.story(project.store_url(self._store), self.company, self.cycle, self.scenario)

    def _comments(self):
        """The comments that are open in this cycle; see `store.comments`."""
        return self._open_comments

    @cached_property
    def _before_inputs(self):
        """The demand plan without any input."""
        return plan_before_inputs(self.inputs, self.cycle, {**self._plan, **self._results})

    @cached_property
    def _open_comments(self):
        url = project.store_url(self._store)
        return comments.open_comments(url, self.company, self.cycle)

    def _beside(self):
        """This plan beside the newest revision in the store; see `scenarios.compare`. No rows
        without one."""
        url, figures = project.store_url(self._store), self._measured(self._compared)
        known = revisions.latest_revision(url, self.company, self.cycle, self.scenario)
        if known is None:
            return scenarios.compare(figures, figures).head(0).assign(revision=0)
        before = revisions.read_revision(url, *known[:3], known.number, list(scenarios.SHOWN))
        rows = scenarios.compare(figures, scenarios.figures(before))
        return rows.assign(revision=known.number)

    @cached_property
    def inputs(self) -> dict[str, DataFrame]:
        """The company's tables, under the scenario."""
        if self._draft:
            return artifacts.load_all(self._draft / "inputs")
        url = project.store_url(self._store)
        plan = status.plan_of(self.company, self.cycle, self.scenario)
        return planning_inputs.for_plan(self._location, url, *plan)

    @cached_property
    def _plan(self):
        if self._draft:
            return artifacts.load_all(self._draft / "plan")
        with progress.shown() as tell:
            return replanning.replan_before(self.stage.name, self.inputs, self.cycle, tell)


def _own(table: Any) -> Any:
    """A table for the analyst to change: the stage's own stays as it was."""
    return table.copy(deep=False) if isinstance(table, DataFrame) else table


SESSION_TABLES = {  # what an exhibit may name beside the cycle's tables
    "assumed": Review._assumed,
    "audit_trail": Review._story,
    "comments": Review._comments,
    "revision_comparison": Review._beside,
}
OFFERED = (*SESSION_TABLES, "explanation", "replay_assumptions")
