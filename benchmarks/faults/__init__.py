"""A standing fault campaign: damaged files, killed runs and full disks, seeded and counted."""
