from mien.app.local_page.folders import OpenStudy


def models(study: OpenStudy) -> None:
    pass
