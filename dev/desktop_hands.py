"""Hands and eyes of the walks in QGIS Desktop: what a planner does and sees."""

import os
import sys
import time
import traceback
from pathlib import Path

import processing
from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QDockWidget,
    QLineEdit,
    QMessageBox,
    QPushButton,
)
from qgis.utils import iface

WORK = Path(sys.argv[1])
"""Where files and pictures go."""
MANUAL = Path(sys.argv[2], "docs", "handleiding.md").read_text("utf-8")


def tidy_window() -> None:
    """Fill the screen, with a list of layers in which names fit."""
    window = iface.mainWindow()
    window.setGeometry(QApplication.primaryScreen().availableGeometry())
    window.findChild(QDockWidget, "Browser").hide()
    layers = window.findChild(QDockWidget, "Layers")
    window.resizeDocks([layers], [400], Qt.Orientation.Horizontal)


def open_dialog(algorithm: str, height: int = 720):
    """Open the dialog of an algorithm, as menu and toolbox do."""
    dialog = processing.createAlgorithmDialog(f"kansenkaart:{algorithm}")
    dialog.show()
    # Showing brings back the size that it had the last time.
    dialog.resize(1000, height)
    wait(0.5)
    return dialog


def run(dialog) -> None:
    """Press Run and wait for the end."""
    ended = []
    dialog.algorithmFinished.connect(lambda successful, _: ended.append(successful))
    began = time.monotonic()
    dialog.runButton().click()
    wait(120, until=lambda: ended)
    name = dialog.algorithm().displayName()
    check(ended == [True], f"{name}: {time.monotonic() - began:.1f} s")
    wait(0.5)


def press(parent, words: str) -> None:
    """Press a button."""
    buttons = parent.findChildren(QPushButton)
    next(button for button in buttons if button.text() == words).click()
    wait(1)


def answer(opens, *answers) -> None:
    """Open what waits for answers, and give each as soon as its window is there.

    Parameters
    ----------
    opens
        What opens a window, and only returns when that is closed again.
    *answers
        Functions of a window, in the order in which the windows open.
    """
    left = list(answers)
    timer = QTimer()
    timer.setSingleShot(True)

    def look() -> None:
        window = QApplication.activeModalWidget()
        try:
            if window and left:
                left.pop(0)(window)
        except Exception:
            stumble()
        timer.start(500)

    timer.timeout.connect(look)
    timer.start(500)
    opens()
    timer.stop()
    check(not left, "all that was asked is answered")
    wait(1)


def agree(question: QMessageBox) -> None:
    """Answer yes."""
    question.button(QMessageBox.StandardButton.Yes).click()


def save_as(path: Path):
    """What answers a window that asks where to save."""

    def choose(window) -> None:
        window.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        buttons = window.findChild(QDialogButtonBox)
        buttons.button(QDialogButtonBox.StandardButton.Save).click()

    return choose


def wait(seconds: float, until=lambda: False) -> None:
    """Let QGIS go on for a while, or until something is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.01)


def wait_for_map() -> None:
    """Let the map be drawn."""
    wait(1)
    wait(30, until=lambda: not iface.mapCanvas().isDrawing())


def check(holds: bool, what: str) -> None:
    """Say what holds; stop where it does not."""
    if not holds:
        raise AssertionError(what)
    print(what)


def called_so(*actions) -> None:
    """Entries of menus have the words that the manual has for them."""
    for action in actions:
        words = plain(action.text()).strip()
        check(f"› {words}*" in " ".join(MANUAL.split()), words)


def stumble() -> None:
    """Say where it went wrong, and end QGIS."""
    traceback.print_exc()
    os._exit(1)


def picture_of_menu(name: str, menu, entry: str) -> None:
    """Take a picture with a menu and one of its submenus open, and what is above."""
    wait_for_map()
    (action,) = [each for each in menu.actions() if plain(each.text()) == entry]
    bar = menu.parentWidget()
    menu.popup(bar.mapToGlobal(bar.actionGeometry(menu.menuAction()).bottomLeft()))
    menu.setActiveAction(action)
    corner = menu.actionGeometry(action).topRight()
    action.menu().popup(menu.mapToGlobal(corner))
    wait(1)
    both = menu.geometry() | action.menu().geometry()
    save(screen(both.right() + 60, both.bottom() + 40), name)
    action.menu().close()
    menu.close()


def plain(words: str) -> str:
    """Words of a menu without the mark of the letter that chooses them."""
    return words.replace("&", "")


def picture(name: str, window=None) -> None:
    """Take a picture of a window, or of the whole screen."""
    wait(1)
    save(window.grab() if window else screen(), name)


def screen(width: int = -1, height: int = -1):
    """The screen from its top left, by default all of it."""
    return QApplication.primaryScreen().grabWindow(0, 0, 0, width, height)


def save(seen, name: str) -> None:
    """Keep a picture."""
    seen.save(str(WORK / f"{name}.png"))
