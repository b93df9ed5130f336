import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/util/yaml-file.ts';

describe('the place of a key', () => {
  const yaml = parseYaml('first: 1\nouter:\n  inner:\n    deep: x\n', 'a.yaml');

  it('is where the key stands, not its value', () => {
    expect(yaml.locateKey(['outer'])).toBe('line 2, column 1');
    expect(yaml.locateKey(['outer', 'inner'])).toBe('line 3, column 3');
    expect(yaml.locate(['outer', 'inner'])).toBe('line 4, column 5');
  });

  it('is that of the nearest value above it where there is no such key', () => {
    expect(yaml.locateKey(['outer', 'other'])).toBe('line 3, column 3');
    expect(yaml.locateKey([])).toBe('line 1, column 1');
  });
});
