"""What unwinds a run that somebody ends; imports nothing, so that it is there from the first moment."""


class Ended(BaseException):
    """Somebody ends the run: it unwinds as by ``KeyboardInterrupt``, which typer would answer by itself.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
