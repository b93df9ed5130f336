import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let stateHome: string | null = null;

/** What launches remember of this user's storages lies in a folder of this process: no other test's runs are meant. */
function ownStateHome(): string {
  if (stateHome !== null) return stateHome;
  const made = mkdtempSync(join(tmpdir(), 'slipway-test-state-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  stateHome = made;
  return made;
}

/**
 * The environment of a person who has set nothing: without the variables of Slipway, MLflow, make and npm that this
 * process may have inherited. `changes` are added; undefined removes a variable.
 */
export function plainEnvironment(changes: Readonly<Record<string, string | undefined>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(SLIPWAY_(?!TEST_)|MLFLOW_|MAKE|MFLAGS$|npm_|NODE_ENV$)/.test(name),
  );
  const changed = { ...Object.fromEntries(inherited), XDG_STATE_HOME: ownStateHome(), ...changes };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}
