// Where the channels of sequences and images are: an option of Keras that has one value here.

import type { Rule } from '../../errors'
import type { LayerOptions } from '../base/layer'
import type { OwnOptions } from '../options/ownOptions'

/** Options of layers that know which axis holds the channels. */
export interface DataFormatOptions extends LayerOptions {
  /** The channels are the last axis: the only layout there is, said for those who come from Keras. */
  readonly dataFormat?: 'channelsLast'
}

const channelsLast: Rule = {
  holds: [(value) => value === 'channelsLast', "'channelsLast' (permute() brings the channels to the end)"],
}

/** The options in {@link DataFormatOptions}. */
export const dataFormatOptions = {
  defaults: { dataFormat: 'channelsLast' },
  rules: { dataFormat: channelsLast },
} satisfies OwnOptions<DataFormatOptions>
