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
    ['me:secret@tracking.example:5000', '"***@tracking.example:5000" lacks its scheme'],
    ['me:secret@tracking.example', '"***@tracking.example" lacks its scheme'],
    ['http://me:se/cret@host:5000', '"http://***@host:5000" is not a valid address'],
    ['http://me:1#x@host:5000', '"http://***@host:5000" has a login that cannot be read'],
    ['./me@work/mlruns', 'is a folder'],
    ['http://', 'not a valid address'],
    ['http://host:99999', 'not a valid address'],
    ['http://host:5000/#/experiments/3', 'address of a page'],
    ['', 'is empty'],
  ])('says what is wrong with %j', (uri, text) => {
    expect(() => parseTrackingUri(uri)).toThrow(UsageError);
    expect(() => parseTrackingUri(uri)).toThrow(text);
  });

  it('shows no password', () => {
    const uris = [
      'postgresql://me:secret@db/mlflow',
      'postgresql://me:very/secret@db/mlflow',
      'http://me:secret@host/#/x',
      'http://me:very#secret@host',
      'http://me:1?secret@host',
      'http://me:secret/x@host:5000',
      'ftp://me:secret@host',
      'me:secret@host:5000',
      'me:secret@host',
      'me_2:secret@host:5000/mlflow',
      'secret@host:5000',
    ];
    for (const uri of uris) {
      let shown = '';
      try {
        parseTrackingUri(uri);
      } catch (error) {
        shown = `${(error as UsageError).message} ${(error as UsageError).hint}`;
      }
      expect(shown, uri).toContain('The tracking URI');
      expect(shown, uri).not.toContain('secret');
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
