"""Flows of one steelworks, and of some cement works that could take its slag."""

from bad_layers import small


def steel_and_cement(receivers=3, crs="EPSG:28992", apart=1000, **changed):
    """Canonical flows in a row, the steelworks first.

    Parameters
    ----------
    receivers
        How many cement works there are.
    crs
        Of the layer.
    apart
        Metres from one to the next.
    **changed
        Other values, each as a function of the place in the row.
    """
    cells = {
        "flow_id": "f{}".format,
        "actor_id": "a{}".format,
        "direction": lambda n: "demand" if n else "supply",
        "sbi": lambda n: "2351" if n else "2410",
        "material": lambda n: "sand" if n else "steel_slag",
        "contracted_share": lambda _: 0.0,
        "basis": lambda _: "reported",
        "properties": lambda _: None,
        "hazardous": lambda _: False,
    }
    shapes = [f"POINT ({155_000 + apart * n} 463000)" for n in range(receivers + 1)]
    return small("flows", shapes, crs=crs, **(cells | changed))
