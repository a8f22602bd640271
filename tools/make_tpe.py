# Writes test/search/fixtures/tpe.json: studies, points, and how likely the real Optuna's TPE holds these to be of the best trials and of the others;
# and hyperband.json: the brackets to which the real HyperbandPruner deals out trials.
#   pip install optuna==5.0.0; python3 tools/make_tpe.py
import json
import pathlib
import warnings

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution, distribution_to_json
from optuna.samplers._tpe import _truncnorm
from optuna.samplers._tpe.sampler import _split_trials, default_gamma
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter('ignore')
# Of equal observations the order decides how wide each kernel is: that of the trials, not of the sorting at hand.
argsort = np.argsort
np.argsort = lambda values, *args, **options: argsort(values, *args, **{**options, 'kind': 'stable'})

space = {
    'rate': FloatDistribution(1e-4, 1.0, log=True),
    'width': FloatDistribution(-2.0, 3.0),
    'units': IntDistribution(1, 20),
    'depth': IntDistribution(2, 64, log=True),
    'cell': CategoricalDistribution(['lstm', 'gru', 'rnn']),
}


def rounded(value, digits=6):
    return float(f'{value:.{digits}g}')


def case(count, direction, seed):
    rng = np.random.RandomState(seed)
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=seed))
    for i in range(count):
        params = {
            'rate': rounded(10 ** rng.uniform(-4, 0)), 'width': rounded(rng.uniform(-2, 3)),
            'units': int(rng.randint(1, 21)), 'depth': int(rng.randint(2, 65)), 'cell': space['cell'].choices[rng.randint(3)],
        }
        state = [TrialState.COMPLETE, TrialState.COMPLETE, TrialState.PRUNED, TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING][i % 6]
        steps = {} if i % 12 == 2 else {step: rounded(rng.rand()) for step in range(1 + i % 3)}
        value = rounded(rng.randn()) if state == TrialState.COMPLETE else None
        study.add_trial(optuna.trial.create_trial(
            state=state, value=value, params=params, distributions=space, intermediate_values=steps))
    sampler = optuna.samplers.TPESampler(seed=0)
    states = [TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING]
    trials = study.get_trials(states=states)
    ended = sum(trial.state != TrialState.RUNNING for trial in trials)
    below, above = _split_trials(study, trials, default_gamma(ended))
    estimators = [
        sampler._build_parzen_estimator(study, space, below, handle_below=True),
        sampler._build_parzen_estimator(study, space, above, handle_below=False),
    ]
    points = estimators[0].sample(np.random.RandomState(seed + 1), 6)
    points = {name: np.array([rounded(each, 10) for each in values]) for name, values in points.items()}
    points = {name: np.clip(values, space[name].low, space[name].high) if name != 'cell' else values for name, values in points.items()}
    return {
        'direction': direction,
        'trials': [{
            'state': int(trial.state),
            'value': trial.value,
            'point': [space[name].to_internal_repr(trial.params[name]) for name in space],
            'intermediate': trial.intermediate_values,
        } for trial in study.trials],
        'below': [trial.number for trial in below],
        'points': [[float(points[name][i]) for name in space] for i in range(6)],
        'logBelow': estimators[0].log_pdf(points).tolist(),
        'logAbove': estimators[1].log_pdf(points).tolist(),
    }


def quantiles():
    cases = [(-1.0, 2.0), (3.0, 5.0), (-30.0, -25.0), (-0.5, 40.0), (8.0, 9.0), (-4.0, -1.0)]
    return [{
        'ends': [a, b],
        'mass': float(_truncnorm._log_gauss_mass(np.array([a]), np.array([b]))[0]),
        'at': [[q, float(_truncnorm.ppf(np.array([q]), a, b)[0])] for q in (0.001, 0.3, 0.9)],
    } for a, b in cases]


fixture = {
    'distributions': {name: distribution_to_json(each) for name, each in space.items()},
    'cases': [case(13, 'minimize', 1), case(60, 'maximize', 2), case(14, 'maximize', 3)],
    'quantiles': quantiles(),
}
def brackets(name, epochs, min_epochs, reduction):
    study = optuna.create_study(study_name=name)
    pruner = optuna.pruners.HyperbandPruner(min_resource=min_epochs, max_resource=epochs, reduction_factor=reduction)
    pruner._try_initialization(study)
    for _ in range(40):
        study.add_trial(optuna.trial.create_trial(value=0.0))
    found = [pruner._get_bracket_id(study, trial) for trial in study.trials]
    return {'study': name, 'epochs': epochs, 'minEpochs': min_epochs, 'reduction': reduction, 'brackets': found}


folder = pathlib.Path(__file__).parent.parent / 'test' / 'search' / 'fixtures'
(folder / 'tpe.json').write_text(json.dumps(fixture) + '\n')
dealt = [brackets('hornbeam', 27, 1, 3), brackets('a study', 100, 2, 3), brackets('hornbeam', 16, 1, 2), brackets('one', 5, 3, 4)]
(folder / 'hyperband.json').write_text(json.dumps(dealt) + '\n')
