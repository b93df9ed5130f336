import { describe, expect, it } from 'vitest';
import { isAlreadyThere, isMissingEndpoint, isNotFound, mlflowErrorOfReply } from '../../../src/mlflow/errors.ts';

const url = 'http://host/api/2.0/mlflow/runs/log-batch';

function errorOf(status: number, body: unknown, at = url) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return mlflowErrorOfReply({ method: 'POST', url: at, status, headers: {}, body: text, retryAfterMs: null });
}

describe('mlflowErrorOfReply', () => {
  it('tells method, address, status, code and text', () => {
    const error = errorOf(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=1 not found' });
    expect(error.message).toBe(`POST ${url} answered 404 RESOURCE_DOES_NOT_EXIST: Run with id=1 not found`);
    expect(error).toMatchObject({ method: 'POST', url, status: 404, errorCode: 'RESOURCE_DOES_NOT_EXIST' });
    expect(isNotFound(error)).toBe(true);
  });

  it('makes one line of a page of HTML', () => {
    const error = errorOf(500, '<!doctype html>\n<title>500 Internal Server Error</title><p>many words');
    expect(error.message).toBe(`POST ${url} answered 500: 500 Internal Server Error`);
    expect(error.errorCode).toBeNull();
  });

  it('reads what the artifact routes answer', () => {
    expect(errorOf(404, { detail: 'Not found' }).message).toContain('answered 404: Not found');
  });

  it.each([
    [429, 'slow down', true],
    [502, '<html>bad gateway</html>', true],
    [504, '', true],
    [503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'database' }, true],
    [503, 'Endpoint: x disabled due to the mlflow server running with `--no-serve-artifacts`', false],
    [500, { error_code: 'INTERNAL_ERROR', message: 'oops' }, false],
    [500, { error_code: 'FEATURE_DISABLED', message: 'workspaces' }, false],
    [500, '<html>malformed JSON</html>', false],
    [400, { error_code: 'BAD_REQUEST', message: '(sqlite3.OperationalError) database is locked' }, true],
    [400, { error_code: 'BAD_REQUEST', message: 'QueuePool limit of size 5 overflow 10 reached' }, true],
    [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'no' }, false],
    [401, 'You are not authenticated', false],
    [403, 'Permission denied', false],
    [413, 'too large', false],
    [501, { error_code: 'NOT_IMPLEMENTED', message: 'multipart' }, false],
  ])('knows whether a retry can help: %i %j', (status, body, isRetryable) => {
    expect(errorOf(status, body).isRetryable).toBe(isRetryable);
  });

  it('calls a plain 500 of the API unclear: worth a second try', () => {
    const internal = { error_code: 'INTERNAL_ERROR', message: 'oops' };
    const disabled = { error_code: 'FEATURE_DISABLED', message: 'workspaces' };
    const at = 'http://host/api/2.0/mlflow-artifacts/artifacts/1/x';
    const errors = [errorOf(500, '<html>'), errorOf(500, internal), errorOf(500, disabled), errorOf(500, internal, at)];
    expect(errors.map((error) => error.isUnclear)).toEqual([true, true, false, false]);
  });

  it('does not call a failure of the artifact service one that passes', () => {
    const at = 'http://host/api/2.0/mlflow-artifacts/artifacts/1/x';
    expect(errorOf(500, { error_code: 'INTERNAL_ERROR', message: 'no such file' }, at).isRetryable).toBe(false);
    expect(errorOf(503, '', at).isRetryable).toBe(true);
  });
});

describe('kinds of errors', () => {
  it('are told by code', () => {
    expect(isAlreadyThere(errorOf(400, { error_code: 'RESOURCE_ALREADY_EXISTS', message: '' }))).toBe(true);
    expect(isMissingEndpoint(errorOf(404, '<html>Not Found</html>'))).toBe(true);
    expect(isMissingEndpoint(errorOf(501, { error_code: 'NOT_IMPLEMENTED', message: '' }))).toBe(true);
    expect(isMissingEndpoint(errorOf(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: '' }))).toBe(false);
    expect([isNotFound(new Error('x')), isAlreadyThere(null), isMissingEndpoint(undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
