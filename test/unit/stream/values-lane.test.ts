import { afterEach, expect, it, vi } from 'vitest';
import type { Batch, MlflowClient } from '../../../src/mlflow/index.ts';
import { RunLogAppender } from '../../../src/runlog/index.ts';
import { RunStream } from '../../../src/stream/index.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

afterEach(() => vi.restoreAllMocks());

it('goes on sending values where the clock is set back', async () => {
  await using folder = await temporaryDirectory();
  const sent: number[] = [];
  const client = {
    logBatch: async (_: string, { metrics = [] }: Batch) => void sent.push(...metrics.map(({ step }) => step)),
  } as unknown as MlflowClient;
  const of = {
    mlflowRunId: 'run',
    experimentId: '1',
    artifactUri: 'mlflow-artifacts:/1/run/artifacts',
    knownParams: {},
  };
  const stream = new RunStream({ runDirectory: folder.path, client, ...of });
  const log = RunLogAppender.open(folder.path, 'trainer');
  stream.start();
  log.metric('loss', 0.5, 1, { timeMs: 1 });
  await vi.waitFor(() => expect(sent).toEqual([1]), { timeout: 10_000 });
  vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
  log.metric('loss', 0.4, 2, { timeMs: 2 });
  await vi.waitFor(() => expect(sent).toEqual([1, 2]), { timeout: 10_000 });
  log.close();
  await stream.close();
});
