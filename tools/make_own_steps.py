"""Training steps of one's own, in Keras with PyTorch's autograd, 20 steps each: own-steps.json.

The same steps are written in test/goldens/ownSteps.test.ts with `trainStep`. Random numbers are part of the batch, so that both see the same.
"""

from golden import encode, generator, keras, normal, plain, torch, uniform, write
from layer_cases import random_weight

STEPS = 20
layers, ops = keras.layers, keras.ops


def mlp(*units, inputs, activation='tanh', last=None):
    return keras.Sequential([keras.Input((inputs,)), *[layers.Dense(n, activation=activation) for n in units[:-1]],
                             layers.Dense(units[-1], activation=last)])


def tensors(variables):
    return [variable.value for variable in variables]


def gradients(loss, variables, **options):
    return torch.autograd.grad(loss, tensors(variables), **options)


def case(name, networks, batch, step) -> dict:
    """Runs a step 20 times on one batch; `step` gives the numbers of the logs."""
    random = generator('weights of ' + name)
    for network in networks.values():
        network.set_weights([random_weight(random, weight.path, weight.shape) for weight in network.weights])
    before = {key: [encode(weight) for weight in network.weights] for key, network in networks.items()}
    given = {key: torch.tensor(array) for key, array in batch.items()}
    logs = []
    for _ in range(STEPS):
        logs.append({key: plain(value.detach()) for key, value in step(given).items()})
    after = {key: [encode(weight) for weight in network.weights] for key, network in networks.items()}
    return {'name': name, 'batch': {key: encode(array) for key, array in batch.items()}, 'weights': before, 'logs': logs, 'after': after}


def wgan():
    """Wasserstein GAN with gradient penalty (Gulrajani et al., 2017): two critic steps, then one of the generator."""
    random = generator('two critic steps')
    generator_net, critic = mlp(6, 2, inputs=3), mlp(8, 1, inputs=2)
    for_generator, for_critic = keras.optimizers.Adam(1e-2, beta_1=0.5, beta_2=0.9), keras.optimizers.Adam(2e-2, beta_1=0.5, beta_2=0.9)
    batch = {'real': normal(random, 6, 2), 'noise': normal(random, 6, 9), 'mix': uniform(random, 6, 2)}

    def step(given):
        for i in range(2):
            fake = generator_net(given['noise'][:, 3 * i:3 * i + 3]).detach()
            mixed = given['real'] + given['mix'][:, i:i + 1] * (fake - given['real'])
            mixed.requires_grad_(True)
            slope, = torch.autograd.grad(critic(mixed).sum(), [mixed], create_graph=True)
            penalty = ((slope.square().sum(1).sqrt() - 1) ** 2).mean()
            critic_loss = critic(fake).mean() - critic(given['real']).mean() + 10 * penalty
            for_critic.apply(gradients(critic_loss, critic.trainable_variables), critic.trainable_variables)
        loss = -critic(generator_net(given['noise'][:, 6:])).mean()
        for_generator.apply(gradients(loss, generator_net.trainable_variables), generator_net.trainable_variables)
        return {'criticLoss': critic_loss, 'loss': loss}

    return case('wgan-gp', {'generator': generator_net, 'critic': critic}, batch, step)


def vae():
    """A variational auto-encoder (Kingma and Welling, 2014)."""
    random = generator('vae')
    encoder, decoder = mlp(8, 4, inputs=5), mlp(8, 5, inputs=2, last='sigmoid')
    optimizer = keras.optimizers.Adam(1e-2)
    batch = {'x': uniform(random, 8, 5), 'noise': normal(random, 8, 2)}
    variables = encoder.trainable_variables + decoder.trainable_variables

    def step(given):
        mean, log_variance = torch.split(encoder(given['x']), 2, dim=1)
        decoded = decoder(mean + torch.exp(0.5 * log_variance) * given['noise'])
        reconstruction = keras.losses.binary_crossentropy(given['x'], decoded).mean()
        divergence = (-0.5 * (1 + log_variance - mean.square() - log_variance.exp())).sum(1).mean()
        loss = reconstruction + divergence
        optimizer.apply(gradients(loss, variables), variables)
        return {'loss': loss, 'reconstruction': reconstruction, 'divergence': divergence}

    return case('vae', {'encoder': encoder, 'decoder': decoder}, batch, step)


def distillation():
    """A student learns from targets and from a teacher's softened predictions (Hinton et al., 2015)."""
    random = generator('distillation')
    teacher, student = mlp(8, 4, inputs=5), mlp(3, 4, inputs=5)
    optimizer = keras.optimizers.Adam(1e-2)
    batch = {'x': normal(random, 8, 5), 'labels': random.integers(0, 4, (8, 1)).astype('int32')}

    def step(given):
        soft = torch.softmax(teacher(given['x']) / 3, dim=1).detach()
        logits = student(given['x'])
        hard = keras.losses.sparse_categorical_crossentropy(given['labels'], logits, from_logits=True).mean()
        softened = keras.losses.kl_divergence(soft, torch.softmax(logits / 3, dim=1)).mean() * 9
        loss = 0.1 * hard + 0.9 * softened
        optimizer.apply(gradients(loss, student.trainable_variables), student.trainable_variables)
        return {'loss': loss, 'studentLoss': hard, 'distillationLoss': softened}

    return case('distillation', {'teacher': teacher, 'student': student}, batch, step)


def contrastive():
    """Two views of each sample attract one another, all others repel (SimCLR: Chen et al., 2020)."""
    random = generator('contrastive')
    encoder = mlp(8, 4, inputs=5)
    optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
    batch = {'left': normal(random, 6, 5), 'right': normal(random, 6, 5)}

    def step(given):
        left, right = (ops.normalize(encoder(given[side]), axis=1) for side in ('left', 'right'))
        similar = left @ right.T / 0.1
        labels = torch.arange(6)
        loss = sum(keras.losses.sparse_categorical_crossentropy(labels, each, from_logits=True).mean() for each in (similar, similar.T)) / 2
        optimizer.apply(gradients(loss, encoder.trainable_variables), encoder.trainable_variables)
        return {'loss': loss}

    return case('contrastive', {'encoder': encoder}, batch, step)


def maml():
    """Model-agnostic meta-learning (Finn et al., 2017): the loss after a step of gradient descent, differentiated through that step."""
    random = generator('maml')
    model = mlp(8, 1, inputs=1)
    optimizer = keras.optimizers.Adam(1e-2)
    batch = {'support': normal(random, 6, 1), 'supportTargets': normal(random, 6, 1), 'query': normal(random, 6, 1), 'queryTargets': normal(random, 6, 1)}

    def step(given):
        weights = tensors(model.trainable_variables)
        first = ((model(given['support']) - given['supportTargets']) ** 2).mean()
        slopes = torch.autograd.grad(first, weights, create_graph=True)
        fast = [weight - 0.1 * slope for weight, slope in zip(weights, slopes)]
        predicted, _ = model.stateless_call(fast, [], given['query'])
        loss = ((predicted - given['queryTargets']) ** 2).mean()
        optimizer.apply(gradients(loss, model.trainable_variables), model.trainable_variables)
        return {'loss': loss, 'before': first}

    return case('maml', {'model': model}, batch, step)


def actor_critic():
    """rl/actor_critic_cartpole: one episode, whose actions and discounted returns are the batch."""
    random = generator('actor-critic')
    inputs = keras.Input((4,))
    common = layers.Dense(8, activation='relu')(inputs)
    network = keras.Model(inputs, [layers.Dense(2, activation='softmax')(common), layers.Dense(1)(common)])
    optimizer = keras.optimizers.Adam(1e-2)
    batch = {'states': normal(random, 9, 4), 'actions': random.integers(0, 2, (9, 1)).astype('int32'), 'returns': normal(random, 9, 1)}
    huber = keras.losses.Huber()

    def step(given):
        probabilities, values = network(given['states'])
        actor, critic = 0, 0
        for t in range(9):
            chosen, value, total = torch.log(probabilities[t, given['actions'][t, 0]]), values[t, 0], given['returns'][t, 0]
            actor = actor - chosen * (total - value)
            critic = critic + huber(total[None], value[None])
        loss = actor + critic
        optimizer.apply(gradients(loss, network.trainable_variables), network.trainable_variables)
        return {'loss': loss, 'actor': actor, 'critic': critic}

    return case('actor-critic', {'network': network}, batch, step)


def spectral():
    """A GAN with spectral normalization (Miyato et al., 2018): the critic's kernels and vectors change in each of its calls."""
    random = generator('spectral normalization')
    generator_net = mlp(6, 2, inputs=3)
    wrapped = [layers.SpectralNormalization(layers.Dense(8, activation='tanh'), power_iterations=2),
               layers.SpectralNormalization(layers.Dense(1))]
    critic = keras.Sequential([keras.Input((2,)), *wrapped])
    for_generator, for_critic = keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.05)
    batch = {'real': normal(random, 6, 2), 'noise': normal(random, 6, 6)}

    def step(given):
        for half in range(2):
            fake = generator_net(given['noise'][:, 3 * half:3 * half + 3]).detach()
            both = critic(torch.cat([given['real'], fake]), training=True)
            critic_loss = torch.relu(1 - both[:6]).mean() + torch.relu(1 + both[6:]).mean()
            for_critic.apply(gradients(critic_loss, critic.trainable_variables), critic.trainable_variables)
        loss = -critic(generator_net(given['noise'][:, 3:]), training=True).mean()
        for_generator.apply(gradients(loss, generator_net.trainable_variables), generator_net.trainable_variables)
        return {'criticLoss': critic_loss, 'loss': loss}

    return case('spectral normalization', {'generator': generator_net, 'critic': critic}, batch, step)


write('own-steps', cases=[wgan(), vae(), distillation(), contrastive(), maml(), actor_critic(), spectral()])
