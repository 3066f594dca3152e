from mien.app.local_page.folders import OpenStudy


def maps(study: OpenStudy) -> None:
    pass
