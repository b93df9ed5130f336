import { expect, test } from 'vitest';
import { containerOptions } from '../../../src/executors/container-options.ts';
import { describeContainer, describeProcess } from '../../../src/executors/describe-program.ts';
import { examplePlan } from '../../support/example-plan.ts';

test('a container is told with its mounts, limits and rights, and of its variables the names alone', () => {
  const plan = examplePlan({ projectDirectory: '/work/cells', storageDirectory: '/data', memoryMiB: 4096 });
  const environment = { API_TOKEN: 'hunter22', SLIPWAY_RUN_ID: plan.runId };
  const text = describeContainer(
    containerOptions(plan, { imageId: 'sha256:1', isStrict: true, environment }),
    'node train',
    true,
  );
  expect(text).toContain(`/storage (/data), /storage/mlflow (empty, read-only), /tmp (empty, 2048 MiB)`);
  expect(text).toContain("processors all, memory 4096 MiB, /dev/shm the engine's default, processes 256, GPUs none");
  expect(text).toContain('read-only root, no capabilities');
  expect(text).toContain('Command: node train\n');
  expect(text).toMatch(/^Variables: API_TOKEN, HOME, /m);
  expect(text).not.toContain('hunter22');
});

test('a process on the host is told without the values of its variables', () => {
  const text = describeProcess('/work/cells', 'node train', { TOKEN: 'hunter22', A: '1' });
  expect(text).toContain('Variables beside those of this shell: A, TOKEN');
  expect(text).not.toContain('hunter22');
});
