from mien.app.local_page.folders import OpenStudy


def samples(study: OpenStudy) -> None:
    pass
