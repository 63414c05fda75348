"""What a reader is shown of the tables of the evidence behind the demand plan."""


def promotion_effects(promotion_effects):
    """What activities of each kind brought, by family; all families together only where there are several."""
    several = promotion_effects.groupby("kind")["family"].transform("count") > 1
    rows = promotion_effects[promotion_effects["family"].notna() | several]
    return rows.assign(family=rows["family"].fillna("all families"))


def rates(estimated_rates):
    """The funnel rates that past activities have shown, by kind."""
    return estimated_rates[estimated_rates["opportunities"] > 0]


def price_effects(price_elasticity):
    """The families and products whose own months tell a price effect, the best known first."""
    rows = price_elasticity[
        price_elasticity["elasticity_ratio"].notna() & (price_elasticity["series"] > 0)
    ]
    rows = rows.sort_values("standard_error", kind="stable")
    rows = rows.assign(product=rows["product"].fillna("all products"))
    names = {
        "elasticity_ratio": "elasticity",
        "low_ratio": "elasticity_from",
        "high_ratio": "elasticity_to",
    }
    return rows[["family", "product", *names, "basis"]].rename(columns=names)


def weights(consensus_policy, learned_weights):
    """Each function's weight by policy beside the weight its record one month ahead earns."""
    nearest = learned_weights[learned_weights["lag"] == learned_weights["lag"].min()]
    earned = nearest.rename(columns={"weight": "earned_ratio", "reason": "record"})
    earned = earned[["function", "earned_ratio", "record"]]
    if consensus_policy is None:
        return earned
    policy = consensus_policy[["function", "weight"]].rename(columns={"weight": "policy_ratio"})
    rows = policy.merge(earned, on="function", how="outer", validate="one_to_one")
    return rows.sort_values("earned_ratio", ascending=False, kind="stable")


def reconciliation(reconciliation_scores):
    """The error of each way to make the levels agree, the best way first."""
    rows = reconciliation_scores.assign(
        plan=reconciliation_scores["chosen"].map({True: "used", False: ""})
    )
    names = {"wape": "product_ratio", "family_wape": "family_ratio", "total_wape": "total_ratio"}
    shown = ["plan", "reconciliation", *names, "gain_ratio", "low_ratio", "high_ratio"]
    return rows.sort_values("gain_ratio", ascending=False, kind="stable")[shown].rename(
        columns=names
    )


def pattern_tests(pattern_tests):
    """The tests of season and trend; how likely chance alone would do as much is a share."""
    return pattern_tests.rename(columns={"p_value": "by_chance_ratio"})


def candidates(methods):
    """The methods side by side, the one that came closest first."""
    columns = {
        "method": "method",
        "kind": "kind",
        "held_out_wape": "wape",
        "held_out_bias": "bias",
        "aicc": "AICc",
        "ljung_box_p_value": "pattern_by_chance_ratio",
        "conclusion": "conclusion",
    }
    rows = methods.sort_values("held_out_wape", kind="stable")
    return rows[list(columns)].rename(columns=columns)


def explanation(explanation):
    """The lines of an explanation, each set in under what it explains; the caption says which number is asked for."""
    names = explanation["what"].where(
        explanation["level"] > 0, explanation["what"].str.rpartition("  ")[2]
    )
    said = explanation["author"].where(
        explanation["reason"] == "", explanation["author"] + ": " + explanation["reason"]
    )
    given = (explanation["source"] + "; " + said.str.removeprefix(": ")).str.strip("; ")
    inset = explanation["level"].map(lambda level: "\u2003" * level)
    return explanation.assign(what=inset + names, given=given)[
        ["what", "value", "unit", "how", "given"]
    ]
