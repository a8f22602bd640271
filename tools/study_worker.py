# A worker in Python: tries points of a study that hornbeam began, and reports as it goes. For test/search/optuna.test.ts.
#   python3 tools/study_worker.py STORAGE STUDY TRIALS
# STORAGE is a path or redis://...; TRIALS of 0 only reads. Prints what Optuna reads from the storage in the end.
import json
import sys
import time
import warnings

import optuna

from make_study import told_by

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter('ignore')


def backend_of(place):
    if place.startswith('redis://'):
        return optuna.storages.journal.JournalRedisBackend(place)
    return optuna.storages.journal.JournalFileBackend(place)


def objective(trial):
    a = trial.suggest_float('a', 0.0, 1.0)
    trial.suggest_categorical('cell', ['lstm', 'gru'])
    for step in range(2):
        time.sleep(0.05)
        trial.report((a - 0.3) ** 2 + 1 - step, step)
    return (a - 0.3) ** 2


storage = optuna.storages.JournalStorage(backend_of(sys.argv[1]))
study = optuna.load_study(study_name=sys.argv[2], storage=storage)
study.optimize(objective, n_trials=int(sys.argv[3]))
print(json.dumps({
    'best': study.best_value,
    'parameters': study.best_params,
    'complete': len(study.get_trials(states=[optuna.trial.TrialState.COMPLETE])),
    'studies': told_by(storage),
}))
