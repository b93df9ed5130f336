import { expect, test } from 'vitest';
import { runNote } from '../../../src/agent/run-note.ts';
import { tagsAtCreation, tagsOfImage } from '../../../src/agent/run-tags.ts';
import { packageRoot } from '../../../src/util/package-root.ts';
import { examplePlan } from '../../support/example-plan.ts';

const image = { name: 'cells:aaaaaaaaaaaa', id: `sha256:${'1'.repeat(64)}` };

test('a run has the tags mlflow run sets, and its own id', () => {
  const plan = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
  expect(tagsAtCreation(plan)).toMatchObject({
    'mlflow.user': plan.owner.name,
    'mlflow.source.type': 'PROJECT',
    'mlflow.project.entryPoint': plan.project.entryPoint,
    'mlflow.project.backend': 'local',
    'slipway.id': plan.runId,
  });
});

test('outside git no tag speaks of a commit', () => {
  const plan = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
  const source = { commit: null, branch: null, repositoryUrl: null, dirty: false, treeHash: 'abc' };
  const keys = Object.keys(tagsAtCreation({ ...plan, source }));
  expect(keys.filter((key) => /git/.test(key))).toEqual([]);
});

test('the image is named in MLflow’s tags and in the note', () => {
  const plan = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
  const tags = tagsOfImage(plan, image);
  expect(tags).toMatchObject({ 'mlflow.docker.image.uri': image.name, 'mlflow.docker.image.id': image.id });
  expect(tags['mlflow.note.content']).toContain(image.name);
});

test('the note tells how the run ended, on what it was trained, and that it diverged', () => {
  const plan = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
  const result = {
    status: 'FAILED',
    exitCode: 3,
    reason: 'the program exited with code 3\nmore',
    durationMs: 62_000,
  } as const;
  const tags = { threads: '4', device: 'CPU', diverged: 'epoch 2: loss is NaN' };
  const note = runNote(plan, { image, tags, result });
  expect(note).toContain('- FAILED with exit code 3 after 1 min 02 s: the program exited with code 3\n');
  expect(note).toContain('- **Diverged** in epoch 2: loss is NaN\n');
  expect(note).toMatch(/- GPU: .*; trained on: CPU\n- Machine: `.*`, 4 threads\n/);
  expect(runNote(plan, { image: null, tags: {}, result })).toContain('- Image: none was made\n');
});

test('nothing that others named comes alive in the note', () => {
  const plan = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
  const project = { ...plan.project, name: '<img src=x onerror=alert(1)>', entryPoint: 'a`b' };
  const source = { ...plan.source, branch: '``x' };
  const result = { status: 'FAILED', exitCode: 1, reason: 'it said <b>*x*</b>', durationMs: 1000 } as const;
  const tags = { threads: '<u>', device: '[cpu](http://c)', diverged: '**all**' };
  const parameters = { text: '\n```\n<script>' };
  const note = runNote({ ...plan, project, source, parameters }, { image, tags, result });
  expect(note).toContain('**&lt;img src=x onerror=alert(1)&gt;**, entry point ``a`b``');
  expect(note).toContain('branch ``` ``x ```');
  expect(note).toContain(': it said &lt;b&gt;\\*x\\*&lt;/b&gt;\n');
  expect(note).toContain('in \\*\\*all\\*\\*\n');
  expect(note).toContain('trained on: \\[cpu\\](http&#58;//c)\n');
  expect(note).toContain('&lt;u&gt; threads');
  expect(note).toMatch(/\n````sh\n[\s\S]*<script>' \\\n {2}--pids-limit 256\n````$/);
});

test('the note gives the command that has the run again, a parameter a line, quoted for a shell', () => {
  const plan = {
    ...examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' }),
    parameters: { text: "it's $(id)", run_name: '' },
    gpus: 'all',
  };
  const quoted = `'text=it'"'"'s $(id)'`;
  expect(runNote(plan, { image: null, tags: {}, result: null })).toContain(
    `slipway run . \\\n  -P ${quoted} \\\n  --gpus all \\\n  --pids-limit 256\n`,
  );
});

test('in a clone of Slipway itself the launcher is the one of the clone', () => {
  const plan = examplePlan({ projectDirectory: packageRoot(), storageDirectory: '/mnt/storage' });
  expect(runNote(plan, { image, tags: {}, result: null })).toContain('\nbin/slipway run .');
});
