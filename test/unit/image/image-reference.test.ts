import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { imageReference } from '../../../src/image/index.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const treeHash = 'fedcba9876543210';

describe('the name of an image', () => {
  it.each([
    [{ commit, treeHash: null, flavor: 'cpu' }, 'cells:0123456789ab'],
    [{ commit, treeHash, flavor: 'cpu' }, 'cells:0123456789ab-dirty-fedcba987654'],
    [{ commit: null, treeHash, flavor: 'cpu' }, 'cells:nogit-fedcba987654'],
    [{ commit, treeHash: null, flavor: 'gpu' }, 'cells:0123456789ab-gpu'],
  ] as const)('says which code it holds: %j', (parts, wanted) => {
    expect(imageReference({ repository: 'cells', ...parts })).toBe(wanted);
  });

  it('cannot be given to code that nothing names', () => {
    expect(() => imageReference({ repository: 'cells', commit: null, treeHash: null, flavor: 'cpu' })).toThrow(
      UsageError,
    );
  });
});
