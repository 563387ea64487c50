"""What a run says while it computes."""

import pytest
from kansenkaart.analysis.progress import CancelledError
from kansenkaart.processing_algorithms import run as run_module
from kansenkaart.processing_algorithms.clusters.detect_clusters import DetectClusters
from kansenkaart.processing_algorithms.run import SILENCE, Run
from qgis.core import QgsProcessingContext, QgsProcessingFeedback


class Listener(QgsProcessingFeedback):
    """Keeps what is said."""

    def __init__(self):
        super().__init__(False)
        self.said = []

    def pushInfo(self, words):  # noqa: N802
        self.said.append(words)

    def pushWarning(self, words):  # noqa: N802
        self.said.append(words)


@pytest.fixture
def clock(monkeypatch):
    """Seconds on a clock that a test sets."""
    now = [0.0]
    monkeypatch.setattr(run_module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def run(clock):  # noqa: ARG001 - a run starts on that clock
    run = Run(DetectClusters().create(), {}, QgsProcessingContext(), Listener())
    run.language = "nl"
    return run


def test_progress_is_told_in_words_after_a_silence(run, clock):
    run.progress(0.2)
    assert run.feedback.said == []
    clock[0] += SILENCE
    run.progress(0.4)
    (words,) = run.feedback.said
    assert words == "Bedrijvenclusters vinden 40\u00a0%"
    assert run.feedback.progress() == 40
    run.progress(0.5)
    assert len(run.feedback.said) == 1


def test_words_name_what_goes_on(run, clock):
    run.tell_text("messages.writing")
    clock[0] += SILENCE
    run.progress(0.75)
    assert run.feedback.said == [
        "Kaartlagen schrijven …",
        "Kaartlagen schrijven … 75\u00a0%",
    ]


def test_every_word_breaks_the_silence(run, clock):
    clock[0] += 0.9 * SILENCE
    run.say("messages.jobs_unknown", count=3)
    clock[0] += 0.9 * SILENCE
    run.progress(0.5)
    assert len(run.feedback.said) == 1


def test_progress_in_words_is_no_warning(run, clock):
    """The record of a run lists its warnings, and must not depend on its speed."""
    clock[0] += SILENCE
    run.pulse()
    assert run.feedback.said
    assert run.messages == []


def test_whoever_tells_progress_hears_the_stop(run):
    run.feedback.cancel()
    for tell in (run.progress, run.pulse):
        with pytest.raises(CancelledError):
            tell(0.5)
