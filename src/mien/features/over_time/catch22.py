"""catch22: 22 characteristic features of time series, of channels that were asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mien.core.extras import require
from mien.core.patterns import fits
from mien.features.over_time.series import Found, Series

# Fewer values make some of the features meaningless.
LEAST_STEPS = 30
NAMES = (
    "DN_HistogramMode_5", "DN_HistogramMode_10", "DN_OutlierInclude_p_001_mdrmd", "DN_OutlierInclude_n_001_mdrmd",
    "CO_FirstCrossing_acf_1e_pointOfCrossing", "CO_FirstMin_ac", "SP_Summaries_fft_area_5_1", "SP_Summaries_fft_wq_50",
    "FC_LocalSimple_mean3_stde", "FC_LocalSimple_mean1_taurat", "MD_pNN_pnn40", "SB_BinaryStats_mean_longstretch1",
    "SB_BinaryStats_diff_longstretch0", "SB_MotifThree_quantile_hh", "CO_HistogramAMI_even_5bin_ami2", "CO_trev_1_num",
    "IN_AutoMutualInfoStats_40_gaussian_fmmi", "SB_TransitionMatrix_quantile_3_ac_sumdiagcov",
    "PD_PeriodicityWang_th0_01", "CO_Embed2_Dist_tau_d_expfit_meandiff",
    "SC_FluctAnal_2_rsrangefit_50_1_logi_prop_r1", "SC_FluctAnal_2_dfa_50_1_2_logi_prop_r1",
)  # fmt: skip
# Names of pycatch22 1.0.2, as the codebook has them.
STATISTICS = tuple(f"catch22 {name}" for name in NAMES)


def catch22_statistics(series: Series) -> Iterator[Found]:
    """Of the longest stretch of each chosen channel; NaN where it is short or constant.

    Notes
    -----
    Lubba, C. H. et al. (2019), catch22: CAnonical Time-series CHaracteristics, Data Mining and Knowledge Discovery 33;
    computed by ``pycatch22`` (GPL-3), which is loaded only here.
    """
    places = [i for i, channel in enumerate(series.channels) if fits(channel.name, series.rules.catch22)]
    if not places:
        return
    package = require("pycatch22", "catch22", "catch22")
    values = np.full((len(NAMES), len(places)), np.nan)
    for rows, part in series.parts():
        steps = part.longest()
        for row, channel in enumerate(rows):
            line = part.values[row, steps].astype(np.float64)
            if channel in places and len(line) >= LEAST_STEPS and np.ptp(line) > 0:
                found = package.catch22_all(line.tolist())
                known = dict(zip(found["names"], found["values"], strict=True))
                values[:, places.index(int(channel))] = [known[name] for name in NAMES]
    yield tuple(series.channels[i] for i in places), dict(zip(STATISTICS, values, strict=True))
