"""Optimizers over 20 steps and learning rate schedules: optimizers.json, schedules.json.

The two variables are columns, so that a test can be two dense layers of one unit whose loss is the sum of their outputs: the
gradient of each kernel is then what is fed in.
"""

import numpy as np

from golden import encode, generator, keras, keras_object, normal, plain, torch, write

STEPS, RECORDED = 20, (1, 2, 5, 20)
random = generator('variables and gradients')
variables = [normal(random, 7, 1, scale=0.3), normal(random, 4, 1, scale=0.3)]
# Of varying size, so that clipping acts on some steps and not on others.
gradients = [[normal(random, *variable.shape, scale=float(scale)) for variable in variables]
             for scale in np.geomspace(0.2, 3, STEPS)[random.permutation(STEPS)]]


def schedule(name: str, **config) -> dict:
    return {'schedule': name, 'config': config}


def keras_config(config: dict) -> dict:
    rate = config.get('learningRate')
    if isinstance(rate, dict):
        rate = keras_object(keras.optimizers.schedules, {'name': rate['schedule'], 'config': rate['config']})
        return {**config, 'learningRate': rate}
    return config


def keras_optimizer(optimizer: str, config: dict):
    if optimizer != 'multiOptimizer':
        return keras_object(keras.optimizers, {'name': optimizer, 'config': keras_config(config)})
    made = {pattern: keras_optimizer(each['name'], each['options']) for pattern, each in config['optimizerMap'].items()}
    default = config['defaultOptimizer']
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(keras_optimizer(default['name'], default['options']), made))


def optimizer_case(name: str, optimizer: str, /, **config) -> dict:
    made = keras_optimizer(optimizer, config)
    current = [keras.Variable(value, name=f'variable_{index}') for index, value in enumerate(variables)]
    made.build(current)
    if optimizer == 'scheduleFreeAdamW':
        # On PyTorch the old momentum it keeps for itself is overwritten with the new one; on TensorFlow and JAX it is not.
        made.assign_sub = lambda variable, change: setattr(variable, '_value', torch.nn.Parameter(variable.value - change, requires_grad=False))
    after = {}
    for step, values in enumerate(gradients, 1):
        made.apply([torch.from_numpy(value.copy()) for value in values])
        if step in RECORDED:
            after[step] = [encode(variable) for variable in current]
    case = {'name': name, 'optimizer': optimizer, 'config': config, 'after': after}
    parts = [part['options'] for part in (*config.get('optimizerMap', {}).values(), config.get('defaultOptimizer', {'options': {}}))]
    if any(each.get('useEma') for each in (config, *parts)):
        made.finalize_variable_values(current)
        case['finalized'] = [encode(variable) for variable in current]
    return case


cases = []
for optimizer in ('sgd', 'adam', 'adamw', 'nadam', 'adamax', 'rmsprop', 'adagrad', 'adadelta', 'ftrl', 'lion',
                  'lamb', 'adafactor', 'scheduleFreeAdamW', 'muon'):
    def add(name, /, **config):
        cases.append(optimizer_case(f'{optimizer}{name}', optimizer, **config))

    add('')
    add(', larger steps', learningRate=0.05)
    add(', weight decay', learningRate=0.05, weightDecay=0.02)
    add(', clipNorm', learningRate=0.05, clipNorm=0.9)
    add(', clipValue', learningRate=0.05, clipValue=0.4)
    add(', globalClipNorm', learningRate=0.05, globalClipNorm=1.1)
    add(', moving average', learningRate=0.05, useEma=True, emaMomentum=0.8)
    add(', moving average written back', learningRate=0.05, useEma=True, emaMomentum=0.8, emaOverwriteFrequency=3)
    add(', accumulated gradients', learningRate=0.05, gradientAccumulationSteps=3)
    add(', on a schedule', learningRate=schedule('exponentialDecay', initialLearningRate=0.1, decaySteps=4, decayRate=0.7))


def one(name, optimizer, /, **config):
    cases.append(optimizer_case(name, optimizer, learningRate=0.05, **config))


one('sgd, momentum', 'sgd', momentum=0.9)
one('sgd, Nesterov momentum', 'sgd', momentum=0.9, nesterov=True)
one('sgd, momentum, weight decay, clipped', 'sgd', momentum=0.7, weightDecay=0.01, globalClipNorm=0.8)
one('adam, betas', 'adam', beta1=0.7, beta2=0.95)
one('adam, large epsilon', 'adam', epsilon=0.1)
one('adam, amsgrad', 'adam', amsgrad=True, beta2=0.9)
one('adam, amsgrad, weight decay, accumulated and clipped', 'adam', amsgrad=True, weightDecay=0.01, clipNorm=0.5, gradientAccumulationSteps=2)
one('adam, accumulated, moving average written back', 'adam', gradientAccumulationSteps=2, useEma=True, emaMomentum=0.7, emaOverwriteFrequency=5)
one('adamw, amsgrad', 'adamw', amsgrad=True, beta2=0.9)
one('adamw, default decay', 'adamw')
one('nadam, betas', 'nadam', beta1=0.8, beta2=0.9)
one('adamax, betas', 'adamax', beta1=0.7, beta2=0.9)
one('rmsprop, momentum', 'rmsprop', momentum=0.8)
one('rmsprop, centered', 'rmsprop', centered=True)
one('rmsprop, centered, momentum, rho', 'rmsprop', centered=True, momentum=0.5, rho=0.8)
one('rmsprop, large epsilon', 'rmsprop', epsilon=0.05)
one('adagrad, initial accumulator', 'adagrad', initialAccumulatorValue=0.5, epsilon=0.01)
cases.append(optimizer_case('adadelta, rate of one', 'adadelta', learningRate=1.0))
cases.append(optimizer_case('adadelta, rho and epsilon', 'adadelta', learningRate=1.0, rho=0.8, epsilon=1e-3))
one('ftrl, regularized', 'ftrl', l1RegularizationStrength=0.05, l2RegularizationStrength=0.02)
one('ftrl, shrinkage and beta', 'ftrl', l2ShrinkageRegularizationStrength=0.03, beta=0.4)
one('ftrl, power', 'ftrl', learningRatePower=-0.3, initialAccumulatorValue=0.3)
one('lion, betas', 'lion', beta1=0.7, beta2=0.8)
one('lamb, betas', 'lamb', beta1=0.7, beta2=0.8, epsilon=1e-3)
one('adafactor, clipped early', 'adafactor', clipThreshold=0.5, beta2Decay=-0.5, epsilon2=0.1)
one('scheduleFreeAdamW, warming up', 'scheduleFreeAdamW', warmupSteps=7, beta1=0.8)
one('muon, without Nesterov or scale', 'muon', nesterov=False, rmsRate=None, nsSteps=3, momentum=0.8)
one('muon, columns by Adam', 'muon', excludeLayers=['variable', 'kernel'], adamBeta1=0.8, adamLrRatio=0.5, adamWeightDecay=0.1)



def several(name, default, /, **others):
    def part(optimizer, config):
        return {'name': optimizer, 'options': config}
    cases.append(optimizer_case(f'multiOptimizer, {name}', 'multiOptimizer', defaultOptimizer=part(*default),
                                optimizerMap={pattern: part(*each) for pattern, each in others.items()}))


several('one by its path', ('sgd', dict(learningRate=0.05, momentum=0.9)), variable_1=('adam', dict(learningRate=0.02)))
several('one by a pattern, each clipped by itself', ('rmsprop', dict(learningRate=0.05, globalClipNorm=0.5)),
        **{'.*_0': ('adamw', dict(learningRate=0.05, globalClipNorm=0.7, weightDecay=0.1))})
several('a path before a pattern', ('sgd', dict(learningRate=0.05)), **{'variable_.*': ('adagrad', dict(learningRate=0.05)),
                                                                       'variable_0': ('lion', dict(learningRate=0.05))})
several('a schedule, an average and accumulated gradients',
        ('nadam', dict(learningRate=schedule('exponentialDecay', initialLearningRate=0.1, decaySteps=4, decayRate=0.7), useEma=True, emaMomentum=0.8)),
        variable_0=('adam', dict(learningRate=0.05, gradientAccumulationSteps=3)))

write('optimizers', variables=[encode(value) for value in variables],
      gradients=[[encode(value) for value in values] for values in gradients], cases=cases)


# Schedules ---------------------------------------------------------------------------------------------------------------

AT = (0, 1, 2, 3, 5, 8, 10, 13, 20, 21, 34, 55)


def schedule_case(name: str, kind: str, /, **config) -> dict:
    made = keras_object(keras.optimizers.schedules, {'name': kind, 'config': config})
    return {'name': name, 'schedule': kind, 'config': config,
            'values': [[step, plain(keras.ops.convert_to_numpy(made(step)))] for step in AT]}


write('schedules', cases=[
    schedule_case('exponentialDecay', 'exponentialDecay', initialLearningRate=0.1, decaySteps=8, decayRate=0.6),
    schedule_case('exponentialDecay in stairs', 'exponentialDecay', initialLearningRate=0.1, decaySteps=8, decayRate=0.6, staircase=True),
    schedule_case('inverseTimeDecay', 'inverseTimeDecay', initialLearningRate=0.1, decaySteps=5, decayRate=0.5),
    schedule_case('inverseTimeDecay in stairs', 'inverseTimeDecay', initialLearningRate=0.1, decaySteps=5, decayRate=0.5, staircase=True),
    schedule_case('polynomialDecay', 'polynomialDecay', initialLearningRate=0.1, decaySteps=20),
    schedule_case('polynomialDecay, power', 'polynomialDecay', initialLearningRate=0.1, decaySteps=20, endLearningRate=0.01, power=2.0),
    schedule_case('polynomialDecay, cycles', 'polynomialDecay', initialLearningRate=0.1, decaySteps=10, endLearningRate=0.01, power=0.5, cycle=True),
    schedule_case('piecewiseConstantDecay', 'piecewiseConstantDecay', boundaries=[2, 10, 30], values=[0.1, 0.05, 0.02, 0.001]),
    schedule_case('cosineDecay', 'cosineDecay', initialLearningRate=0.1, decaySteps=30),
    schedule_case('cosineDecay, alpha', 'cosineDecay', initialLearningRate=0.1, decaySteps=30, alpha=0.1),
    schedule_case('cosineDecay after a warm-up', 'cosineDecay', initialLearningRate=0.01, decaySteps=20, alpha=0.05, warmupTarget=0.1, warmupSteps=8),
    schedule_case('cosineDecayRestarts', 'cosineDecayRestarts', initialLearningRate=0.1, firstDecaySteps=7),
    schedule_case('cosineDecayRestarts, all options', 'cosineDecayRestarts', initialLearningRate=0.1, firstDecaySteps=6, tMul=1.5, mMul=0.8, alpha=0.02),
    schedule_case('cosineDecayRestarts of equal length', 'cosineDecayRestarts', initialLearningRate=0.1, firstDecaySteps=9, tMul=1.0, mMul=0.5),
])
