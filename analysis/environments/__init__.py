"""Type environments: what kinds of place a zone is, by rules that are data.

The rules lie in ``resources/rules``: the type environments of the Flemish study
(``environment_types.toml``), the classes of its synthesis map
(``synthesis_classes.toml``), conditions that several of them use
(``conditions.toml``) and the numbers in them (``thresholds.toml``). They are read and
checked by :mod:`.conditions`, looked up in :mod:`.library`, and measured by
:mod:`.measures` on the places of a :mod:`.scene`, in the three values of
:mod:`.kleene`; :mod:`.types` puts together what holds.
"""
