// `node --import` of this file lets a Node.js without type stripping of its own run the project's TypeScript.
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transformSync } from 'rolldown/utils';

if (isMainThread && !process.features.typescript) {
  globalThis.babelHelpers = { usingCtx };
  register(import.meta.url);
}

/** Module hook: drops the types of a `.ts` file, and turns `using` into what such a Node.js knows. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const { code, errors } = transformSync(path, readFileSync(path, 'utf8'), {
    lang: 'ts',
    sourceType: 'module',
    sourcemap: false,
    target: 'es2022',
    helpers: { mode: 'External' },
  });
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0].message}`);
  return { format: 'module', source: code, shortCircuit: true };
}

/** What the transformed code keeps its resources in: `u` and `a` take one, `e` holds what was thrown, `d` disposes. */
function usingCtx() {
  const disposals = [];
  const nothingThrown = {};
  let isAsync = false;
  const take = (value, dispose) => {
    if (value !== null && value !== undefined) disposals.unshift(() => dispose.call(value));
    return value;
  };
  return {
    e: nothingThrown,
    u: (value) => take(value, value?.[Symbol.dispose]),
    a(value) {
      isAsync = true;
      return take(value, value?.[Symbol.asyncDispose] ?? value?.[Symbol.dispose]);
    },
    d() {
      const end = () => {
        if (this.e !== nothingThrown) throw this.e;
      };
      if (isAsync) {
        return (async () => {
          while (disposals.length > 0) {
            try {
              await disposals.shift()();
            } catch (error) {
              this.e = error;
            }
          }
          end();
        })();
      }
      while (disposals.length > 0) {
        try {
          disposals.shift()();
        } catch (error) {
          this.e = error;
        }
      }
      end();
    },
  };
}
