import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ViewFacts } from '../../../../src/mlflow/view/facts.ts';
import { nextSharedView, sharedViewForm } from '../../../../src/mlflow/view/shared-view.ts';
import { sha256 } from '../../../../src/util/sha256.ts';
import { random } from '../../../support/random-numbers.ts';

const facts: ViewFacts = {
  primaryMetric: 'val_auc',
  metrics: [
    'loss',
    'accuracy',
    'auc',
    'val_loss',
    'val_accuracy',
    'val_auc',
    'epoch_seconds',
    'batch/loss',
    'test_auc',
  ],
  params: { epochs: '3', data: 'synthetic', learning_rate: '1e-3', run_name: '' },
  varied: [],
  tags: ['image'],
};
const nothing: ViewFacts = { primaryMetric: null, metrics: [], params: {}, varied: [], tags: [] };

function stateOf(value: string | null): Record<string, never> {
  const text = (value ?? '').startsWith('{') ? (JSON.parse(value ?? '') as { state: string }).state : (value ?? '');
  return JSON.parse(inflateSync(Buffer.from(text.slice('deflate;'.length), 'base64')).toString('utf8'));
}

const written = (value: string | undefined, more: ViewFacts = facts) => nextSharedView(value, more, 'named', 5000);

describe('the shared view of an experiment', () => {
  it('shows the primary metric first and sorts by it, then the other measures, parameters and tags', () => {
    const { value, found } = nextSharedView(undefined, facts, 'state', 1000);
    expect(found).toBe('none');
    expect(stateOf(value)).toMatchObject({
      selectedColumns: [
        'metrics.`val_auc`',
        'metrics.`test_auc`',
        'metrics.`val_accuracy`',
        'metrics.`val_loss`',
        'attributes.`Duration`',
        'params.`epochs`',
        'params.`data`',
        'params.`learning_rate`',
        'params.`run_name`',
        'tags.`image`',
        'attributes.`Models`',
      ],
      orderByKey: 'metrics.`val_auc`',
      orderByAsc: false,
    });
  });

  it('tells beside the primary metric which run diverged', () => {
    const { value } = nextSharedView(undefined, { ...facts, tags: ['image', 'diverged'] }, 'state', 0);
    expect((stateOf(value).selectedColumns as unknown as string[]).indexOf('tags.`diverged`')).toBe(4);
    const varied = nextSharedView(undefined, { ...facts, varied: ['epochs'], tags: ['diverged'] }, 'state', 0);
    const [, , third, fourth] = stateOf(varied.value).selectedColumns as unknown as string[];
    expect([third, fourth]).toEqual(['tags.`diverged`', 'params.`epochs`']);
  });

  it('sorts a loss the other way round, and by time where there is no metric', () => {
    const byLoss = nextSharedView(undefined, { ...facts, primaryMetric: 'val_loss' }, 'state', 0);
    expect(stateOf(byLoss.value)).toMatchObject({ orderByKey: 'metrics.`val_loss`', orderByAsc: true });
    expect(stateOf(nextSharedView(undefined, nothing, 'state', 0).value)).toMatchObject({
      orderByKey: 'attributes.`Created`',
      orderByAsc: false,
    });
  });

  it('draws training and validation into one chart a measure, test metrics as bars, and what differs', () => {
    const state = stateOf(nextSharedView(undefined, facts, 'state', 0).value);
    const charts = (state.compareRunCharts as unknown as object[]).map((chart) => {
      const { type, metricKey, selectedMetricKeys, selectedParams } = chart as Record<string, unknown>;
      return [type, selectedMetricKeys ?? selectedParams ?? metricKey];
    });
    expect(charts).toEqual([
      ['LINE', ['auc', 'val_auc']],
      ['LINE', ['accuracy', 'val_accuracy']],
      ['LINE', ['loss', 'val_loss']],
      ['BAR', 'test_auc'],
      ['DIFFERENCE', undefined],
      ['PARALLEL', ['epochs', 'learning_rate']],
    ]);
  });

  it('has no more axes than have room for their names side by side', () => {
    const axesOf = (...names: string[]) => {
      const params = Object.fromEntries(names.map((name) => [name, '1']));
      const state = stateOf(nextSharedView(undefined, { ...nothing, metrics: ['val_auc'], params }, 'state', 0).value);
      const charts = state.compareRunCharts as unknown as { type: string; selectedParams: string[] }[];
      return charts.find(({ type }) => type === 'PARALLEL')?.selectedParams;
    };
    const usual = ['epochs', 'convolutions', 'learning_rate', 'training_samples', 'validation_samples', 'seed'];
    expect(axesOf(...usual)).toEqual(['epochs', 'convolutions', 'learning_rate']);
    expect(axesOf('a', 'b', 'c', 'd', 'e', 'f', 'g')).toHaveLength(5);
    // MLflow itself cuts names that are longer than this.
    expect(axesOf('x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200))).toHaveLength(2);
  });

  it('is written as a named view for the servers that list those, and as a bare state for others', () => {
    expect(JSON.parse(nextSharedView(undefined, facts, 'named', 1000).value ?? '')).toMatchObject({
      name: 'Slipway',
      createdAt: 1000,
      updatedAt: 1000,
    });
    expect(['2.22.2', '3.6.0', '3.14.9', null, 'nonsense'].map(sharedViewForm)).toEqual(Array(5).fill('state'));
    expect(['3.15.0', '3.17.2', '4.0.0'].map(sharedViewForm)).toEqual(Array(3).fill('named'));
  });

  it('stays as it is where nothing is new, keeps what it knew, and takes in what is', () => {
    const { value } = nextSharedView(undefined, facts, 'named', 1000);
    expect(written(value!)).toEqual({ value: null, found: 'ours' });
    expect(written(value!, nothing)).toEqual({ value: null, found: 'ours' });
    const next = written(value!, { ...nothing, metrics: ['val_f1'], params: { dropout: '0.5' } });
    expect(JSON.parse(next.value ?? '')).toMatchObject({ createdAt: 1000, updatedAt: 5000 });
    const columns = stateOf(next.value).selectedColumns as unknown as string[];
    expect(columns).toEqual(expect.arrayContaining(['metrics.`val_f1`', 'metrics.`test_auc`', 'params.`dropout`']));
  });

  it('shows the parameters in which runs differ before the others, and as the only axes', () => {
    const { value } = nextSharedView(undefined, facts, 'named', 1000);
    const next = written(value!, { ...facts, params: { ...facts.params, learning_rate: '0.01', data: 'cells.zip' } });
    const state = stateOf(next.value);
    const all = state.selectedColumns as unknown as string[];
    // What came of it, what was changed, and then the rest: a laptop's screen shows the first.
    expect(all.slice(0, 5)).toEqual([
      ...[
        'metrics.`val_auc`',
        'metrics.`test_auc`',
        'params.`data`',
        'params.`learning_rate`',
        'metrics.`val_accuracy`',
      ],
    ]);
    const params = all.filter((column) => column.startsWith('params'));
    expect(params).toEqual(['data', 'learning_rate', 'epochs', 'run_name'].map((name) => `params.\`${name}\``));
    expect(state.compareRunCharts as unknown as object[]).toContainEqual(
      expect.objectContaining({ type: 'PARALLEL', selectedParams: ['learning_rate'] }),
    );
  });

  it('takes the other form when the server has become a newer one', () => {
    const { value } = nextSharedView(undefined, facts, 'state', 1000);
    const next = written(value!);
    expect(next.found).toBe('ours');
    expect(stateOf(next.value)).toEqual(stateOf(value));
  });

  it('is drawn anew where an earlier version drew it and remembered other things', () => {
    const state = { selectedColumns: ['metrics.`loss`'], orderByAsc: true };
    const old = { columns: ['loss'] };
    const digest = sha256(JSON.stringify({ ...state, facts: old })).slice(0, 16);
    const text = JSON.stringify({ ...state, slipway: { facts: old, digest } });
    const next = written(text);
    expect(next.found).toBe('ours');
    expect(stateOf(next.value).selectedColumns as unknown as string[]).toContain('metrics.`val_auc`');
  });

  it('is left alone once somebody has edited it', () => {
    const { value } = nextSharedView(undefined, facts, 'named', 1000);
    const { slipway, ...state } = stateOf(value);
    const edits = [
      { ...state, selectedColumns: ['metrics.`loss`'] },
      { ...state, slipway, searchFilter: 'params.epochs = "3"' },
    ].map((edited) => JSON.stringify(edited));
    const named = JSON.stringify({ name: 'Ours', createdAt: 1, updatedAt: 2, state: edits[0] });
    const renamed = JSON.stringify({ ...(JSON.parse(value!) as object), name: 'Ours' });
    const packed = `deflate;${deflateSync(edits[1] ?? '').toString('base64')}`;
    for (const text of [...edits, named, renamed, packed])
      expect(written(text)).toEqual({ value: null, found: 'edited' });
  });

  it.each([
    '{"name":"Mine","state":"{\\"selectedColumns\\":[\\"metrics.`loss`\\"]}"}',
    '{"name":"Mine","createdAt":"2031-01-01","state":"{\\"columns\\":[]}"}',
    '{"name":"Mine","createdAt":1,"state":"gzip;H4sIAAAA"}',
    '{"view":{"version":4}}',
    '{"selectedColumns":3}',
    '[]',
    `gzip;${gzipSync('{"selectedColumns":[]}').toString('base64')}`,
    `deflate;${deflateSync('{"columns":["metrics.`loss`"]}').toString('base64')}`,
  ])('is left alone where somebody saved it in a form that is not known: %s', (text) => {
    expect(written(text)).toEqual({ value: null, found: 'edited' });
  });

  it("is left alone where it is Slipway's own in a form that is not known", () => {
    const { value } = nextSharedView(undefined, facts, 'named', 1000);
    const { createdAt: _, ...rest } = JSON.parse(value!) as { createdAt: number; state: string };
    expect(written(JSON.stringify(rest))).toEqual({ value: null, found: 'edited' });
  });

  it('keeps its form where the server does not tell which one it reads, and is a bare state where it is new', () => {
    for (const form of ['state', 'named'] as const) {
      const { value } = nextSharedView(undefined, facts, form, 1000);
      expect(nextSharedView(value!, facts, null, 5000)).toEqual({ value: null, found: 'ours' });
      const next = nextSharedView(value!, { ...facts, metrics: ['val_f1'] }, null, 5000);
      expect(next.value?.startsWith('{')).toBe(form === 'named');
    }
    expect(nextSharedView(undefined, facts, null, 0).value).toMatch(/^deflate;/);
  });

  it.each([
    '',
    'nonsense',
    'not a view; nor anything else',
    '{"selectedColumns":',
    'deflate;AAAA',
    `deflate;${deflateSync('no JSON').toString('base64')}`,
    `deflate;${deflateSync(Buffer.alloc(8 * 1024 * 1024)).toString('base64')}`,
  ])('is replaced where nothing can read it: %.40s', (text) => {
    expect(written(text)).toMatchObject({ found: 'broken', value: expect.stringContaining('"name":"Slipway"') });
  });

  it('fits into the tag of every server, however many and long the keys are', () => {
    const next = random(1);
    const key = () => Array.from({ length: 25 }, () => next().toString(36).slice(2)).join('');
    const many = Array.from({ length: 100 }, () => key().slice(0, 200));
    const large: ViewFacts = { ...facts, metrics: many, params: Object.fromEntries(many.map((name) => [name, '1'])) };
    for (const form of ['state', 'named'] as const) {
      const { value } = nextSharedView(undefined, large, form, 0);
      expect(value?.length).toBeLessThanOrEqual(form === 'state' ? 5000 : 20_000);
      expect(stateOf(value).orderByKey).toBe('metrics.`val_auc`');
    }
  });
});
