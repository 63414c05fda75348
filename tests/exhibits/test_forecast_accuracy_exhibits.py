"""Exhibits of forecast accuracy."""

from looking import columns, drawn, named, table

from sopkit.reporting.exhibits import forecast_accuracy

ACCURACY = table(
    "forecast_accuracy",
    """contributor | level | item | lag | wape | bias | observations | value_added
       naive | total | all | 1 | 0.30 | 0 | 12 |
       baseline | total | all | 1 | 0.20 | 0 | 12 | 0.10
       sales | total | all | 1 | 0.25 | 0.2 | 12 | -0.05
       consensus | total | all | 1 | 0.18 | 0 | 12 | 0.07
       baseline | total | all | 6 | 0.40 | 0 | 12 | 0.10""",
)


def test_a_contributor_who_made_the_forecast_worse_is_named():
    shown = forecast_accuracy.accuracy(ACCURACY)
    assert shown.headline == (
        "1 month ahead the consensus misses the company's total by 18.0 %; "
        "sales was less accurate than the baseline (by 5.0 points)."
    )
    assert shown.headline.figures["worse"] == {"sales": -0.05}
    assert list(shown.table["contributor"].head(4)) == ["naive", "baseline", "sales", "consensus"]
    without = ACCURACY[ACCURACY["contributor"] != "sales"]
    said = "; no forecast is less accurate than its reference."
    assert forecast_accuracy.accuracy(without).headline.endswith(said)
    worse = ACCURACY.assign(value_added=-ACCURACY["value_added"].abs())
    assert forecast_accuracy.accuracy(worse).headline.endswith(
        "; baseline was less accurate than naive (by 10.0 points); sales and consensus were each "
        "less accurate than the baseline (by 5.0 points and 7.0 points)."
    )
    none = forecast_accuracy.accuracy(ACCURACY.head(0))
    assert none.headline == "No forecast is old enough to be measured."
    assert none.chart.empty


def test_each_method_is_shown_beside_naive():
    record = table(
        "forecast_accuracy",
        """contributor | level | item | lag | wape | bias | observations | value_added
           naive | method | theta | 1 | 0.30 | 0 | 12 |
           baseline | method | theta | 1 | 0.20 | 0 | 12 | 0.10
           naive | method | mean | 1 | 0.30 | 0 | 12 |
           baseline | method | mean | 1 | 0.40 | 0 | 12 | -0.10""",
    )
    shown = forecast_accuracy.accuracy_by_method(record)
    assert shown.headline == (
        "1 of 2 methods have less error than naive, 1 month ahead; worse: mean."
    )
    assert list(shown.table["method"]) == ["theta", "theta", "mean", "mean"]
    assert forecast_accuracy.accuracy_by_method(ACCURACY).headline == "No method has a record yet."
    alone = record[(record["item"] == "theta") | (record["contributor"] == "naive")]
    assert forecast_accuracy.accuracy_by_method(alone).headline == (
        "1 of 1 method has less error than naive, 1 month ahead."
    )


def test_errors_go_from_naive_to_consensus_with_a_line_at_the_baseline_s():
    (ax,) = drawn(forecast_accuracy.accuracy(ACCURACY).chart)
    assert columns(ax) == ["naive", "baseline", "sales", "consensus"]
    assert named(ax) == ["1 month ahead", "6 months ahead"]
    assert [0.2, 0.2] in [list(line.get_ydata()) for line in ax.get_lines()]
