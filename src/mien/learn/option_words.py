"""What options of training say, on the command line and in the local page alike."""

N_FOLDS = "Number of folds."
FOLDS = "Column that names the fold of each sample, where folds are drawn already."
SITE = "leave-one-site-out: column of sites."
NOISE_CHECK = "Also train on shuffled labels, which has to end at chance."
SETTING = "A setting of the model or its features, NAME=VALUE; may be repeated."
