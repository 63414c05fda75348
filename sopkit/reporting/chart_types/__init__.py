"""The chart types: what is drawn, as data; each type draws itself, once for all exhibits.

A chart is told its data in the shape in which it is drawn: a row a month, week or name, a column a
series. Units, colours, truncation ("12 of 340"), months and legends are the type's own. A chart
without data is shown as its headline alone. `reporting.picture` puts a chart under its headline.
"""

from sopkit.reporting.chart_types.chart import TOP, TOP_ROWS, Chart
from sopkit.reporting.chart_types.columns import PlanColumns
from sopkit.reporting.chart_types.courses import Band, Bars, Lines, StackedBars, Waterfall
from sopkit.reporting.chart_types.panels import SmallMultiples, Sparkline
from sopkit.reporting.chart_types.points import Points
from sopkit.reporting.chart_types.rows import Heatmap, HorizontalBars, Intervals, Timeline
