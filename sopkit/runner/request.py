"""The request of a run: company, cycle, stages, inputs and plan store."""

from dataclasses import dataclass, fields
from pathlib import Path

from sopkit.io.places import company_name
from sopkit.runner import project
from sopkit.schema.stages import BASE, STAGE_NAMES, refuse_unknown_stage
from sopkit.store.status import Plan, plan_of
from sopkit.tables.periods import month

LONGEST = 10_000_000  # seconds that a stage may be given, some four months


@dataclass(frozen=True)
class Request:
    """A checked request: these names and types, and no others, reach a notebook.

    `first` and `last` are stage names. `reason` is written beside the revision, and `author`: who
    runs it if empty. `stage_timeout` is in seconds. `resume` goes on where the last run of the plan
    stopped. `cluster` is the address of a Dask scheduler. `as_of` is the day the data is of, in
    place of that of `company_settings`.
    """

    company: str
    cycle: str
    scenario: str = BASE
    workspace: str = ""
    store: str = ""
    first: str = STAGE_NAMES[0]
    last: str = STAGE_NAMES[-1]
    reason: str = "planned"
    author: str = ""
    stage_timeout: float = 3600.0
    resume: bool = False
    cluster: str = ""
    as_of: str = ""

    def __post_init__(self):
        for field in fields(self):
            if not isinstance(
                getattr(self, field.name), (int, float) if field.type is float else field.type
            ):
                raise TypeError(
                    f"{field.name} must be {field.type.__name__}: {getattr(self, field.name)!r}"
                )
        if not 0 < self.stage_timeout < LONGEST:
            raise ValueError(
                f"--stage-timeout {self.stage_timeout:g}: write seconds above 0 and below "
                f"{LONGEST:,}"
            )
        if self.resume and self.first != STAGE_NAMES[0]:
            raise ValueError("--resume continues after the last completed stage; remove --from")
        company_name(self.company)
        company_name(self.scenario)
        month(self.cycle)
        for name in (self.first, self.last):
            refuse_unknown_stage(name)
        if STAGE_NAMES.index(self.first) > STAGE_NAMES.index(self.last):
            raise ValueError(f"the first stage {self.first} comes after the last {self.last}")

    @property
    def plan(self) -> Plan:
        """Which plan is run."""
        return plan_of(self.company, self.cycle, self.scenario)

    @property
    def is_whole(self) -> bool:
        """Whether the run ends with a plan that can be a revision."""
        return self.last == STAGE_NAMES[-1]

    @property
    def folder(self) -> Path:
        """Where the outcome goes: a part of the cycle never takes the place of a whole one."""
        folder = project.report_folder(self.company, self.cycle, self.scenario)
        return folder if self.is_whole else folder.with_name(folder.name + ".draft")
