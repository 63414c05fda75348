"""What the demand plan rests on says: estimated effects, records of who forecast well, and trials on past months."""

from sopkit.claims.wording import amount, count, listed, percent, some, verb


def promotion_effects(promotion_effects):
    """Say what activities of each kind brought, with a 95 % interval."""
    kinds = promotion_effects[promotion_effects["family"].isna()]
    if kinds.empty:
        return "No past activity shows what an activity brings."
    kinds = kinds.sort_values("lift_ratio", ascending=False, kind="stable")
    said = [
        f"{row.kind} {_points(row.lift_ratio)} (95 % interval {_points(row.low_ratio)} to {_points(row.high_ratio)}"
        f"{', not told from noise' if row.low_ratio <= 0 <= row.high_ratio else ''})"
        for row in kinds.itertuples()
    ]
    return f"What past activities did to demand: {'; '.join(said)}."


def campaigns(campaign_revenue):
    """Say what activities cost and bring, and which spends most of what it brings."""
    if campaign_revenue.empty:
        return "No activity is planned in these months."
    brought, spent = campaign_revenue["revenue"].sum(), campaign_revenue["spend"].sum()
    said = f"Activities bring {amount(brought)} of revenue for {amount(spent)} spent"
    nothing = campaign_revenue.loc[campaign_revenue["revenue"] <= 0, "activity"]
    if len(nothing):
        return f"{said}; {some(nothing)} {verb(len(nothing), 'brings', 'bring')} nothing."
    share = campaign_revenue.set_index("activity")["spend"] / campaign_revenue["revenue"].to_numpy()
    return f"{said}; the dearest is {share.idxmax()}, which spends {percent(share.max())} of what it brings."


def reach(reach_in_plan):
    """Say whether the planned reach is enough for what the plan counts on."""
    if reach_in_plan.empty:
        return "No planned activity has funnel rates: the reach it needs is not known."
    names = some(reach_in_plan["activity"])
    if reach_in_plan["reach"].isna().all():
        return f"No reach is planned for {names}, which the plan counts on."
    short = reach_in_plan[reach_in_plan["required_reach"] > reach_in_plan["reach"] + 0.5]
    if short.empty:
        return f"The reach that is planned is enough for what the plan counts on from {names}."
    worst = short.loc[(short["required_reach"] - short["reach"]).idxmax()]
    return (
        f"{worst['activity']} needs a reach of {amount(worst['required_reach'])} people for the "
        f"{amount(worst['quantity'])} units the plan counts on; {amount(worst['reach'])} are planned."
    )


def rates(estimated_rates):
    """Say for which kinds of activity past deals give rates."""
    known = estimated_rates.loc[estimated_rates["opportunities"] > 0, "kind"]
    if known.empty:
        return (
            "No deal on record came from a past activity: funnel rates stand as they were stated."
        )
    return f"Deals that came from past activities show the rates of {some(known)}."


def price_effects(price_elasticity):
    """Say what a price change does to demand, or why that is not known."""
    families = price_elasticity[price_elasticity["product"].isna()]
    known = families[families["elasticity_ratio"].notna()]
    if known.empty:
        reasons = families["basis"].str.removeprefix("no estimate: ").value_counts()
        why = f": {reasons.index[0]}" if len(reasons) else ""
        return f"What a price change does to demand is not known{why}."
    said = [
        f"{row.family} {row.elasticity_ratio:+.1f} % (95 % interval {row.low_ratio:+.1f} to {row.high_ratio:+.1f})"
        for row in known.itertuples()
    ]
    silent = len(families) - len(known)
    rest = f"; {silent:,} of {len(families):,} families tell nothing" if silent else ""
    return f"For each per cent on the price demand changes by: {some(said)}{rest}."


def stage_win_rates(stage_win_rates):
    """Say at which stage the stated chances lie outside what closed deals show."""
    if stage_win_rates.empty:
        return (
            "No stage history is known: closed deals do not tell how likely a deal is at its stage."
        )
    both = stage_win_rates[
        (stage_win_rates["open_deals"] > 0) & stage_win_rates["won_ratio"].notna()
    ]
    if both.empty:
        return "No stage has both open and closed deals: stated chances cannot be held against a record."
    off = both[~both["stated_ratio"].between(both["low_ratio"], both["high_ratio"])]
    if off.empty:
        closed = count(int(both["closed_deals"].max()), "closed deal")
        return f"At every stage the chance that is stated agrees with the record of {closed}."
    said = "; ".join(
        f"at {row.stage} {percent(row.stated_ratio)} is stated, and {percent(row.won_ratio)} of "
        f"{count(row.closed_deals, 'closed deal')} were won"
        for row in off.itertuples()
    )
    rest = "" if len(off) == len(both) else "; elsewhere the two agree"
    return f"Stated chances and the record differ: {said}{rest}."


def win_rates(win_rates):
    """Say how likely open deals are said to be, beside how many of the closed ones were won."""
    if win_rates.empty:
        return "No deal, open or closed, is on record."
    opened, closed = int(win_rates["open_deals"].sum()), int(win_rates["closed_deals"].sum())
    stated = (win_rates["stated_ratio"] * win_rates["open_deals"]).sum() / max(opened, 1)
    won = (win_rates["won_ratio"] * win_rates["closed_deals"]).sum() / max(closed, 1)
    chance = f"{count(opened, 'open deal')} {verb(opened, 'is', 'are')} given a chance of {percent(stated)} on average"
    chance = chance if opened else "No deal is open"
    if not closed:
        return f"{chance}; no closed deal is on record to hold that against."
    return f"{chance}; of {count(closed, 'closed deal')} {percent(won)} {verb(closed, 'was', 'were')} won."


def value_added(forecast_value_added):
    """Say at the nearest lag who helps, who hurts and who cannot be told from noise."""
    if forecast_value_added.empty:
        return "No step of the forecast has a record: who helps is not known."
    lag = forecast_value_added["lag"].min()
    near = forecast_value_added[forecast_value_added["lag"] == lag]
    words = {
        "helps": ("helps", "help"),
        "hurts": ("hurts", "hurt"),
        "not told from noise": ("cannot be told from noise",) * 2,
    }
    said = []
    for verdict, (one, many) in words.items():
        names = list(near.loc[near["verdict"] == verdict, "contributor"])
        if names:
            said.append(f"{listed(names)} {verb(len(names), one, many)}")
    return f"Product by product, {count(lag, 'month')} ahead, {'; '.join(said)}."


def weights(consensus_policy, learned_weights):
    """Say what each function would weigh by its record, beside the policy, the largest difference first."""
    if learned_weights.empty:
        return "No function has a record yet from which a weight could be learned."
    nearest = learned_weights[learned_weights["lag"] == learned_weights["lag"].min()]
    earned = nearest.set_index("function")["weight"]
    if consensus_policy is None:
        said = [f"{name} {percent(value)}" for name, value in earned.items()]
        return f"By their record beside the baseline's the functions weigh {', '.join(said)}; there is no policy."
    policy = consensus_policy.set_index("function")["weight"].reindex(earned.index, fill_value=0.0)
    order = (earned - policy).abs().sort_values(ascending=False, kind="stable").index
    said = [f"{name} {percent(earned[name])} (policy {percent(policy[name])})" for name in order]
    return f"By their record beside the baseline's the functions would weigh: {', '.join(said)}."


def reconciliation(reconciliation_scores):
    """Say which way products and families are made to agree, and what speaks for it."""
    rows = reconciliation_scores.set_index("reconciliation")
    way = rows.index[rows["chosen"]][0]
    plan, plain = rows.loc[way], rows.loc["bottom-up"]
    if way != "bottom-up":
        return (
            f"The plan reconciles by {way}: over {plan['families']} families it took "
            f"{percent(plan['gain_ratio'], 1)} of demand off last year's error (95 % interval {percent(plan['low_ratio'], 1)} to "
            f"{percent(plan['high_ratio'], 1)}); products missed by {percent(plan['wape'], 1)} instead of "
            f"{percent(plain['wape'], 1)}, families by {percent(plan['family_wape'], 1)} instead of "
            f"{percent(plain['family_wape'], 1)}."
        )
    return f"The plan adds products up, as they are forecast: {plain['reason']}."


def depth(series, pattern_tests):
    """Say which series is looked into, and what its demand is made of."""
    if series.empty:
        return "No A product has three years of history up to now to look into."
    product, market = series[["product", "market"]].iloc[0]
    found = pattern_tests.set_index("test")["conclusion"]
    season, trend = found["strength of season"], found["strength of trend"]
    return f"{product} in {market}, the A product that is forecast worst, has a {season} season and a {trend} trend."


def pattern_tests(pattern_tests):
    """Say whether season and trend are more than chance."""
    tested = pattern_tests.loc[~pattern_tests["test"].str.startswith("strength"), "conclusion"]
    if tested.empty:
        return "No season and no trend could be tested."
    return f"Tested against chance: {'; '.join(tested)}."


def candidates(methods):
    """Say which method came closest in the months held out, beside the engine."""
    known = methods[methods["held_out_wape"].notna()]
    if known.empty:
        return "There is nothing to let other methods forecast."
    best = known.loc[known["held_out_wape"].idxmin()]
    engine = percent(known.loc[known["kind"] == "engine", "held_out_wape"].iloc[0], 1)
    closest = percent(best["held_out_wape"], 1)
    if engine == closest:
        return f"Of {len(known):,} methods none came closer to the last twelve months than the engine, which missed by {engine}."
    return (
        f"{best['method']} came closest to the last twelve months, missing by {closest}; "
        f"the engine missed by {engine}."
    )


def _points(ratio):
    return f"{100 * ratio:+.0f} %"


def explanation(explanation):
    """Say what one number is and on how many places of the inputs it rests."""
    asked = explanation.iloc[0]
    sources = explanation.loc[explanation["source"] != "", "source"].nunique()
    number = f"{asked['value']:,.1f} {asked['unit']}".strip()
    return f"{' '.join(asked['what'].split())} is {number}; it rests on {count(sources, 'place')} of the inputs."
