import type { EventSink } from '../events.ts';
import type { DetachedRun } from '../launch/index.ts';

/**
 * Answers with a run that was launched and is not watched: on standard output its id alone, or with `--json` one object;
 * on standard error how to come back to it.
 */
export function answerDetached({ runId, runName, runDirectory }: DetachedRun, isJson: boolean, sink: EventSink): void {
  const text = [
    `The run ${runName} goes on by itself. To watch it: \`slipway attach ${runId}\``,
    `its output: \`slipway logs -f ${runId}\``,
    `to stop it: \`slipway stop ${runId}\``,
  ].join('; ');
  sink({ timeMs: Date.now(), type: 'notice', text });
  process.stdout.write(`${isJson ? JSON.stringify({ runId, runName, runDirectory }) : runId}\n`);
}
