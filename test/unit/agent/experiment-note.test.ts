import { expect, test } from 'vitest';
import { experimentNote, mayReplaceNote } from '../../../src/agent/experiment-note.ts';
import { examplePlan } from '../../support/example-plan.ts';

const plan = examplePlan({ projectDirectory: '/projects/cells', storageDirectory: '/mnt/storage' });
const facts = {
  experimentName: plan.project.name,
  runsUrl: 'http://x/runs',
  chartsUrl: 'http://x/charts',
  primaryMetric: 'val_loss',
  isLowerBetter: true,
};

test('the note begins with a short heading and leads to the table and the charts', () => {
  const [heading, , links] = experimentNote(plan, facts).split('\n');
  expect(heading).toBe(`### Runs of ${plan.project.name}`);
  expect(links).toBe('[Table](http://x/runs) · [charts of the last runs](http://x/charts)');
});

test('it says which metric counts, and how to launch one more run in this experiment', () => {
  const note = experimentNote(plan, { ...facts, experimentName: "it's mine" });
  expect(note).toMatch(/^### Runs of it's mine\n/);
  expect(note).toContain('`val_loss`, the lower the better');
  expect(note).toContain(`slipway run . --experiment-name 'it'"'"'s mine'`);
  expect(experimentNote(plan, { ...facts, primaryMetric: null })).not.toContain('Look at first');
});

test('nothing of an experiment that is named so comes alive', () => {
  const note = experimentNote(plan, { ...facts, experimentName: '<img src=x> `a` [b](http://c)' });
  expect(note).toMatch(/^### Runs of &lt;img src=x&gt; \\`a\\` \\\[b\\\]\(http&#58;\/\/c\)\n/);
  expect(note).toContain("``slipway run . --experiment-name '<img src=x> `a` [b](http://c)'``");
});

test('a note of ours may be written anew, one that somebody has touched may not', () => {
  const note = experimentNote(plan, facts);
  expect([undefined, '', ' \n', note].map(mayReplaceNote)).toEqual([true, true, true, true]);
  const touched = [note.replace('Runs', 'Our runs'), `${note}\nAsk before you delete.`, 'Mine.', note.slice(0, -20)];
  expect(touched.map(mayReplaceNote)).toEqual([false, false, false, false]);
});
