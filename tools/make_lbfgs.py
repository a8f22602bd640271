"""What PyTorch's LBFGS with strong_wolfe finds, iteration by iteration: lbfgs.json. Functions in float64, and a small network."""

import numpy as np

from golden import encode, generator, normal, torch, write


def exact(values) -> list[float]:
    return [float(f'{float(value):.15g}') for value in values]


def search(parameters, loss, iterations, **options):
    """The loss, the number of evaluations and the parameters after so many iterations, each time from the beginning."""
    start = [parameter.detach().clone() for parameter in parameters]
    reached = []
    for count in iterations:
        for parameter, content in zip(parameters, start):
            parameter.data.copy_(content)
        made = torch.optim.LBFGS(parameters, max_iter=count, line_search_fn='strong_wolfe', **{'max_eval': 1000, **options})
        evaluations = 0

        def closure():
            nonlocal evaluations
            evaluations += 1
            made.zero_grad()
            value = loss()
            value.backward()
            return value

        made.step(closure)
        flat = torch.cat([parameter.detach().reshape(-1) for parameter in parameters]).numpy()
        reached.append({'iterations': count, 'loss': exact([loss().detach()])[0], 'evaluations': evaluations, 'at': exact(flat)})
    return reached


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def quartic(x):
    return ((x[0] + 10 * x[1]) ** 2 + 5 * (x[2] - x[3]) ** 2 + (x[1] - 2 * x[2]) ** 4 + 10 * (x[0] - x[3]) ** 4)


def waves(x):
    return (torch.cos(3 * x) + 0.1 * x**2 + torch.exp(-x)).sum()


def case(name, function, start, **options):
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    keys = {'lr': 'learningRate', 'history_size': 'historySize', 'max_eval': 'maxEvaluations', 'tolerance_change': 'toleranceChange'}
    return {'name': name, 'function': function.__name__, 'start': start, 'options': {keys[key]: value for key, value in options.items()},
            'reached': search([x], lambda: function(x), (1, 2, 3, 5, 8, 13, 21, 34, 60), **options)}


cases = [
    case('rosenbrock', rosenbrock, [-1.2, 1.0]),
    case('rosenbrock of six', rosenbrock, [-1.2, 1.0, 0.5, -0.5, 2.0, 1.5]),
    case('rosenbrock, a short memory', rosenbrock, [-1.2, 1.0, 0.5, -0.5, 2.0, 1.5], history_size=2),
    case('rosenbrock, small first steps', rosenbrock, [-1.2, 1.0], lr=0.05),
    case('rosenbrock, large first steps', rosenbrock, [-1.2, 1.0], lr=20.0),
    case('rosenbrock, few evaluations', rosenbrock, [-1.2, 1.0], max_eval=13),
    case("powell's quartic", quartic, [3.0, -1.0, 0.0, 1.0], tolerance_change=1e-12),
    case('waves', waves, [0.3, -0.7, 1.9]),
]

# A network: x to four units of tanh to one number, the mean square of the error.
random = generator('a small network')
x = np.linspace(-1, 1, 16, dtype='float32').reshape(16, 1)
y = np.sin(3 * x).astype('float32')
weights = [normal(random, 1, 4), normal(random, 4, scale=0.1), normal(random, 4, 1), normal(random, 1, scale=0.1)]


def network(dtype, iterations):
    given = [torch.tensor(weight, dtype=dtype, requires_grad=True) for weight in weights]
    inputs, targets = torch.tensor(x, dtype=dtype), torch.tensor(y, dtype=dtype)

    def loss():
        kernel, bias, last, offset = given
        return ((torch.tanh(inputs @ kernel + bias) @ last + offset - targets) ** 2).mean()

    return search(given, loss, iterations)


write('lbfgs', x=encode(x), y=encode(y), weights=[encode(weight) for weight in weights],
      float64=network(torch.float64, (1, 2, 3, 5, 10, 20)), float32=network(torch.float32, (1, 2, 3, 5)), cases=cases)
