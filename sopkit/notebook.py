"""What a notebook's cells call: the tables of its stage, the cycle as a function, and the hand-over of its results."""

from functools import cached_property, partial

from sopkit import draft, earlier, explain, project, record, scenarios, stages, standing, store, workspace
from sopkit.demand import replay
from sopkit.report import show_line
from sopkit.tables import conform
from sopkit.vocabulary import TABLES


class Review:
    """One stage's notebook.

    In a run the tables come from the run's draft and results go to it. In a notebook opened by hand the inputs come
    from the workspace, what earlier stages say is computed in memory, and results are checked but not kept:
    `sopkit run` makes revisions.
    """

    def __init__(self, stage, company, cycle, scenario=stages.BASE, workspace="", store=""):
        self.stage = stages.stage(stage)
        self.company, self.cycle, self.scenario = company, str(cycle), scenario
        self._workspace, self._store = workspace, store
        self._draft = draft.folder()
        self._results = {}

    def heading(self):
        """Show what is planned, and where the tables come from."""
        source = (
            "this run's draft"
            if self._draft
            else "the workspace; earlier stages computed in memory, nothing is kept"
        )
        show_line(f"{self.company} · cycle {self.cycle} · scenario {self.scenario} · tables from {source}")

    def read(self, *names):
        """The tables of those names, in order; None for an optional input that is absent."""
        frames = tuple(self._table(name) for name in names)
        return frames[0] if len(names) == 1 else frames

    def replan(self, changes=None, instead=None):
        """Compute the plan again under changes to its inputs, or from other ones; see `stages.what_if`."""
        return self._what_if(changes, instead)

    def replay(self, cycles=12):
        """Plan past cycles again with only what was known then; see `demand.replay.replay`."""
        return replay.replay(self._inputs, self.cycle, stages.replan, cycles)

    def assumed(self):
        """What this stage assumes for optional tables that are absent.

        Returns
        -------
        table, statement
        """
        return stages.absent_inputs(self.stage.name, self._inputs)

    def explain(self, table, key, column=""):
        """Say where a number of this stage, once written, or of an earlier one comes from; see `explain.explain`."""
        located = partial(workspace.located, project.workspace_location(self.company, self._workspace))
        tables = self._inputs | self._plan | self._results
        return explain.explain(table, key, tables, column, located, self.scenario)

    def story(self):
        """What was done to this plan until now; see `standing.story`."""
        return standing.story(project.store_url(self._store), self.company, self.cycle, self.scenario)

    def beside(self):
        """This plan beside the newest revision in the store; see `scenarios.compare`. No rows where there is none."""
        url = project.store_url(self._store)
        known = store.latest_revision(url, self.company, self.cycle, self.scenario)
        if known is None:
            return scenarios.compare(*[self._compared] * 2).head(0).assign(revision=0)
        before = store.read_revision(url, *known[:3], known.number, list(self._compared))
        return scenarios.compare(self._compared, before).assign(revision=known.number)

    def write(self, **tables):
        """Check the stage's results and hand them to the stages that follow.

        Raises
        ------
        ValueError : not exactly the tables that the stage writes, or one breaks the vocabulary.
        """
        expected = stages.stage_writes(self.stage.name)
        if set(tables) != set(expected):
            raise ValueError(
                f"{self.stage.name} writes {', '.join(expected)}; given were {', '.join(tables) or 'none'}"
            )
        results = {name: conform(name, tables[name]) for name in expected}
        self._results = results
        if self._draft:
            draft.save(self._draft / "plan", results)

    def _table(self, name):
        kind = "inputs" if TABLES[name].is_input else "plan"
        if self._draft:
            return draft.load(self._draft / kind, name)
        return (self._inputs if kind == "inputs" else self._plan).get(name)

    @cached_property
    def _what_if(self):
        return stages.what_if(self._inputs, self.cycle, self._plan)

    @cached_property
    def _compared(self):
        return {name: self._table(name) for name in scenarios.COMPARED}

    @cached_property
    def _inputs(self):
        if self._draft:
            return draft.load_all(self._draft / "inputs")
        tables = workspace.read(project.workspace_location(self.company, self._workspace))
        known = (project.store_url(self._store), self.company, self.cycle)
        tables = record.with_record(earlier.with_earlier(tables, *known), *known)
        return stages.under(tables, self.scenario)

    @cached_property
    def _plan(self):
        if self._draft:
            return draft.load_all(self._draft / "plan")
        return stages.replan_before(self.stage.name, self._inputs, self.cycle)
