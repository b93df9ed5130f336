import type { TopLevelSpec } from 'vega-lite';
import { printable, wrapWords } from '../text.ts';
import type { Chart } from './chart.ts';
import { chartConfiguration, colours } from './look.ts';

const width = 440;
const fontSize = 13;

/** A picture that says in words why there is nothing to draw. The data file stays what it is. */
export function sentenceChart(chart: Omit<Chart, 'specification'>, title: string, sentence: string): Chart {
  const lines = wrapWords(sentence, width, fontSize, 20);
  const specification = {
    title,
    description: `${title}: ${printable(sentence)}`,
    width,
    height: 24 + 18 * lines.length,
    data: { name: 'table' },
    // One mark, whatever the data: it may hold any number of rows, or none.
    layer: [
      {
        data: { values: [{}] },
        mark: {
          type: 'text',
          text: lines,
          x: 0,
          y: 12,
          align: 'left',
          baseline: 'top',
          fontSize,
          lineHeight: 18,
          color: colours.ink,
        },
      },
    ],
    config: chartConfiguration,
  };
  return { ...chart, specification: specification as unknown as TopLevelSpec };
}
