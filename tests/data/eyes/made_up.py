"""Made-up recordings of eyes whose fixations are known."""

import numpy as np

PX = 40.0


def recording(fixations=20, rate=500.0, noise_deg=0.01, seed=0, blinks=(), long_s=0.3, move_s=0.04):
    """Times (s), places (px) and the planted fixations (start, stop in s, x, y); saccades between them."""
    rng = np.random.default_rng(seed)
    step, places, planted, at = 1 / rate, [], [], 0.0
    where = rng.uniform(200, 800, (fixations, 2))
    # The next is at least 5 degrees away.
    for i in range(1, fixations):
        while np.abs(where[i] - where[i - 1]).min() < 5 * PX:
            where[i] = rng.uniform(200, 1000, 2)
    for i in range(fixations):
        stay = round((long_s + rng.uniform(0, 0.2)) * rate)
        planted.append((at * step, (at + stay) * step, *where[i]))
        places.append(np.tile(where[i], (stay, 1)))
        at += stay
        if i + 1 < fixations:
            move = round(move_s * rate)
            share = (1 - np.cos(np.pi * (np.arange(move) + 0.5) / move)) / 2
            places.append(where[i] + share[:, None] * (where[i + 1] - where[i]))
            at += move
    xy = np.concatenate(places)
    xy = xy + rng.normal(0, noise_deg * PX, xy.shape)
    time = np.arange(len(xy)) * step
    for start, stop in blinks:
        xy[(time >= start) & (time < stop)] = np.nan
    return time, xy, np.array(planted)


def asc(time, xy, rate=500, messages=(), both=False, extra=()):
    """The recording as EyeLink's text."""
    eyes = "LEFT\tRIGHT" if both else "RIGHT"
    lines = ["** CONVERTED FROM made.edf", "MSG\t90 DISPLAY_COORDS 0 0 1279 1023",
             "MSG\t95 !CAL VALIDATION HV9 R RIGHT GOOD ERROR 0.40 avg. 0.85 max  OFFSET 0.1 deg. 3,2 pix.", *extra,
             f"START\t100 \t{eyes}\tSAMPLES\tEVENTS", "PRESCALER\t1",
             f"SAMPLES\tGAZE\t{eyes}\tRATE\t{rate:.2f}\tTRACKING\tCR\tFILTER\t2"]  # fmt: skip
    waiting = sorted(messages)
    for t, (x, y) in zip(time, xy, strict=True):
        while waiting and waiting[0][0] <= t + 1e-9:
            moment, text = waiting.pop(0)
            lines.append(f"MSG\t{100 + 1000 * moment:.0f} {text}")
        place = "\t   .\t   .\t    0.0" if np.isnan(x) else f"\t{x:7.1f}\t{y:7.1f}\t 1023.0"
        lines.append(f"{100 + 1000 * t:.0f}{place * (2 if both else 1)}\t...")
    return "\n".join([*lines, f"END\t{100 + 1000 * time[-1]:.0f} \tSAMPLES\tEVENTS\tRES\t 47.4\t 47.2", ""])
