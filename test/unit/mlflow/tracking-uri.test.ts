import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseTrackingUri } from '../../../src/mlflow/tracking-uri.ts';

describe('parseTrackingUri', () => {
  it('keeps the path prefix and takes the user info out', () => {
    expect(parseTrackingUri('https://me:p%40ss@host.example:8443/mlflow/')).toEqual({
      uri: 'https://host.example:8443/mlflow',
      username: 'me',
      password: 'p@ss',
    });
    expect(parseTrackingUri(' http://127.0.0.1:5000 ')).toEqual({
      uri: 'http://127.0.0.1:5000',
      username: null,
      password: null,
    });
  });

  it.each([
    ['file:///tmp/mlruns', 'is a folder'],
    ['./mlruns', 'is a folder'],
    ['/data/mlruns', 'is a folder'],
    ['sqlite:///mlflow.db', 'is a database'],
    ['postgresql+psycopg2://me:secret@db/mlflow', 'is a database'],
    ['databricks://profile', 'scheme "databricks", which is not supported'],
    ['localhost:5000', 'lacks its scheme'],
    ['tracking.example:5000/mlflow', 'lacks its scheme'],
    ['http://', 'not a valid address'],
    ['http://host:99999', 'not a valid address'],
    ['http://host:5000/#/experiments/3', 'address of a page'],
    ['', 'is empty'],
  ])('says what is wrong with %j', (uri, text) => {
    expect(() => parseTrackingUri(uri)).toThrow(UsageError);
    expect(() => parseTrackingUri(uri)).toThrow(text);
  });

  it('shows no password', () => {
    for (const uri of ['postgresql://me:secret@db/mlflow', 'http://me:secret@host/#/x', 'ftp://me:secret@host']) {
      expect(() => parseTrackingUri(uri)).toThrow(expect.not.stringContaining('secret'));
    }
  });

  it('says what to do', () => {
    try {
      parseTrackingUri('sqlite:///mlflow.db');
      expect.fail('should throw');
    } catch (error) {
      expect((error as UsageError).hint).toContain('mlflow server --backend-store-uri');
      expect((error as UsageError).exitCode).toBe(64);
    }
  });
});
