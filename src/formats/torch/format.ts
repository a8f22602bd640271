// PyTorch's files among the formats: dicts of tensors, as torch.save writes them.
import type { Format } from '../format'
import { zipNames } from '../zip'

/** State dicts and checkpoints (.pt, .pth, .bin, .ckpt). */
export const torch: Format = {
  name: 'torch',
  what: "PyTorch's file of tensors (.pt)",
  matches: ({ bytes }) => zipNames(bytes).some((name) => /^[^/]*\/data\.pkl$/.test(name)),
  readTensors: async ({ where, bytes }) => {
    const [{ readTorch }, { openZip }] = await Promise.all([import('./read'), import('../zip')])
    return readTorch(openZip(where, bytes), bytes.length)
  },
}
