"""What panels and forms have in common: how one is shown, its fields, and how what was done, or refused, is said."""

from html import escape

from IPython.display import display

VIEW = "application/vnd.jupyter.widget-view+json"


def shown_when_live(widget, twin):
    """Show a widget, and where none can live its twin."""
    display({VIEW: widget.get_view_spec()} | twin, raw=True)


def line(text):
    """A sentence for an HTML field; what stands in it is text."""
    return f"<p><b>{escape(text)}</b></p>"


def wrapped(*widgets):
    """Widgets side by side as far as there is room."""
    import ipywidgets  # only a notebook that shows a panel needs it

    return ipywidgets.HBox(widgets, layout=ipywidgets.Layout(display="flex", flex_flow="row wrap"))


def text_field(label):
    """A field for a few words."""
    import ipywidgets

    return ipywidgets.Text(description=label, layout=ipywidgets.Layout(width="22em"))


def chooser(label, options, **more):
    """A field for one of some options."""
    import ipywidgets

    return ipywidgets.Dropdown(
        options=options, description=label, layout=ipywidgets.Layout(width="22em"), **more
    )


def acting(label, act, refusal):
    """A button and a line: what `act` gives is said there, or why it was refused.

    Returns
    -------
    the widget
    """
    import ipywidgets

    press = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="16em"))
    said = ipywidgets.HTML()

    def pressed(_):
        try:
            said.value = line(act())
        except (ValueError, OSError) as error:
            said.value = line(f"{refusal}: {error}")

    press.on_click(pressed)
    return ipywidgets.VBox([press, said])
