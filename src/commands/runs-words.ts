import type { RecordedRun } from '../history/index.ts';
import { canBeTyped } from '../report/printable-texts.ts';
import { optionWords } from '../util/option-words.ts';

/** Options that choose the runs of a list, and its order. */
const choosing = ['experiment', 'sort', 'filter'] as const;

/** The words that list more of the same runs: what was given is given again. */
export function moreWords(given: Readonly<Record<string, unknown>>, limit: number): string[] {
  return [
    'runs',
    ...choosing.flatMap((option) => {
      const value = given[option];
      return typeof value === 'string' && value !== '' ? optionWords(option, value) : [];
    }),
    ...(given.all === true ? ['--all'] : []),
    ...optionWords('limit', String(limit)),
  ];
}

/** The words that show all about a run: by its name, where that can be typed. */
export function showWords({ runName, mlflowRunId }: Pick<RecordedRun, 'runName' | 'mlflowRunId'>): string[] {
  return ['runs', 'show', canBeTyped(runName) ? runName : mlflowRunId];
}
