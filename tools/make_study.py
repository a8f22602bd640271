# Writes test/search/fixtures/optuna.jsonl, a journal by the real Optuna, and optuna.json, what Optuna reads from it.
#   pip install optuna==5.0.0; python3 tools/make_study.py
import json
import pathlib
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter('ignore')
folder = pathlib.Path(__file__).parent.parent / 'test' / 'search' / 'fixtures'


def storage_of(path):
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))


def objective(trial):
    rate = trial.suggest_float('rate', 1e-4, 1.0, log=True)
    width = trial.suggest_float('width', 0.0, 2.0, step=0.25)
    units = trial.suggest_int('units', 4, 64, log=True)
    cell = trial.suggest_categorical('cell', ['lstm', 'gru', None, 3, 0.5, True])
    trial.set_user_attr('note', {'ü': [1, float('inf')]})
    for step in range(3):
        trial.report(float('nan') if trial.number == 4 else rate + step, step)
        if trial.number % 5 == 3 and step == 1:
            raise optuna.TrialPruned()
    if trial.number == 4:
        raise ValueError('as it may be')
    return (rate - 0.1) ** 2 + width + units / 64 + (cell != 'gru')


def write(path):
    path.unlink(missing_ok=True)
    storage = storage_of(path)
    deleted = optuna.create_study(storage=storage, study_name='deleted')
    deleted.optimize(lambda trial: trial.suggest_float('x', 0, 1), n_trials=2)
    study = optuna.create_study(storage=storage, study_name='kept', sampler=optuna.samplers.TPESampler(seed=1))
    study.set_user_attr('owner', 'somebody')
    study.optimize(objective, n_trials=14, catch=(ValueError,))
    optuna.delete_study(study_name='deleted', storage=storage)
    study.add_trial(optuna.trial.create_trial(
        params={'rate': 0.5}, distributions={'rate': optuna.distributions.FloatDistribution(1e-4, 1.0, log=True)},
        intermediate_values={0: 1.0}, user_attrs={'added': True}, value=7.0))
    study.enqueue_trial({'rate': 0.25, 'cell': 'gru'})
    study.ask()
    study.enqueue_trial({'rate': 0.125})
    other = optuna.create_study(storage=storage, study_name='other', directions=['maximize', 'minimize'])
    other.tell(other.ask(), [1.5, 2.5])
    # What comes too late is passed over: a second study of the name, a value for a trial that has ended, a kind of parameter that differs.
    late = [
        {'op_code': 0, 'worker_id': 'late', 'study_name': 'kept', 'directions': [2]},
        {'op_code': 7, 'worker_id': 'late', 'trial_id': 2, 'step': 9, 'intermediate_value': 1.0},
        {'op_code': 5, 'worker_id': 'late', 'trial_id': 17, 'param_name': 'units', 'param_value_internal': 1.0,
         'distribution': '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}'},
        {'op_code': 10, 'worker_id': 'late', 'study_id': 1},
    ]
    with open(path, 'a') as file:
        for line in late:
            file.write(json.dumps(line, separators=(',', ':')) + '\n')


def told_by(storage):
    """What Optuna reads from a storage, in plain data; what is no number of JSON's as text."""
    def plain(value):
        if isinstance(value, float) and value != value or value in (float('inf'), float('-inf')):
            return str(value)
        if isinstance(value, dict):
            return {str(key): plain(each) for key, each in value.items()}
        return [plain(each) for each in value] if isinstance(value, (list, tuple)) else value

    studies = []
    for summary in storage.get_all_studies():
        trials = storage.get_all_trials(summary._study_id)
        studies.append({
            'name': summary.study_name,
            'directions': [int(each) for each in summary.directions],
            'user': plain(summary.user_attrs),
            'system': plain(summary.system_attrs),
            'trials': [{
                'id': trial._trial_id,
                'number': trial.number,
                'state': int(trial.state),
                'values': plain(trial.values),
                'parameters': plain(trial.params),
                'intermediate': plain(trial.intermediate_values),
                'user': plain(trial.user_attrs),
                'system': plain(trial.system_attrs),
            } for trial in trials],
        })
    return studies


if __name__ == '__main__':
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / 'optuna.jsonl')
    studies = told_by(storage_of(folder / 'optuna.jsonl'))
    (folder / 'optuna.json').write_text(json.dumps(studies, indent=1) + '\n')
