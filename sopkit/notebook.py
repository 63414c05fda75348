"""What a notebook's cells call: the tables of its stage, the cycle as a function, and the hand-over of its results."""

from sopkit import draft, project, stages, store, workspace
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
        self._inputs = self._plan = None

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
        frames = tuple(self._inputs_.get(n) if TABLES[n].is_input else self._plan_[n] for n in names)
        return frames[0] if len(names) == 1 else frames

    def replan(self, changes):
        """Compute the plan again under changes to its inputs; see `stages.replan`."""
        return stages.what_if(self._inputs_, self.cycle, self._plan_)(changes)

    def assumed(self):
        """What this stage assumes for optional tables that are absent.

        Returns
        -------
        table, statement
        """
        return stages.absent_inputs(self.stage.name, self._inputs_)

    def revisions(self):
        """Earlier revisions of this plan in the store; see `store.revisions`."""
        history = store.revisions(project.store_url(self._store), self.company)
        return history[
            (history["cycle"].astype("str") == self.cycle) & (history["scenario"] == self.scenario)
        ]

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
        if self._draft:
            draft.save(self._draft / "plan", results)

    @property
    def _inputs_(self):
        if self._inputs is None and self._draft:
            self._inputs = draft.load_all(self._draft / "inputs")
        elif self._inputs is None:
            location = project.workspace_location(self.company, self._workspace)
            self._inputs = stages.under(workspace.read(location), self.scenario)
        return self._inputs

    @property
    def _plan_(self):
        if self._plan is None and self._draft:
            self._plan = draft.load_all(self._draft / "plan")
        elif self._plan is None:
            self._plan = stages.replan_before(self.stage.name, self._inputs_, self.cycle)
        return self._plan
