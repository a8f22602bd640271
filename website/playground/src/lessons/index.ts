// The lessons, in the order in which one learns.
import type { Facts } from '../page/store'
import type { CellName } from '../state/state'
import { tasks } from '../tasks'
import { cellOf, flowOf, type Lesson, recentLoss, scoreOf } from './lesson'

export type { Goal, Lesson } from './lesson'

const vanish: Lesson = {
  name: 'vanish',
  title: 'Where memories go',
  text: [
    'A recurrent network learns by carrying the error back, step by step. At each step the gradient is multiplied by the recurrent kernel. The bars under “Back through time” show what is left of it: at the right the last step, at the left the first.',
    'This simpleRNN shall say a bit again 20 steps later. As it begins, hardly anything of the gradient gets that far.',
  ],
  begin: { task: 'echo', length: 20, cells: ['simpleRNN'], cell: 'simpleRNN', gain: 0.7, units: 16 },
  goals: [
    {
      says: 'Before you train: bring the factor of a step above 0.98. (What does the recurrent kernel begin with?)',
      isMet: (facts) => facts.state.steps === 0 && (flowOf(facts)?.factor ?? 0) > 0.98,
    },
    {
      says: 'Train for 300 steps, and keep the gradient from vanishing.',
      isMet: (facts) => facts.state.steps >= 300 && flowOf(facts)?.verdict === 'healthy',
    },
  ],
  end: 'A kernel whose singular values are near 1 neither shrinks nor stretches the gradient. That is why recurrent kernels begin orthogonal.',
  question: 'What is left of a gradient after 20 steps with a factor of 0.7? And of 0.98?',
}

const explode: Lesson = {
  name: 'explode',
  title: 'Make it explode, then tame it',
  text: [
    'The opposite of vanishing: a factor above 1, to the power of the number of steps. With relu there is nothing that holds the state back, and one unlucky batch throws the weights away.',
    'Here a simpleRNN with relu adds two numbers with plain gradient descent, without any clipping.',
  ],
  begin: {
    task: 'adding',
    length: 40,
    cells: ['simpleRNN'],
    cell: 'simpleRNN',
    activation: 'relu',
    optimizer: 'sgd',
    rate: 0.01,
    clipping: 'none',
    units: 16,
  },
  goals: [
    {
      says: 'Make the gradient explode: the verdict says so. (Let the recurrent kernel begin with more.)',
      isMet: (facts) => flowOf(facts)?.verdict === 'exploding',
    },
    {
      says: 'Train, until the loss is not finite any more or a hundred times what it is without a memory.',
      isMet: (facts) =>
        cellOf(facts)?.last?.failed !== undefined ||
        (facts.state.steps > 0 && recentLoss(facts) > 100 * (tasks[facts.state.task].guess(facts.state.length) ?? 1)),
    },
    {
      says: 'Clip the gradients, with the same kernel, and train for 200 steps. Something has to be cut, and the loss has to stay finite.',
      isMet: (facts) =>
        facts.state.clipping !== 'none' &&
        facts.state.steps >= 200 &&
        (cellOf(facts)?.last?.clippedShare ?? 0) > 0.05 &&
        cellOf(facts)?.last?.failed === undefined,
    },
  ],
  end: 'Clipping keeps the direction of the gradient and takes its length. It costs nothing where nothing explodes, and it helps nothing where gradients vanish.',
  question: 'Why is there no way to mend a vanishing gradient by making it longer?',
}

const gate: Lesson = {
  name: 'gate',
  title: 'Open the forget gate',
  text: [
    'An LSTM carries a cell from step to step by adding to it. What a step keeps of it is its forget gate f, a number between 0 and 1: so going back a step multiplies the gradient by about f.',
    'This one was made without the usual forget bias: its gates begin half shut, at σ(0) = 0.5. Look at the heat map of f.',
  ],
  begin: { task: 'adding', length: 24, cells: ['lstm'], cell: 'lstm', forgetBias: false, units: 16, rate: 0.01 },
  goals: [
    {
      says: 'Let it begin with a longer memory: a factor above 0.85 before you train. (One knob is not enough, the other one is named after time.)',
      isMet: (facts) => facts.state.steps === 0 && (flowOf(facts)?.factor ?? 0) > 0.85,
    },
    {
      says: 'Train until it explains 90 % of the sums (R² above 0.9).',
      isMet: (facts) => facts.state.task === 'adding' && scoreOf(facts) > 0.9,
    },
    {
      says: 'Point at a step that is marked, and read in the formula how much of the input is written there: i above 0.5 in some unit.',
      isMet: ({ seen, state }) => {
        if (seen === undefined || seen.cell !== 'lstm' || state.task !== 'adding') return false
        const isMarked = seen.x[seen.at.step * seen.features + 1] > 0.5
        const gates = seen.parts.find(({ name }) => name === 'inputGate')
        return isMarked && (gates?.values[seen.at.unit * seen.steps + seen.at.step] ?? 0) > 0.5
      },
    },
  ],
  end: 'The gates are open to keep and shut to write, but for the two marked steps. That is a memory, and nobody told it how.',
  question: 'What does the network do with the steps that are not marked?',
}

const race: Lesson = {
  name: 'race',
  title: 'Who wins?',
  text: [
    'Three cells, the same seed, the same sequences. Bet on one before you press the button: which will have the lowest loss after 400 steps?',
    'There is no best cell. It depends on what has to be remembered, and for how long.',
  ],
  begin: { task: 'adding', length: 16, cells: ['simpleRNN', 'gru', 'lstm'], cell: 'lstm', units: 16 },
  goals: [
    {
      says: 'Train for 400 steps, and then choose the card of the winner.',
      isMet: (facts) => facts.state.steps >= 400 && facts.state.cells.length >= 3 && facts.state.cell === winner(facts),
    },
    {
      says: 'Now let the simpleRNN win: find a task or knobs with which it is the best after 200 steps, and choose its card.',
      isMet: (facts) =>
        facts.state.steps >= 200 &&
        facts.state.cells.length >= 3 &&
        facts.state.cell === 'simpleRNN' &&
        winner(facts) === 'simpleRNN',
    },
  ],
  end: 'Gates help where something must be kept untouched for long. Where every step has to be carried on, a plain state may do better.',
  question: 'What would be a fair race: as many units, as many weights, or as much time?',
}

const winner = (facts: Facts): CellName =>
  [...facts.state.cells].sort((a, b) => recentLoss(facts, a) - recentLoss(facts, b))[0]

const depends: Lesson = {
  name: 'depends',
  title: 'What is it looking at?',
  text: [
    'The gradient of an output by the inputs says which steps it depends on. Above the heat maps there is a strip with it: the taller a bar, the more a change of that input would change the output you point at.',
    'An echo after 6 steps should look back at exactly one step. Does it?',
  ],
  begin: { task: 'echo', length: 6, cells: ['simpleRNN'], cell: 'simpleRNN', units: 16 },
  goals: [
    {
      says: 'Train until at least 95 % of the echoes are right.',
      isMet: (facts) => facts.state.task === 'echo' && scoreOf(facts) > 0.95,
    },
    {
      says: 'Point at an output that depends most on the input it has to echo: six steps before.',
      isMet: ({ seen, state }) => {
        if (seen === undefined || state.task !== 'echo' || seen.trained === 0) return false
        const strongest = seen.depends.indexOf(Math.max(...seen.depends))
        return seen.at.step >= state.length && strongest === seen.at.step - state.length
      },
    },
    {
      says: 'Go back through training to a moment when it did not know yet where to look.',
      isMet: ({ seen, state }) => {
        if (seen === undefined || state.moment < 0 || seen.at.step < state.length) return false
        return seen.depends.indexOf(Math.max(...seen.depends)) !== seen.at.step - state.length
      },
    },
  ],
  end: 'A network that has learnt the task depends on the right input; one that has not looks at what was last.',
  question: 'Does a large gradient mean that the network uses an input well?',
}

const poke: Lesson = {
  name: 'poke',
  title: 'Change its mind',
  text: [
    'Odd or even: a network that counts needs one bit of memory. It has many more numbers, and yet the bit must be in there somewhere.',
    'Under “Poke” you can set one of its hidden values after a step by hand. All that follows is computed from it.',
  ],
  begin: { task: 'parity', length: 10, cells: ['gru'], cell: 'gru', units: 8, rate: 0.02 },
  goals: [
    {
      says: 'Train until at least 95 % are right.',
      isMet: (facts) => facts.state.task === 'parity' && scoreOf(facts) > 0.95,
    },
    {
      says: 'Poke one value so that the network says the wrong thing at three steps or more. (Try other units, and a step in the middle.)',
      isMet: ({ seen, state }) => {
        if (seen === undefined || seen.at.poke === undefined || state.task !== 'parity') return false
        return seen.target.filter((wanted, t) => wanted > 0.5 !== seen.output[t] > 0.5).length >= 3
      },
    },
  ],
  end: 'You have found units that hold the bit. Some errors go on to the end: a counter that is wrong stays wrong.',
  question: 'Why do some pokes fade away, and others never?',
}

const write: Lesson = {
  name: 'write',
  title: 'Let it write',
  text: [
    'A network that guesses the next character can write: its guess becomes its next input. The temperature says how it chooses: at 0 it takes the likeliest character always, at 1 it draws as likely as it believes, above that it grows bolder.',
  ],
  begin: { task: 'text', length: 40, cells: ['gru'], cell: 'gru', units: 48, rate: 0.01 },
  goals: [
    {
      says: 'Train until the loss is below 2.2: about nine equally likely characters are left of all.',
      isMet: (facts) => facts.state.task === 'text' && recentLoss(facts) < 2.2,
    },
    { says: 'Let it write at temperature 0.', isMet: (facts) => facts.written.length > 80 && facts.temperature === 0 },
    {
      says: 'Let it write at a temperature of 1.5 or more.',
      isMet: (facts) => facts.written.length > 80 && facts.temperature >= 1.5,
    },
  ],
  end: 'At 0 it runs in circles; too hot, it stammers. What people call style is somewhere between.',
  question: 'Why does the likeliest text make such a dull one?',
}

export const lessons: readonly Lesson[] = [vanish, explode, gate, race, depends, poke, write]
