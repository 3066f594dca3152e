from mien.app.local_page.folders import OpenStudy


def why(study: OpenStudy) -> None:
    pass
