import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { loadUndici } from '../../../src/http/undici.ts';

const require = createRequire(import.meta.url);

describe('loadUndici', () => {
  it('loads the parts without the main module', () => {
    const names: string[] = [];
    const parts = loadUndici((name) => {
      names.push(name);
      return require(name);
    });
    expect(names).not.toContain('undici');
    expect([typeof parts.Agent, typeof parts.request]).toEqual(['function', 'function']);
  });

  it('falls back to the main module where the parts lie elsewhere', () => {
    const parts = loadUndici((name) => {
      if (name !== 'undici') throw Object.assign(new Error('moved'), { code: 'MODULE_NOT_FOUND' });
      return require(name);
    });
    expect([typeof parts.Agent, typeof parts.request]).toEqual(['function', 'function']);
  });

  it('does not hide a defect of a part', () => {
    const load = () => {
      throw new SyntaxError('broken file');
    };
    expect(() => loadUndici(load)).toThrow('broken file');
  });
});
