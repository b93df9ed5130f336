import { describe, expect, it } from 'vitest';
import { filterClause, listRuns } from '../../../src/history/list-runs.ts';
import { MlflowClient } from '../../../src/mlflow/index.ts';
import { startHttpServer } from '../../support/http-server.ts';

const never = new AbortController().signal;
const query = { experimentId: '1', limit: 20, includesDeleted: false, sort: null, filter: null };

/** A server with so many runs, which answers a search page by page, and what it was asked. */
async function serverWith(count: number) {
  const asked: Record<string, unknown>[] = [];
  const server = await startHttpServer((request) => {
    const body = JSON.parse(request.body.toString()) as { max_results: number; page_token?: string };
    asked.push(body);
    const start = Number(body.page_token ?? 0);
    const end = Math.min(count, start + body.max_results);
    const runs = Array.from({ length: end - start }, (_, index) => ({
      info: { run_id: `run-${start + index}`, experiment_id: '1', run_name: `n${start + index}`, status: 'FINISHED' },
    }));
    return { runs, next_page_token: end < count ? String(end) : '' };
  });
  const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
  return {
    asked,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('listing runs', () => {
  it('asks for one page of what is wanted, and one run more, which tells whether there are others', async () => {
    await using many = await serverWith(10_000);
    const list = await listRuns(many.client, query, never);
    expect(list.runs).toHaveLength(20);
    expect(list.hasMore).toBe(true);
    expect(many.asked).toEqual([expect.objectContaining({ max_results: 21, run_view_type: 'ACTIVE_ONLY' })]);
    await using few = await serverWith(20);
    expect(await listRuns(few.client, query, never)).toMatchObject({ hasMore: false });
  });

  it('asks for more than a thousand page by page, and stops where it has enough', async () => {
    await using many = await serverWith(10_000);
    const { runs, hasMore } = await listRuns(many.client, { ...query, limit: 2500 }, never);
    expect(runs.map(({ mlflowRunId }) => mlflowRunId).at(-1)).toBe('run-2499');
    expect(hasMore).toBe(true);
    expect(many.asked.map(({ page_token }) => page_token)).toEqual([undefined, '1000', '2000']);
  });

  it('sorts by a metric in the direction that is better', async () => {
    await using few = await serverWith(1);
    await listRuns(few.client, { ...query, sort: 'val_loss', includesDeleted: true }, never);
    await listRuns(few.client, { ...query, sort: 'val_auc' }, never);
    expect(few.asked.map(({ order_by }) => (order_by as string[])[0])).toEqual([
      'metrics.`val_loss` ASC',
      'metrics.`val_auc` DESC',
    ]);
    expect(few.asked[0]).toMatchObject({ run_view_type: 'ALL' });
    await expect(listRuns(few.client, { ...query, sort: 'a`b' }, never)).rejects.toThrow(/no backtick/);
  });

  it('says what the server does not understand of a filter, with an example', async () => {
    const message = "Invalid attribute key 'bogus' specified";
    await using server = await startHttpServer(() => [400, { error_code: 'INVALID_PARAMETER_VALUE', message }]);
    const client = new MlflowClient({ trackingUri: server.uri, environment: {} });
    await expect(listRuns(client, { ...query, filter: 'bogus = 3' }, never)).rejects.toMatchObject({
      message: `The filter "bogus = 3" is not understood by the tracking server: ${message}.`,
      hint: expect.stringContaining('--filter "metrics.val_auc > 0.9 and params.epochs = \'3\'"'),
      exitCode: 64,
    });
    await client.close();
  });
});

describe('a filter', () => {
  it.each([
    ['metrics.loss < 1', 'metrics.loss < 1'],
    ["tags.team LIKE 'a%'", "tags.team LIKE 'a%'"],
    ["attributes.status IN ('FAILED')", "attributes.status IN ('FAILED')"],
    ['whale', "attributes.run_name ILIKE '%whale%'"],
    ["it's", 'attributes.run_name ILIKE "%it\'s%"'],
    // No operator, though a word of one is in it.
    ['minimal', "attributes.run_name ILIKE '%minimal%'"],
  ])('%s is asked as %s', (text, clause) => {
    expect(filterClause(text)).toBe(clause);
  });

  it('with both kinds of quotes cannot be asked', () => {
    expect(() => filterClause(`it's "it"`)).toThrow(/both kinds of quotes/);
  });
});
