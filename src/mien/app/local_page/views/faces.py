from mien.app.local_page.folders import OpenStudy


def faces(study: OpenStudy) -> None:
    pass
