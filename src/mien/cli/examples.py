"""Two commands of each verb, shown at the end of its help."""

EXAMPLES: dict[str, tuple[str, str]] = {
    "doctor": ("mien doctor", "mien doctor --json"),
    "models": ("mien models pull", "mien models card landmarker"),
    "datasets": ("mien datasets", "mien datasets ck+"),
    "extract": ("mien extract videos/ -o study --workers 2", "mien extract 'photos/*.jpg' -o study --draw"),
    "import": (
        "mien import clips/*.csv --from openface -o study",
        "mien import points.npy --from mediapipe --size 640x480 -o study",
    ),
    "actions": ("mien actions photos/ -o study/actions", "mien actions study --json"),
    "participants": (
        "mien participants participants.csv -o study",
        "mien participants people.xlsx --columns subject=Code,path=Video --items 'phq*' -o study",
    ),
    "query": (
        "mien query 'SELECT source, avg(mouthSmileLeft) AS smile FROM faces GROUP BY source' --study study",
        "mien query 'SELECT * FROM samples JOIN measures USING (source)' --study study -o study/people.csv",
    ),
    "functionals": (
        "mien functionals study --workers 2",
        "mien functionals study --channels 'mouth*,eye*' --statistics level,bouts --task task",
    ),
    "questionnaire": (
        "mien questionnaire people.csv --scale dass-21 -o study/questionnaires/dass-21",
        "mien questionnaire people.csv --scale phq-9 --items 'PHQ{01..09}' --missing 999",
    ),
    "train": (
        "mien train samples.csv --faces study --target expression -o study/models/mine",
        "mien train ratings.csv --faces study --target trustworthy --model picture -o study/models/trust --noise-check",
    ),
    "learning-curve": (
        "mien learning-curve people.csv --target depressed --features 'm*' -o study/learning_curve/depressed",
        "mien learning-curve people.csv --target score --model trees,logistic --features '*' --also 'gaze*' --json",
    ),
    "evaluate": (
        "mien evaluate study/models/mine others.csv --faces others",
        "mien evaluate study/models/mine others.csv --faces others --json",
    ),
    "adapt": (
        "mien adapt buhmap: --target label --model landmark-rvfl --k 0,1,2,4 -o study/adaptation/mine",
        "mien adapt samples.csv --faces study --target expression --recordings session --json",
    ),
    "activations": (
        "mien activations efficientnet-lite0 pictures/ -o study/activations/imagenet",
        "mien activations efficientnet-lite0 samples.csv --weights random --layers stages.4,stages.8 "
        "-o study/activations/random",
    ),
    "rsa": (
        "mien rsa study/activations/imagenet study/activations/random --models category --given low-level "
        "-o study/rsa/category",
        "mien rsa study/activations/imagenet --matrix haxby --by category -o study/rsa/brain",
    ),
    "fixations": (
        "mien fixations v01.asc --message 'IMAGE (.+)' --until IMAGE_OFF --screen-cm 53x30 --distance-cm 60 "
        "-o fixations.csv",
        "mien fixations 'gaze/*.csv' --columns time=t,x=gx,y=gy --time-unit ms --screen 1920x1080 "
        "--pixels-per-degree 36 --method i-dt -o fixations.csv",
    ),
    "streams": ("mien streams add runs.csv --as runs -o study", "mien streams show study"),
    "streams add": (
        "mien streams add emotions_av_1s_events.tsv --as annotation --name emotions -o study",
        "mien streams add sub-01_run-*_bold.nii.gz --as brain --atlas parcels.nii.gz --labels parcels.tsv -o study",
    ),
    "streams show": ("mien streams show study", "mien streams show study --json"),
    "streams join": (
        "mien streams join study --at brain --lag-s 5 -o table.parquet",
        "mien streams join study --streams emotions,faces --every-s 1 -o table.csv",
    ),
    "decode": (
        "mien decode study --sources brain --labels shown --target trial_type -o study/decoding/category",
        "mien decode study --sources brain,faces --labels emotions --target e_fear,e_happiness --at-least .5 "
        "--unit volume -o study/decoding/emotion",
    ),
    "brain-evidence": (
        "mien brain-evidence study/decoding/face -o study/brain/face",
        "mien brain-evidence study/decoding/fear study/decoding/joy --method shap --largest 10 -o study/brain/two",
    ),
    "gaze": (
        "mien gaze osie: -o study/gaze/osie",
        "mien gaze fixations.csv --pictures photos --maps study/evidence/mine/rise/smiling --faces study "
        "-o study/gaze/mine",
    ),
    "link": (
        "mien link study emotions parcels --columns e_fear,e_happiness --haemodynamic -o study/link/emotions",
        "mien link study parcels -o study/link/viewers",
    ),
    "probe-evidence": (
        "mien probe-evidence study/probes/imagenet faces.csv --faces study -o study/evidence/imagenet",
        "mien probe-evidence study/probes/imagenet pareidolia --by category --beside study/probes/random "
        "-o study/evidence/pareidolia",
    ),
    "compare": (
        "mien compare patients/evidence/m/occlusion/smile others/evidence/m/occlusion/smile -o study/groups",
        "mien compare patients.csv others.csv --labels patients,others --correction largest",
    ),
    "compare-models": (
        "mien compare-models study/models/picture study/models/expression -o study/comparison",
        "mien compare-models study/models/picture study/models/expression --attributes",
    ),
    "fairness": (
        "mien fairness study/models/mine --group sex --group age=30,60 -o study/fairness/mine",
        "mien fairness study/models/mine --samples people.csv --group sex",
    ),
    "profiles": (
        "mien profiles participants.csv --scale dass-21 --measures study -o study/profiles/dass-21",
        "mien profiles participants.csv --by warmth,dominance --method gaussian-mixture -o study/profiles/traits",
    ),
    "discrepancy": (
        "mien discrepancy participants.csv --scale dass-21 -o study/discrepancy/dass-21",
        "mien discrepancy participants.csv --scale dass-21 --measures study --target dass_21_depression_band "
        "-o study/discrepancy/dass-21",
    ),
    "explain": (
        "mien explain study/models/mine samples.csv --faces study -o study/evidence/mine",
        "mien explain blendshape:mouthSmileLeft photos/ -o study/evidence/smile",
    ),
    "methods": ("mien methods", "mien methods --json"),
    "evaluate-evidence": (
        "mien evaluate-evidence study/models/mine samples.csv --faces study -o study/faithfulness/mine",
        "mien evaluate-evidence study/models/mine samples.csv --faces study --method rise --metric deletion "
        "-o study/faithfulness/mine",
    ),
    "reduce": (
        "mien reduce samples.csv --faces study --target expression -o study/reduction/mine",
        "mien reduce buhmap: --target label --counts 34,17 --contrast 'happiness>neutral' -o study/reduction/smile",
    ),
    "embed": (
        "mien embed samples.csv -o study/maps/ratings",
        "mien embed samples.csv --method pca --method umap --attribute age -o study/maps/ratings",
    ),
    "probe": (
        "mien probe study/activations/objects --faces 'drawn face,animal face' -o study/probes/faces",
        "mien probe study/activations/objects --faces 'drawn face' --apply study/activations/photos "
        "--beside study/activations/random --beside low-level -o study/probes/faces",
    ),
    "stimuli": (
        "mien stimuli samples.csv -o study/stimuli/altered --make inverted,phase-scrambled",
        "mien stimuli objects: -o study/stimuli/matched --match luminance,contrast --between 'drawn face,object'",
    ),
    "units": (
        "mien units study/activations/imagenet --faces 'drawn face,animal face' "
        "--beside study/activations/random --lesions all -o study/units/imagenet",
        "mien units study/activations/imagenet --faces face --lesions stages.6 --read-at stages.8 -o study/units/six",
    ),
    "pareidolia": (
        "mien pareidolia objects: -o study/stimuli/pareidolia --pairs 200",
        "mien pareidolia my-objects/ -o study/stimuli/null --pairs 50 --null",
    ),
    "study": ("mien study new impressions -o study --samples omi:", "mien study run study"),
    "study list": ("mien study list", "mien study list --json"),
    "study new": (
        "mien study new impressions -o study --samples omi:",
        "mien study new fast-landmarks -o study --samples samples.csv",
    ),
    "study run": ("mien study run study", "mien study run study --quiet"),
    "models list": ("mien models list", "mien models list --json"),
    "models pull": ("mien models pull", "mien models pull efficientnet-lite0"),
    "models card": ("mien models card landmarker", "mien models card blendshapes --json"),
    "channels": (
        "mien channels participants.csv --measures study --outcome dass21_depression",
        "mien channels participants.csv --measures study --outcome band --reference normal --n-folds 10",
    ),
    "release": (
        "mien release study -o copy",
        "mien release study -o copy --coarsen --smallest-cell 10 --keep-text diagnosis",
    ),
    "effects": (
        "mien effects participants.csv --measures study --outcome dass21_depression",
        "mien effects participants.csv --measures study --outcome band --reference normal --covariates age,sex,site",
    ),
    "report": ("mien report study", "mien report study --json"),
    "figure": (
        "mien figure study",
        "mien figure study evidence -o figure-2.pdf --width double --font-size 7",
    ),
    "methods-text": ("mien methods-text study -o study-text", "mien methods-text study --json"),
    "tables": ("mien tables study -o study-tables", "mien tables study -o study-tables --show-names --json"),
    "app": (
        "mien app",
        "mien app study --folder ~/pictures --port 0",
    ),
    "watch": (
        "mien watch talk.mp4 --model study/models/mine -o watched.mp4",
        "mien watch 0 --model rules --smooth-s 0.3",
    ),
    "serve": (
        "mien serve --model study/models/mine",
        "mien serve --model rules --port 9000 --rate 20",
    ),
    "demo": ("mien demo -o demo", "mien demo --no-real -o demo"),
    "synthesize": ("mien synthesize -o people", "mien synthesize cohort --people 40 -o cohort"),
}


def epilog_of(verb: str) -> str:
    """The end of a verb's help page; the first character keeps its lines as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in EXAMPLES[verb])
