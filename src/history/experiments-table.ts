import type { Look } from '../report/look.ts';
import { tableLines } from '../report/table.ts';
import { formatAge } from '../util/format.ts';
import type { RecordedExperiment } from './list-experiments.ts';

/** Experiments as a table, one a line. */
export function experimentsTable(experiments: readonly RecordedExperiment[], nowMs: number, look: Look): string[] {
  return tableLines(
    [
      { title: 'experiment', minimum: 16 },
      { title: 'id', align: 'right' },
      { title: 'runs', align: 'right' },
      { title: 'last run', align: 'right' },
    ],
    experiments.map(({ name, experimentId, runs, lastRunAtMs, url }) => [
      { text: name, paint: (text) => look.link(look.paint.strong(text), url) },
      experimentId,
      String(runs),
      `${formatAge(nowMs - lastRunAtMs)} ago`,
    ]),
    look,
  );
}
