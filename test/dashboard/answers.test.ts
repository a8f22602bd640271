// Predictions against truth, worked out by hand.
import { expect, test } from 'vitest'
import { tensor, zeros } from '../../src'
import { answersOf } from '../../src/dashboard/look/answers'
import { colorPicture, pictureOf, stripsOf } from '../../src/dashboard/look/pictures'

const x = zeros([4, 3])

test('classes by number, of shares: which was taken for which, and what is most wrong', () => {
  const predicted = tensor([
    [0.9, 0.1],
    [0.2, 0.8],
    [0.7, 0.3],
    [0.6, 0.4],
  ])
  const answers = answersOf({ x, y: tensor([0, 1, 1, 0]), predicted })
  expect(answers).toMatchObject({
    kind: 'classes',
    confusion: [
      [2, 0],
      [1, 1],
    ],
    samples: 4,
  })
  expect(answers?.wrong.map(({ sample }) => sample)).toEqual([2, 3, 1, 0])
  expect(answers?.wrong[0]).toMatchObject({ truth: '1', predicted: '0', loss: expect.closeTo(-Math.log(0.3), 5) })
})

test('the same as one-hot rows and logits, with names', () => {
  const predicted = tensor([
    [5, -5],
    [-5, 5],
    [2, 0],
    [0, 0.1],
  ])
  const y = tensor([
    [1, 0],
    [0, 1],
    [0, 1],
    [0, 1],
  ])
  const answers = answersOf({ x, y, predicted, classes: ['no', 'yes'] })
  expect(answers).toMatchObject({
    classes: ['no', 'yes'],
    confusion: [
      [1, 0],
      [1, 2],
    ],
  })
  expect(answers?.wrong[0]).toMatchObject({ sample: 2, truth: 'yes', predicted: 'no' })
  expect(answers?.wrong[0].loss).toBeCloseTo(Math.log(1 + Math.exp(2)), 5)
})

test('two classes by one number: a share, or a logit', () => {
  const y = tensor([[0], [1], [1], [0]])
  const shares = answersOf({ x, y, predicted: tensor([[0.1], [0.9], [0.4], [0.2]]) })
  expect(shares).toMatchObject({
    kind: 'classes',
    confusion: [
      [2, 0],
      [1, 1],
    ],
  })
  const logits = answersOf({ x, y, predicted: tensor([[-3], [3], [-0.5], [0.2]]) })
  expect(logits).toMatchObject({
    confusion: [
      [1, 1],
      [1, 1],
    ],
  })
})

test('classes of every step of sequences', () => {
  const predicted = tensor([
    [
      [0.9, 0.1],
      [0.9, 0.1],
    ],
    [
      [0.2, 0.8],
      [0.2, 0.8],
    ],
  ])
  const answers = answersOf({
    x: zeros([2, 2, 1]),
    y: tensor([
      [0, 1],
      [1, 1],
    ]),
    predicted,
  })
  expect(answers).toMatchObject({
    confusion: [
      [1, 0],
      [1, 2],
    ],
    samples: 2,
  })
  expect(answers?.wrong[0]).toMatchObject({ sample: 0, truth: '1', predicted: '0' })
})

test('numbers, the one that is not finite first', () => {
  const answers = answersOf({ x, y: tensor([[1], [2], [3], [4]]), predicted: tensor([[1], [4], [Number.NaN], [4.5]]) })
  expect(answers).toMatchObject({ kind: 'numbers', truth: [1, 2, 3, 4], predicted: [1, 4, null, 4.5] })
  expect(answers?.wrong.map(({ sample, loss }) => [sample, loss])).toEqual([
    [2, null],
    [1, 4],
    [3, 0.25],
    [0, 0],
  ])
})

test('what cannot be compared has no answers', () => {
  expect(answersOf({ x, y: zeros([4, 3]), predicted: zeros([4, 2]) })).toBeUndefined()
  expect(answersOf({ x, y: zeros([3, 1]), predicted: zeros([4, 1]) })).toBeUndefined()
})

test('texts as whole numbers are shown as they are', () => {
  const words = tensor(Int32Array.of(7, 3, 9, 1)).reshape([2, 2])
  const answers = answersOf({ x: words, y: tensor([[0.5], [1.5]]), predicted: tensor([[0.5], [0]]) })
  expect(answers?.wrong[0]).toMatchObject({ sample: 1, says: '9 1' })
  expect(answers?.wrong[0].picture).toBeUndefined()
})

test('pictures: means of blocks, 0 in the middle, strips of features, colours', () => {
  const most = { rows: 2, columns: 2 }
  expect(pictureOf([1, 1, -2, -2, 1, 1, -2, -2, 0, 0, 2, 2, 0, 0, 2, 2], 4, 4, most)).toMatchObject({
    rows: 2,
    columns: 2,
    signed: true,
    least: -2,
    greatest: 2,
    bytes: [191, 0, 128, 255],
  })
  expect(stripsOf([0, 100, 1, 300, 2, 200], 3, 2, { rows: 9, columns: 9 })).toMatchObject({
    rows: 2,
    columns: 3,
    bytes: [0, 128, 255, 0, 255, 128],
  })
  expect(colorPicture([1, 0.5, 0], 1, 1)).toMatchObject({ channels: 3, bytes: [255, 128, 0] })
  expect(colorPicture([255, 128, 0], 1, 1).bytes).toEqual([255, 128, 0])
})
