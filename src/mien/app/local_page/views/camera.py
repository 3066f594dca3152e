from mien.app.local_page.folders import OpenStudy


def camera(study: OpenStudy) -> None:
    pass
